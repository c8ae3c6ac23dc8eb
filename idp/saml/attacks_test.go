package saml_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"clave/broker/registry"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

func TestNothingIsSentToAnAddressThatIsNotRegistered(t *testing.T) {
	t.Parallel()
	seven := 7
	for _, test := range []struct {
		name string
		wish saml2.ACS
	}{
		{"another site", saml2.ACS{URL: "https://evil.example/acs"}},
		{"another path", saml2.ACS{URL: acs + "/"}},
		{"another case", saml2.ACS{URL: strings.ToUpper(acs)}},
		{"a query behind it", saml2.ACS{URL: acs + "?x=1"}},
		{"plain http", saml2.ACS{URL: strings.Replace(acs, "https", "http", 1)}},
		{"an unknown number", saml2.ACS{Index: &seven}},
		{"another binding", saml2.ACS{URL: acs, Binding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			wish := func(r *saml2.AuthnRequest) { r.ACS = test.wish }
			w.wantMistake(w.redirect(w.request(wish), townSigner()), "unregistered_acs")
			w.wantMistake(w.post(w.request(wish), townSigner()), "unregistered_acs")
		})
	}
}

func TestARefusedRequestGoesToTheRegisteredAddressAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	late := func(r *saml2.AuthnRequest) {
		r.IssueInstant, r.ACS = w.clock.Now().Add(-time.Hour), saml2.ACS{URL: "https://evil.example/acs"}
	}
	w.wantMistake(w.redirect(w.request(late), townSigner()), "unregistered_acs")
}

func TestWhoAsksHasToSign(t *testing.T) {
	t.Parallel()
	stranger := signerOf(shared().other)
	for _, test := range []struct {
		name   string
		signer *xmlsig.Signer
		want   string
	}{
		{"nobody signed", nil, "unsigned_request"},
		{"a stranger signed, and sends the certificate along", stranger, "wrong_signature"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.wantMistake(w.redirect(w.request(), test.signer), test.want)
			w.wantMistake(w.post(w.request(), test.signer), test.want)
		})
	}
}

func TestASignedQueryCannotBeChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.address(w.request(), townSigner())
	for name, change := range map[string]func(string) string{
		"another state":     func(s string) string { return strings.Replace(s, "RelayState=state-1", "RelayState=state-2", 1) },
		"no state":          func(s string) string { return strings.Replace(s, "&RelayState=state-1", "", 1) },
		"another algorithm": func(s string) string { return strings.Replace(s, "rsa-sha256", "rsa-sha1", 1) },
		"no algorithm":      func(s string) string { return s[:strings.Index(s, "&SigAlg=")] + s[strings.Index(s, "&Signature="):] },
	} {
		if changed := change(good); changed == good {
			t.Errorf("%s: nothing was changed in %s", name, good)
		} else {
			w.wantMistake(w.get(changed), "wrong_signature")
		}
	}
	bare := good[:strings.Index(good, "&SigAlg=")]
	w.wantMistake(w.get(bare), "unsigned_request")
}

func TestARequestIsTakenOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.request()
	if got := w.redirect(r, townSigner()); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("answered %d", got.StatusCode)
	}
	w.broker.opened = nil
	w.wantMistake(w.redirect(r, townSigner()), "used_request")
	w.wantMistake(w.post(r, townSigner()), "used_request")
	refused := w.request(func(r *saml2.AuthnRequest) {
		r.NameIDPolicy.Format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	})
	w.wantRefusal(w.redirect(refused, townSigner()), "Requester", "InvalidNameIDPolicy")
	w.wantMistake(w.redirect(refused, townSigner()), "used_request")
}

func TestAReplayIsNotTakenWhenItsMemoryIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.request()
	w.redirect(r, townSigner())
	w.clock.Pass(5*time.Minute + time.Second)
	w.wantRefusal(w.redirect(r, townSigner()), "Requester", "RequestDenied")
}

