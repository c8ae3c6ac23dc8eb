package saml2_test

import (
	"crypto"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"clave/internal/saml2"
	"clave/internal/xmlsig"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// fromUs are the terms on which a service takes what we write.
func fromUs(t testing.TB) saml2.Terms {
	t.Helper()
	on := terms(t)
	on.Keys = []crypto.PublicKey{key(t, "idp_rsa").Public()}
	on.Issuer, on.Destinations = idp, []string{"https://town.example/slo"}
	return on
}

func logoutRequest() saml2.LogoutRequest {
	return saml2.LogoutRequest{
		Header:       saml2.Header{ID: "_l1", Issuer: idp, Destination: "https://town.example/slo", IssueInstant: noon},
		NotOnOrAfter: noon.Add(5 * time.Minute), Reason: "urn:oasis:names:tc:SAML:2.0:logout:user",
		NameID:         saml2.NameID{Value: "AbC-1", Format: saml2.FormatPersistent, NameQualifier: idp, SPNameQualifier: service},
		SessionIndexes: []string{"_x1", "_x2"},
	}
}

func logoutResponse() saml2.LogoutResponse {
	return saml2.LogoutResponse{
		Header:       saml2.Header{ID: "_l2", Issuer: idp, Destination: "https://town.example/slo", IssueInstant: noon},
		InResponseTo: "_l1", Status: saml2.Status{Code: saml2.StatusSuccess, Second: saml2.StatusPartialLogout, Message: "One service did not answer."},
	}
}

// arrived is a message as it comes by each binding.
func arrived(t testing.TB, field string, write func(saml2.Prefixes, *xmlsig.Signer) ([]byte, error)) map[string]*saml2.Incoming {
	t.Helper()
	s := signer(t, "idp_rsa")
	inside, err := write(saml2.Prefixes{}, s)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := write(saml2.DialectPrefixes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	posted, err := saml2.ReadPost(url.Values{field: {saml2.PostValue(inside)}}, saml2.MessageLimits(), field)
	if err != nil {
		t.Fatal(err)
	}
	at, err := saml2.RedirectURL("https://town.example/slo?tenant=1", field, plain, "s", s)
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(at, "?")
	redirected, err := saml2.ReadRedirect(query, saml2.MessageLimits(), field)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*saml2.Incoming{"HTTP-POST": posted, "HTTP-Redirect": redirected}
}

// What we write, we read.
func TestLogoutsThereAndBack(t *testing.T) {
	t.Parallel()
	ignored := cmpopts.IgnoreTypes(saml2.Received{})
	for binding, in := range arrived(t, saml2.FieldRequest, logoutRequest().Write) {
		got, err := in.LogoutRequest(fromUs(t))
		if err != nil {
			t.Fatalf("%s: %v", binding, err)
		}
		if diff := cmp.Diff(*got, logoutRequest(), ignored); diff != "" || !got.Signed {
			t.Errorf("%s (-got +want)\n%s", binding, diff)
		}
		if _, err := in.AuthnRequest(fromUs(t)); !errors.Is(err, saml2.ErrMalformed) {
			t.Errorf("%s, taken for a login: got %v", binding, err)
		}
	}
	for binding, in := range arrived(t, saml2.FieldResponse, logoutResponse().Write) {
		got, err := in.LogoutResponse(fromUs(t))
		if err != nil {
			t.Fatalf("%s: %v", binding, err)
		}
		if diff := cmp.Diff(*got, logoutResponse(), ignored); diff != "" || !got.Signed {
			t.Errorf("%s (-got +want)\n%s", binding, diff)
		}
	}
}

func TestLogoutsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	data, err := logoutRequest().Write(saml2.Prefixes{}, signer(t, "idp_rsa"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "logout_request.xml", data)
	r := logoutResponse()
	r.Issuer = "Cl@ve"
	if data, err = r.Write(saml2.DialectPrefixes(), dialectSigner(t)); err != nil {
		t.Fatal(err)
	}
	golden(t, "logout_response_dialect.xml", data)
}

// Services of Cl@ve 2 use fields of their own.
func TestLogoutsOfTheDialect(t *testing.T) {
	t.Parallel()
	text := `<saml2p:LogoutRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_l1" Version="2.0" IssueInstant="2026-11-22T11:59:00" Destination="https://clave.example/saml/sso"><saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">https://town.example/back</saml2:Issuer><saml2:NameID xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">P2807900B_L01280796;Town</saml2:NameID></saml2p:LogoutRequest>`
	form := url.Values{saml2.FieldLogoutRequest: {base64.StdEncoding.EncodeToString([]byte(signedText(t, text, signer(t, "service_rsa"))))}}
	in, err := saml2.ReadPost(form, saml2.MessageLimits(), saml2.FieldRequest, saml2.FieldLogoutRequest)
	if err != nil {
		t.Fatal(err)
	}
	on := terms(t)
	on.Issuer, on.AnyIssuer, on.Zone = "", true, time.UTC
	r, err := in.LogoutRequest(on)
	if err != nil {
		t.Fatal(err)
	}
	if in.Field != saml2.FieldLogoutRequest || r.Issuer != "https://town.example/back" || r.NameID.Value != "P2807900B_L01280796;Town" {
		t.Errorf("got %s, %+v", in.Field, r)
	}
}

func TestLogoutsThatAreSignedAndWrong(t *testing.T) {
	t.Parallel()
	const name = `<saml:NameID>a</saml:NameID>`
	const status = `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>`
	message := func(kind, more, inside string) string {
		return `<samlp:` + kind + ` xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_l1" Version="2.0" IssueInstant="2026-11-22T11:59:00Z" Destination="https://clave.example/saml/sso" ` + more + `><saml:Issuer>https://town.example/saml</saml:Issuer>` + inside + `</samlp:` + kind + `>`
	}
	tests := []struct {
		name, text string
		want       error
	}{
		{"a logout", message("LogoutRequest", "", name), nil},
		{"a logout of nobody", message("LogoutRequest", "", ""), saml2.ErrInvalid},
		{"a logout of two", message("LogoutRequest", "", name+name), saml2.ErrInvalid},
		{"a logout of an empty name", message("LogoutRequest", "", "<saml:NameID/>"), saml2.ErrInvalid},
		{"a logout of an encrypted name", message("LogoutRequest", "", "<saml:EncryptedID/>"), saml2.ErrUnsupported},
		{"a logout that is over", message("LogoutRequest", `NotOnOrAfter="2026-11-22T11:58:59Z"`, name), saml2.ErrExpired},
		{"a logout with an end that is none", message("LogoutRequest", `NotOnOrAfter="soon"`, name), saml2.ErrInvalid},
		{"an empty session", message("LogoutRequest", "", name+"<samlp:SessionIndex/>"), saml2.ErrInvalid},
		{"an answer", message("LogoutResponse", `InResponseTo="_x"`, status), nil},
		{"an answer to nothing", message("LogoutResponse", "", status), saml2.ErrInvalid},
		{"an answer without a status", message("LogoutResponse", `InResponseTo="_x"`, ""), saml2.ErrInvalid},
		{"an answer without a code", message("LogoutResponse", `InResponseTo="_x"`, "<samlp:Status/>"), saml2.ErrInvalid},
		{"an answer with two statuses", message("LogoutResponse", `InResponseTo="_x"`, status+status), saml2.ErrInvalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			field := saml2.FieldRequest
			if strings.Contains(test.text, "LogoutResponse") {
				field = saml2.FieldResponse
			}
			data := []byte(signedText(t, test.text, signer(t, "service_rsa")))
			in, err := saml2.ReadPost(url.Values{field: {saml2.PostValue(data)}}, saml2.MessageLimits(), field)
			if err != nil {
				t.Fatal(err)
			}
			if field == saml2.FieldRequest {
				_, err = in.LogoutRequest(terms(t))
			} else {
				_, err = in.LogoutResponse(terms(t))
			}
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	// A response under the name of a request is none.
	data := []byte(message("LogoutResponse", `InResponseTo="_x"`, status))
	if _, err := saml2.ReadPost(url.Values{saml2.FieldRequest: {saml2.PostValue(data)}}, saml2.MessageLimits(), saml2.FieldRequest); !errors.Is(err, saml2.ErrMalformed) {
		t.Errorf("got %v", err)
	}
}
