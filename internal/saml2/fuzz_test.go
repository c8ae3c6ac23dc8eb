package saml2_test

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"clave/internal/saml2"
	"clave/internal/xmlsig"

	"github.com/google/go-cmp/cmp"
)

// small are limits that keep fuzzing quick.
func small() xmlsig.Limits { return xmlsig.Limits{Bytes: 1 << 14, Depth: 16, Elements: 200} }

// all decodes whatever a message is, signed or not.
func all(in *saml2.Incoming, on saml2.Terms) (any, error) {
	switch in.Kind {
	case saml2.KindAuthnRequest:
		return in.AuthnRequest(on)
	case saml2.KindLogoutRequest:
		return in.LogoutRequest(on)
	case saml2.KindLogoutResponse:
		return in.LogoutResponse(on)
	}
	panic("a message of no kind")
}

// held checks that whoever changed a message has nothing of it: what is accepted as
// signed is what the service signed, and without a signature nothing panics.
func held(t *testing.T, in *saml2.Incoming, want map[string]any) {
	_ = in.Claims()
	anything := saml2.Terms{Unsigned: true, AnyIssuer: true, Now: noon, MaxAge: 1 << 62, MaxSkew: 1 << 62}
	got, err := all(in, anything)
	if (err == nil) == reflect.ValueOf(got).IsNil() {
		t.Fatalf("both or neither: %+v, %v", got, err)
	}
	got, err = all(in, terms(t))
	if err != nil {
		return
	}
	id := reflect.ValueOf(got).Elem().FieldByName("ID").String()
	reflect.ValueOf(got).Elem().FieldByName("Received").SetZero()
	if diff := cmp.Diff(got, want[id]); diff != "" {
		t.Errorf("accepted, and not what was signed (-got +want)\n%s", diff)
	}
}

// messages are what the service signs, by their IDs.
func messages() map[string]string {
	logout := `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_l1" Version="2.0" IssueInstant="2026-11-22T11:59:00Z" Destination="https://clave.example/saml/sso"><saml:Issuer>https://town.example/saml</saml:Issuer><saml:NameID>a</saml:NameID><samlp:SessionIndex>s</samlp:SessionIndex></samlp:LogoutRequest>`
	return map[string]string{"_r1": request, "_r2": strings.Replace(full, "_r1", "_r2", 1), "_l1": logout}
}

// wanted decodes what was signed, before anybody changes it.
func wanted(f *testing.F, in *saml2.Incoming, err error) any {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
	got, err := all(in, terms(f))
	if err != nil {
		f.Fatal(err)
	}
	reflect.ValueOf(got).Elem().FieldByName("Received").SetZero()
	return got
}

func FuzzReadPost(f *testing.F) {
	want := map[string]any{}
	for id, text := range messages() {
		text = signedText(f, text, signer(f, "service_rsa"))
		in, err := saml2.ReadPost(post(text), saml2.MessageLimits(), saml2.FieldRequest)
		want[id] = wanted(f, in, err)
		f.Add(text)
	}
	f.Add(logoutText(f))
	f.Fuzz(func(t *testing.T, text string) {
		for _, field := range []string{saml2.FieldRequest, saml2.FieldResponse} {
			in, err := saml2.ReadPost(url.Values{field: {base64.StdEncoding.EncodeToString([]byte(text))}}, small(), field)
			if err == nil {
				held(t, in, want)
			}
		}
	})
}

func FuzzReadRedirect(f *testing.F) {
	want := map[string]any{}
	for id, text := range messages() {
		query := redirect(f, text, "state", signer(f, "service_rsa"))
		in, err := saml2.ReadRedirect(query, saml2.MessageLimits(), saml2.FieldRequest)
		want[id] = wanted(f, in, err)
		f.Add(query)
		f.Add(redirect(f, text, "", nil))
	}
	f.Fuzz(func(t *testing.T, query string) {
		in, err := saml2.ReadRedirect(query, small(), saml2.FieldRequest)
		if err == nil {
			held(t, in, want)
		}
	})
}

func FuzzReadMetadata(f *testing.F) {
	f.Add(metadataWith(descriptor("", certificate(f, "service_rsa").Raw, "")))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := saml2.ReadMetadata([]byte(text), small(), saml2.MetadataTerms{Now: noon})
		if (err == nil) != (s != nil) {
			t.Fatalf("both or neither: %+v, %v", s, err)
		}
		if s == nil {
			return
		}
		if at, ok := s.Answer(saml2.ACS{}); !ok || !strings.HasPrefix(at.Location, "https://") {
			t.Errorf("got %+v", at)
		}
	})
}

// logoutText is an answer that we write.
func logoutText(t testing.TB) string {
	t.Helper()
	data, err := logoutResponse().Write(saml2.Prefixes{}, signer(t, "idp_rsa"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