func TestWhatIsProvenAndNotTakenIsToldToTheService(t *testing.T) {
	t.Parallel()
	index := 9
	for _, test := range []struct {
		name        string
		change      func(w *world, r *saml2.AuthnRequest)
		top, second string
	}{
		{"sent to another place", func(_ *world, r *saml2.AuthnRequest) { r.Destination = "https://other.example/sso" }, "Requester", "RequestDenied"},
		{"too old", func(w *world, r *saml2.AuthnRequest) { r.IssueInstant = w.clock.Now().Add(-6 * time.Minute) }, "Requester", "RequestDenied"},
		{"of the future", func(w *world, r *saml2.AuthnRequest) { r.IssueInstant = w.clock.Now().Add(2 * time.Minute) }, "Requester", "RequestDenied"},
		{"an e-mail address as the name", func(_ *world, r *saml2.AuthnRequest) {
			r.NameIDPolicy.Format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
		}, "Requester", "InvalidNameIDPolicy"},
		{"the name of a citizen at another service", func(_ *world, r *saml2.AuthnRequest) {
			r.NameIDPolicy = saml2.NameIDPolicy{Format: saml2.FormatPersistent, SPNameQualifier: "https://other.example"}
		}, "Requester", "InvalidNameIDPolicy"},
		{"unknown classes alone", func(_ *world, r *saml2.AuthnRequest) {
			r.Context = saml2.RequestedContext{Comparison: saml2.Exact, Classes: []string{"urn:example:own"}}
		}, "Requester", "NoAuthnContext"},
		{"better than high", func(_ *world, r *saml2.AuthnRequest) {
			r.Context = saml2.RequestedContext{Comparison: saml2.Better, Classes: []string{"http://eidas.europa.eu/LoA/high"}}
		}, "Requester", "NoAuthnContext"},
		{"another identity provider", func(_ *world, r *saml2.AuthnRequest) {
			r.Scoping = &saml2.Scoping{IDPs: []string{"https://other.example/idp"}}
		}, "Responder", "NoSupportedIDP"},
		{"an unknown list of attributes", func(_ *world, r *saml2.AuthnRequest) { r.AttributeService = &index }, "Requester", "InvalidAttrNameOrValue"},
		{"an attribute that is needed and not had", func(_ *world, r *saml2.AuthnRequest) {
			r.Extensions.Attributes = []saml2.RequestedAttribute{{Name: "urn:example:salary", NameFormat: saml2.AttributeURI, Required: true}}
		}, "Requester", "InvalidAttrNameOrValue"},
		{"an assertion that another service takes too", func(_ *world, r *saml2.AuthnRequest) { r.Audiences = []string{service, "https://evil.example"} }, "Requester", "RequestUnsupported"},
		{"somebody by an e-mail address", func(_ *world, r *saml2.AuthnRequest) {
			r.Subject = &saml2.NameID{Value: "ana@example.org", Format: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"}
		}, "Requester", "UnknownPrincipal"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			change := func(r *saml2.AuthnRequest) { test.change(w, r) }
			r := w.request(change)
			if s := w.wantRefusal(w.redirect(r, townSigner()), test.top, test.second); s.RelayState != "state-1" || s.at("@InResponseTo") != r.ID {
				t.Errorf("state %q, in response to %q", s.RelayState, s.at("@InResponseTo"))
			}
			w.wantRefusal(w.post(w.request(change), townSigner()), test.top, test.second)
			if len(w.broker.opened) != 0 {
				t.Error("a login was opened")
			}
		})
	}
}

func TestAMaximumBelowTheRegisteredMinimumIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(metadata(""), func(p *registry.RelyingParty) { p.MinimumLevel = 2 }))
	w.wantRefusal(w.redirect(w.request(func(r *saml2.AuthnRequest) {
		r.Context = saml2.RequestedContext{Comparison: saml2.Maximum, Classes: []string{"http://eidas.europa.eu/LoA/low"}}
	}), townSigner()), "Requester", "NoAuthnContext")
}

func TestAnUnsignedRequestIsAnsweredAtTheFixedAddressAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(metadata(""), unsignedTaken))
	w.wantMistake(w.redirect(w.request(func(r *saml2.AuthnRequest) { r.ACS = saml2.ACS{URL: second} }), nil), "unregistered_acs")
	w.wantMistake(w.redirect(w.request(func(r *saml2.AuthnRequest) {
		r.ACS, r.IssueInstant = saml2.ACS{URL: second}, w.clock.Now().Add(-time.Hour)
	}), nil), "unregistered_acs")
	w.wantMistake(w.redirect(w.request(), signerOf(shared().other)), "wrong_signature")
	w.redirect(w.request(), nil)
	if s := w.finish(w.opened()); s.Target != acs {
		t.Errorf("it goes to %s", s.Target)
	}
}

