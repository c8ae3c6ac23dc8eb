package saml_test

import (
	"io"
	"strings"
	"testing"

	"clave/broker/registry"
	"clave/internal/saml2"
)

// interfaced is what a service calls itself in metadata.
const interfaced = `<md:Extensions><mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"><mdui:DisplayName xml:lang="es">Sede</mdui:DisplayName>` +
	`<mdui:DisplayName xml:lang="en">Online office</mdui:DisplayName></mdui:UIInfo></md:Extensions>`

func withInterface() string {
	text := metadata("")
	at := strings.Index(text, "<md:KeyDescriptor")
	return text[:at] + interfaced + text[at:]
}

func TestWhatPagesCallAService(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, metadata, provider string
		unsigned                 bool
		es, en, eu               string
	}{
		{"its relying party alone", metadata(""), "", false, "Ayuntamiento de Ejemplo", "Ayuntamiento de Ejemplo", "Ayuntamiento de Ejemplo"},
		{"its metadata", withInterface(), "", false, "Sede (Ayuntamiento de Ejemplo)", "Online office (Ayuntamiento de Ejemplo)", "Sede (Ayuntamiento de Ejemplo)"},
		{"its request", metadata(""), "Padrón", false, "Padrón (Ayuntamiento de Ejemplo)", "Padrón (Ayuntamiento de Ejemplo)", "Padrón (Ayuntamiento de Ejemplo)"},
		{"metadata before the request", withInterface(), "Padrón", false, "Sede (Ayuntamiento de Ejemplo)", "Online office (Ayuntamiento de Ejemplo)", "Sede (Ayuntamiento de Ejemplo)"},
		{"the same in both", metadata(""), "Ayuntamiento de Ejemplo", false, "Ayuntamiento de Ejemplo", "Ayuntamiento de Ejemplo", "Ayuntamiento de Ejemplo"},
		{"a request that anybody can write", metadata(""), "Your bank", true, "Ayuntamiento de Ejemplo", "Ayuntamiento de Ejemplo", "Ayuntamiento de Ejemplo"},
		{"a name too long", metadata(""), strings.Repeat("a", 101), false, "Ayuntamiento de Ejemplo", "Ayuntamiento de Ejemplo", "Ayuntamiento de Ejemplo"},
		{"a name that turns the line round", metadata(""), "a\u202eb", false, "Ayuntamiento de Ejemplo", "Ayuntamiento de Ejemplo", "Ayuntamiento de Ejemplo"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			signer := townSigner()
			change := func(*registry.RelyingParty) {}
			if test.unsigned {
				signer, change = nil, unsignedTaken
			}
			w.register(town(test.metadata, change))
			w.redirect(w.request(func(r *saml2.AuthnRequest) { r.ProviderName = test.provider }), signer)
			names := w.front.ServiceName(w.opened())
			if names.In("es") != test.es || names.In("en") != test.en || names.In("eu") != test.eu {
				t.Errorf("got %v", names)
			}
		})
	}
}

func TestTheNameOfARequestIsNoMarkup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.redirect(w.request(func(r *saml2.AuthnRequest) {
		r.ProviderName, r.NameIDPolicy.Format = `"><script>alert(1)</script>`, "urn:example:unknown"
	}), townSigner())
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), "<script>alert") {
		t.Errorf("got %s", body)
	}
}

func TestAServiceThatIsGoneHasNoName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.redirect(w.request(), townSigner())
	w.register()
	if names := w.front.ServiceName(w.opened()); names != nil {
		t.Errorf("got %v", names)
	}
}

func TestHintsCountInTheSandboxAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(metadata(""), func(p *registry.RelyingParty) { p.SAML[0].LoginHint = "test:00000000T" }))
	w.get(w.address(w.request(), townSigner()) + "&login_hint=test:12345678Z")
	if hint := w.opened().Hint; hint != "" {
		t.Errorf("the broker got the hint %q", hint)
	}
	w.broker.opened, w.front.Sandbox = nil, true
	w.get(w.address(w.request(), townSigner()) + "&login_hint=test:12345678Z")
	if hint := w.opened().Hint; hint != "test:12345678Z" {
		t.Errorf("the broker got the hint %q", hint)
	}
	w.broker.opened = nil
	w.redirect(w.request(), townSigner())
	if hint := w.opened().Hint; hint != "test:00000000T" {
		t.Errorf("of the registration the broker got %q", hint)
	}
}
