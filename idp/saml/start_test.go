package saml_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"clave/broker"
	"clave/broker/registry"
	"clave/internal/saml2"
)

func startable(p *registry.RelyingParty) { p.SAML[0].IdPInitiated = true }

func startAt(more string) string {
	return issuer + "/saml/start?service=" + url.QueryEscape(service) + more
}

func TestALoginMayBeginHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(metadata(""), startable))
	if got := w.get(startAt("")); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("answered %d", got.StatusCode)
	}
	req := w.opened()
	if !req.Ask || req.Passive || req.RelyingParty != "town" {
		t.Errorf("the broker got %+v", req)
	}
	text := string(w.posted(w.answered(req)))
	if strings.Contains(text, "InResponseTo") || !strings.Contains(text, `Destination="`+acs+`"`) || !strings.Contains(text, "<saml:NameID") {
		t.Errorf("got %s", text)
	}
}

func TestWhoWritesTheLinkChoosesTheServiceAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(metadata(""), startable))
	evil := "&RelayState=https%3A%2F%2Fevil.example&AssertionConsumerServiceURL=https%3A%2F%2Fevil.example&acs=" + url.QueryEscape(second) + "&SAMLRequest=x&login_hint=test:12345678Z&IsPassive=true"
	w.get(startAt(evil))
	req := w.opened()
	if req.Hint != "" || req.Passive || !req.Ask {
		t.Errorf("the broker got %+v", req)
	}
	if s := w.finish(req); s.Target != acs || s.RelayState != "" {
		t.Errorf("it goes to %s with %q", s.Target, s.RelayState)
	}
}

func TestLoginsBeginHereForRegisteredServicesAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		address string
		party   *registry.RelyingParty
		code    string
	}{
		"not registered for it": {startAt(""), town(metadata("")), "no_start_here"},
		"not registered":        {issuer + "/saml/start?service=https%3A%2F%2Fevil.example", town(metadata(""), startable), "no_start_here"},
		"no service":            {issuer + "/saml/start", town(metadata(""), startable), "no_start_here"},
		"two services":          {startAt("&service=x"), town(metadata(""), startable), "no_start_here"},
		"a broken query":        {startAt("&%zz"), town(metadata(""), startable), "no_start_here"},
		"metadata of the past": {startAt(""), town(strings.Replace(metadata(""), "entityID=", `validUntil="2026-11-21T12:00:00Z" entityID=`, 1), startable),
			"unusable_metadata"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(test.party)
			got := w.get(test.address)
			body, err := io.ReadAll(got.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), `<span class="code">`+test.code+`</span>`) || strings.Contains(string(body), saml2.FieldResponse) {
				t.Errorf("answered %d: %s", got.StatusCode, body)
			}
			if len(w.broker.opened) != 0 {
				t.Error("a login was opened")
			}
		})
	}
}

func TestNobodyHearsOfALoginThatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(metadata(""), startable))
	w.get(startAt(""))
	got := w.refused(w.opened(), broker.Cancelled)
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(body), `href="https://town.example/"`) || strings.Contains(string(body), saml2.FieldResponse) {
		t.Errorf("answered %d: %s", got.StatusCode, body)
	}
	w.register()
	if got := w.refused(w.opened(), broker.Cancelled); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("of a service that is gone: answered %d", got.StatusCode)
	}
}