// Anybody can write requests without a signature, as many as they like.
func TestUnsignedRequestsWriteNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(metadata(""), unsignedTaken))
	r := w.request()
	for range 2 {
		if got := w.redirect(r, nil); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("answered %d", got.StatusCode)
		}
	}
	if n := len(w.once.Spent()); n != 0 {
		t.Errorf("%d requests of nobody are remembered", n)
	}
	w.redirect(r, townSigner())
	w.broker.opened = nil
	w.wantMistake(w.redirect(r, townSigner()), "used_request") // one that is signed is the service's own
}

func TestMessagesThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.address(w.request(), townSigner())
	message, err := w.request().Write(saml2.Prefixes{}, townSigner())
	if err != nil {
		t.Fatal(err)
	}
	value := saml2.PostValue(message)
	form := url.Values{saml2.FieldRequest: {value}}
	for name, got := range map[string]*http.Response{
		"nothing":                w.get(sso),
		"no XML":                 w.get(sso + "?SAMLRequest=xxxx"),
		"two messages":           w.get(good + "&SAMLRequest=xxxx"),
		"a form of nothing":      w.postForm(url.Values{}, sso),
		"two messages in a form": w.postForm(url.Values{saml2.FieldRequest: {value, value}}, sso),
		"a form with a query":    w.postForm(form, sso+"?RelayState=x"),
		"a document type":        w.postForm(url.Values{saml2.FieldRequest: {saml2.PostValue([]byte("<!DOCTYPE a [<!ENTITY b 'c'>]>" + string(message)))}}, sso),
	} {
		t.Log(name)
		w.wantMistake(got, "unreadable_request")
	}
	changed := strings.Replace(string(message), "https://town.example/saml/acs", "https://town.example/saml/second", 1)
	w.wantMistake(w.postForm(url.Values{saml2.FieldRequest: {saml2.PostValue([]byte(changed))}}, sso), "wrong_signature")
	logout, err := saml2.LogoutRequest{
		Header: saml2.Header{ID: saml2.NewID(), Issuer: service, Destination: sso, IssueInstant: w.clock.Now()}, NameID: saml2.NameID{Value: "pairwise-1"},
	}.Write(saml2.Prefixes{}, townSigner())
	if err != nil {
		t.Fatal(err)
	}
	w.wantMistake(w.postForm(url.Values{saml2.FieldRequest: {saml2.PostValue(logout)}}, sso), "no_authn_request")
}

func TestServicesThatAreNotRegistered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.wantMistake(w.redirect(w.request(func(r *saml2.AuthnRequest) { r.Issuer = "https://evil.example/saml" }), townSigner()), "unknown_issuer")
	w.wantMistake(w.redirect(w.request(func(r *saml2.AuthnRequest) { r.Issuer = "" }), townSigner()), "missing_issuer")
	old := strings.Replace(metadata(""), "entityID=", `validUntil="2026-11-21T12:00:00Z" entityID=`, 1)
	w.register(town(old))
	w.wantMistake(w.redirect(w.request(), townSigner()), "unusable_metadata")
}

func TestAServiceThatIsRemovedMeanwhileGetsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.redirect(w.request(), townSigner())
	req := w.opened()
	w.register(town(strings.ReplaceAll(metadata(""), acs+`"`, acs+`-new"`)))
	if got := w.refused(req, "cancelled"); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("an address that is no longer registered: answered %d", got.StatusCode)
	}
	w.register()
	if got := w.refused(req, "cancelled"); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("a service that is no longer registered: answered %d", got.StatusCode)
	}
}

func TestLongStatesAreEchoedOrRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	message, err := w.request().Write(saml2.Prefixes{}, townSigner())
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{saml2.FieldRequest: {saml2.PostValue(message)}, saml2.FieldRelayState: {strings.Repeat("é", 1025)}}
	w.wantMistake(w.postForm(form, sso), "unreadable_request")
	if message, err = w.request().Write(saml2.Prefixes{}, townSigner()); err != nil {
		t.Fatal(err)
	}
	markup := strings.Repeat(`"><script>`, 200)
	form = url.Values{saml2.FieldRequest: {saml2.PostValue(message)}, saml2.FieldRelayState: {markup}}
	w.get(issuer + w.postForm(form, sso).Header.Get("Location"))
	if s := w.finish(w.opened()); s.RelayState != markup {
		t.Errorf("echoed as %q", s.RelayState)
	}
}
