package saml_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clave/broker/logout"
	"clave/internal/saml2"
)

var (
	signatureIn = regexp.MustCompile(`(?s)<ds:Signature .*</ds:Signature>`)
	rootOf      = regexp.MustCompile(`^<samlp:\w+`)
	idIn        = regexp.MustCompile(` ID="([^"]+)"`)
)

// wrapped are the ways to bring what is signed along and have something else read.
func wrapped(t *testing.T, m writes, change ...string) map[string]string {
	t.Helper()
	message, err := m.Write(saml2.Prefixes{}, townSigner())
	if err != nil {
		t.Fatal(err)
	}
	good := string(message)
	signature, end := signatureIn.FindString(good), "</"+strings.TrimPrefix(rootOf.FindString(good), "<")+">"
	original, id := strings.Replace(good, signature, "", 1), idIn.FindStringSubmatch(good)[1]
	evil := strings.NewReplacer(append(change, id, "_evil")...).Replace(original)
	if evil == strings.Replace(original, id, "_evil", 1) {
		t.Fatal("nothing was changed")
	}
	const issuerEnd = "</saml:Issuer>"
	behindIssuer := func(message, add string) string {
		return strings.Replace(message, issuerEnd, issuerEnd+add, 1)
	}
	extensions := func(inner string) string { return "<samlp:Extensions>" + inner + "</samlp:Extensions>" }
	object := strings.Replace(signature, "</ds:Signature>", "<ds:Object>"+original+"</ds:Object></ds:Signature>", 1)
	return map[string]string{
		"the signature moved, what it signs at the end":            strings.Replace(behindIssuer(evil, signature), end, original+end, 1),
		"the signature moved, what it signs in extensions":         behindIssuer(evil, signature+extensions(original)),
		"what is signed in the signature":                          behindIssuer(evil, object),
		"all of the good one at the end":                           strings.Replace(evil, end, good+end, 1),
		"all of the good one in extensions":                        behindIssuer(evil, extensions(good)),
		"the same ID twice":                                        strings.Replace(behindIssuer(evil, signature+extensions(original)), "_evil", id, 1),
		"the signature of the good one, and nothing else":          behindIssuer(evil, signature),
		"the signature of the good one, by the ID of the good one": strings.Replace(behindIssuer(evil, signature), "_evil", id, 1),
		"the good one behind it":                                   evil + good,
		"the good one before it":                                   good + evil,
		"the good one as the root, the other in extensions":        behindIssuer(good, extensions(evil)),
	}
}

func TestSignaturesOfRequestsAreNotWrapped(t *testing.T) {
	t.Parallel()
	for name, unsigned := range map[string]bool{"a service that signs": false, "a service that need not": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if unsigned {
				w.register(town(metadata(""), unsignedTaken))
			}
			r := w.request(func(r *saml2.AuthnRequest) { r.ACS = saml2.ACS{URL: acs} })
			for name, message := range wrapped(t, r, acs, second) {
				got := w.postForm(url.Values{saml2.FieldRequest: {saml2.PostValue([]byte(message))}}, issuer+"/saml/sso")
				if got.StatusCode != http.StatusBadRequest || len(w.broker.opened) != 0 {
					t.Errorf("%s: answered %d", name, got.StatusCode)
				}
			}
		})
	}
}

func TestSignaturesAboutLogoutsAreNotWrapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingPost))
	leaves := w.goodbye(g, func(r *saml2.LogoutRequest) { r.NameID.Value = "the attacker" })
	for name, message := range wrapped(t, leaves, "the attacker", g.name.Value) {
		got := w.postForm(url.Values{saml2.FieldRequest: {saml2.PostValue([]byte(message))}}, issuer+"/saml/slo")
		if got.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: answered %d", name, got.StatusCode)
		}
	}
	w.nothingEnds()

	_, asked := w.news(w.tell("logout", w.seats.all[0]))
	answer := saml2.LogoutResponse{
		Header:       saml2.Header{ID: saml2.NewID(), Issuer: service, Destination: issuer + "/saml/slo", IssueInstant: w.clock.Now()},
		InResponseTo: asked.ID, Status: saml2.Status{Code: saml2.StatusResponder},
	}
	for name, message := range wrapped(t, answer, saml2.StatusResponder, saml2.StatusSuccess) {
		w.logouts.told = nil
		w.postForm(url.Values{saml2.FieldResponse: {saml2.PostValue([]byte(message))}}, issuer+"/saml/slo")
		for _, told := range w.logouts.told {
			if told.result == logout.Confirmed {
				t.Errorf("%s: it counts as a confirmation", name)
			}
		}
	}
}
