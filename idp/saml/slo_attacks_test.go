package saml_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"clave/broker/logout"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

func TestNobodyLogsPeopleOutWithoutTheServicesKey(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		signer *xmlsig.Signer
		want   string
	}{
		{"nobody signed", nil, "unsigned_request"},
		{"another service signed, and sends its certificate along", signerOf(shared().other), "wrong_signature"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, binding := range bindings() {
				w := newWorld(t)
				g := w.loggedIn(sloService(saml2.BindingRedirect))
				w.wantMistake(w.partBy(binding, w.goodbye(g), test.signer), test.want)
				// It may send logins without a signature, and no logouts.
				w.register(town(ordered(sloService(saml2.BindingRedirect)), unsignedTaken))
				w.wantMistake(w.partBy(binding, w.goodbye(g), test.signer), test.want)
				w.nothingEnds()
			}
		})
	}
}

func TestARequestOfAServiceCountsForItAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingRedirect))
	// The village knows what the town was told, and signs with its own key.
	stolen := w.goodbye(g, func(r *saml2.LogoutRequest) { r.Issuer = village })
	_, response := w.answer(w.partBy(saml2.BindingRedirect, stolen, signerOf(shared().other)))
	if response.Status.Second != saml2.StatusUnknownPrincipal {
		t.Errorf("answered %+v", response.Status)
	}
	w.nothingEnds()
	stolen = w.goodbye(g, func(r *saml2.LogoutRequest) {
		r.Issuer, r.NameID = village, saml2.NameID{Value: g.name.Value}
	})
	if after := w.started(saml2.BindingRedirect, stolen, signerOf(shared().other)); after.Proven || after.Service != village {
		t.Errorf("the village logs out without being asked: %+v", after)
	}
}

func TestASessionIndexOfAnotherServiceProvesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingRedirect))
	w.redirect(w.request(func(r *saml2.AuthnRequest) {
		r.Issuer, r.ACS.URL = village, "https://village.example/saml/acs"
	}), signerOf(shared().other))
	theirs := w.finish(w.opened()).at("Assertion/AuthnStatement@SessionIndex")
	w.broker.opened = nil
	if theirs == g.session {
		t.Fatal("two services know the session by one name")
	}
	after := w.started(saml2.BindingRedirect, w.goodbye(g, func(r *saml2.LogoutRequest) { r.SessionIndexes = []string{theirs} }), townSigner())
	if after.Proven {
		t.Error("it is taken for proof")
	}
}

func TestASignedQueryAboutALogoutCannotBeChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.partingAddress(w.goodbye(w.loggedIn(sloService(saml2.BindingRedirect))), townSigner())
	for name, change := range map[string]func(string) string{
		"another state": func(s string) string { return strings.Replace(s, "RelayState=state-2", "RelayState=state-3", 1) },
		"SHA-1": func(s string) string {
			return strings.Replace(s, "2001%2F04%2Fxmldsig-more%23rsa-sha256", "2000%2F09%2Fxmldsig%23rsa-sha1", 1)
		},
		"no algorithm": func(s string) string { return s[:strings.Index(s, "&SigAlg=")] + s[strings.Index(s, "&Signature="):] },
	} {
		if changed := change(good); changed == good {
			t.Errorf("%s: nothing was changed in %s", name, good)
		} else {
			w.wantMistake(w.get(changed), "wrong_signature")
		}
	}
	w.nothingEnds()
}

func TestSHA1SignsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	message := string(w.written(w.goodbye(w.loggedIn(sloService(saml2.BindingRedirect))), townSigner()))
	for name, change := range map[string]*strings.Replacer{
		"as the signature": strings.NewReplacer("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
		"as the digest":    strings.NewReplacer("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
	} {
		changed := change.Replace(message)
		if changed == message {
			t.Fatalf("%s: nothing was changed", name)
		}
		w.wantMistake(w.postForm(url.Values{saml2.FieldRequest: {saml2.PostValue([]byte(changed))}}, slo), "wrong_signature")
	}
	w.nothingEnds()
}

func TestARequestToLogOutThatIsNotTakenIsAnswered(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*world, *saml2.LogoutRequest)
	}{
		{"sent to another place", func(_ *world, r *saml2.LogoutRequest) { r.Destination = "https://other.example/slo" }},
		{"sent to the address of logins", func(_ *world, r *saml2.LogoutRequest) { r.Destination = sso }},
		{"too old", func(w *world, r *saml2.LogoutRequest) { r.IssueInstant = w.clock.Now().Add(-6 * time.Minute) }},
		{"past its end", func(w *world, r *saml2.LogoutRequest) { r.NotOnOrAfter = w.clock.Now().Add(-2 * time.Minute) }},
		{"of the future", func(w *world, r *saml2.LogoutRequest) { r.IssueInstant = w.clock.Now().Add(2 * time.Minute) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, binding := range bindings() {
				w := newWorld(t)
				r := w.goodbye(w.loggedIn(sloService(saml2.BindingRedirect)), func(r *saml2.LogoutRequest) { test.change(w, r) })
				s, response := w.answer(w.partBy(binding, r, townSigner()))
				if response.Status.Code != saml2.StatusRequester || response.Status.Second != saml2.StatusRequestDenied || response.InResponseTo != r.ID || s.target != sloAt {
					t.Errorf("answered %+v at %s", response, s.target)
				}
				w.nothingEnds()
			}
		})
	}
}

func TestAnEncryptedNameIsRefusedProperly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingRedirect))
	message := string(w.written(w.goodbye(g), nil))
	from, to := strings.Index(message, "<saml:NameID"), strings.Index(message, "</saml:NameID>")+len("</saml:NameID>")
	message = message[:from] + `<saml:EncryptedID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"></saml:EncryptedID>` + message[to:]
	address, err := saml2.RedirectURL(slo, saml2.FieldRequest, []byte(message), "", townSigner())
	if err != nil {
		t.Fatal(err)
	}
	if _, response := w.answer(w.get(address)); response.Status.Code != saml2.StatusRequester || response.Status.Second != saml2.StatusRequestUnsupported {
		t.Errorf("answered %+v", response.Status)
	}
	w.nothingEnds()
}

func TestARequestToLogOutIsTakenOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingRedirect))
	r := w.goodbye(g)
	w.started(saml2.BindingRedirect, r, townSigner())
	w.logouts.started = nil
	w.wantMistake(w.partBy(saml2.BindingRedirect, r, townSigner()), "used_request")
	w.wantMistake(w.partBy(saml2.BindingPost, r, townSigner()), "used_request")
	w.nothingEnds()
	r = w.goodbye(g)
	where := w.partBy(saml2.BindingPost, r, townSigner()).Header.Get("Location")
	w.get(issuer + where)
	w.logouts.started = nil
	w.wantMistake(w.get(issuer+where), "used_handle")
	w.nothingEnds()
}

// Browsers that fetch ahead, and who looks at headers, must not use up what is taken once.
func TestWhoOnlyLooksUsesNothingUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingRedirect))
	logout := w.partingAddress(w.goodbye(g), townSigner())
	login := w.address(w.request(), townSigner())
	for _, address := range []string{
		logout, issuer + w.partBy(saml2.BindingPost, w.goodbye(g), townSigner()).Header.Get("Location"),
		login, issuer + w.post(w.request(), townSigner()).Header.Get("Location"),
	} {
		ahead := httptest.NewRequest(http.MethodGet, address, nil)
		ahead.Header.Set("Sec-Purpose", "prefetch;prerender")
		for _, r := range []*http.Request{ahead, httptest.NewRequest(http.MethodHead, address, nil)} {
			if got := w.do(r); got.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("%s %s: answered %d", r.Method, r.URL.Path, got.StatusCode)
			}
		}
		w.nothingEnds()
		if got := w.get(address); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s afterwards: answered %d", address, got.StatusCode)
		}
		w.logouts.started = nil
	}
}

func TestAHandleOfALoginIsNoneOfALogout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingRedirect))
	logout := w.partBy(saml2.BindingPost, w.goodbye(g), townSigner()).Header.Get("Location")
	login := w.post(w.request(), townSigner()).Header.Get("Location")
	w.wantMistake(w.get(issuer+strings.Replace(logout, "/slo/", "/sso/", 1)), "used_handle")
	w.wantMistake(w.get(issuer+strings.Replace(login, "/sso/", "/slo/", 1)), "used_handle")
	w.nothingEnds()
}

func TestWhoHasNoAddressForLogoutsEndsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn("")
	for _, binding := range bindings() {
		w.wantMistake(w.partBy(binding, w.goodbye(g), townSigner()), "no_logout_service")
	}
	w.register(town(ordered(sloService("urn:oasis:names:tc:SAML:2.0:bindings:SOAP"))))
	w.wantMistake(w.partBy(saml2.BindingRedirect, w.goodbye(g), townSigner()), "no_logout_service")
	w.wantMistake(w.partBy(saml2.BindingRedirect, w.goodbye(g, func(r *saml2.LogoutRequest) { r.Issuer = "https://evil.example" }), townSigner()), "unknown_issuer")
	w.wantMistake(w.partBy(saml2.BindingRedirect, w.goodbye(g, func(r *saml2.LogoutRequest) { r.Issuer = "" }), townSigner()), "missing_issuer")
	w.nothingEnds()
}

func TestAServiceThatLosesItsAddressMeanwhileIsNotAnsweredElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingRedirect))
	after := w.started(saml2.BindingRedirect, w.goodbye(g), townSigner())
	w.register(town(metadata("")))
	if got := w.loggedOut(after, true, 0); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("answered %d", got.StatusCode)
	}
	w.register()
	if got := w.loggedOut(after, true, 0); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("a service that is gone: answered %d", got.StatusCode)
	}
}

func TestMessagesAboutLogoutsThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingRedirect))
	request := w.partingAddress(w.goodbye(g), townSigner())
	_, response, _ := strings.Cut(w.partingAddress(w.confirms("_x"), townSigner()), "?")
	inForm := saml2.PostValue(w.written(w.goodbye(g), townSigner()))
	answerInForm := saml2.PostValue(w.written(w.confirms("_x"), townSigner()))
	bomb, err := saml2.RedirectURL(slo, saml2.FieldRequest, []byte("<a>"+strings.Repeat(" ", 70_000)+"</a>"), "", townSigner())
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]*http.Response{
		"too large when unpacked":           w.get(bomb),
		"nothing":                           w.get(slo),
		"no XML":                            w.get(slo + "?SAMLRequest=xxxx"),
		"both in a query":                   w.get(request + "&" + response),
		"both in a form":                    w.postForm(url.Values{saml2.FieldRequest: {inForm}, saml2.FieldResponse: {answerInForm}}, slo),
		"a request where answers stand":     w.postForm(url.Values{saml2.FieldResponse: {inForm}}, slo),
		"an answer where requests stand":    w.postForm(url.Values{saml2.FieldRequest: {answerInForm}}, slo),
		"one twice":                         w.postForm(url.Values{saml2.FieldRequest: {inForm, inForm}}, slo),
		"a form with a query":               w.postForm(url.Values{saml2.FieldRequest: {inForm}}, slo+"?RelayState=x"),
		"a state that is too long":          w.postForm(url.Values{saml2.FieldRequest: {inForm}, saml2.FieldRelayState: {strings.Repeat("x", 2049)}}, slo),
		"a request of the dialect's fields": w.postForm(url.Values{saml2.FieldLogoutRequest: {inForm}}, slo),
	} {
		t.Log(name)
		w.wantMistake(got, "unreadable_request")
	}
	login, err := w.request().Write(saml2.Prefixes{}, townSigner())
	if err != nil {
		t.Fatal(err)
	}
	w.wantMistake(w.postForm(url.Values{saml2.FieldRequest: {saml2.PostValue(login)}}, slo), "no_logout_message")
	if got := w.postForm(url.Values{saml2.FieldRequest: {strings.Repeat("A", 80_000)}}, slo); got.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a form that is too large: answered %d", got.StatusCode)
	}
	w.nothingEnds()
}

// An answer that belongs to no request of ours gets a page, and nothing goes on.
func TestAnswersToWhatNobodyAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.loggedIn(sloService(saml2.BindingRedirect))
	_, request := w.news(w.tell("logout-1", w.seats.all[0]))
	theirs := func(r *saml2.LogoutResponse) { r.Issuer = village }
	middle, other := len(request.ID)/2, "A"
	if request.ID[middle] == 'A' {
		other = "B"
	}
	for _, binding := range bindings() {
		w.wantMistake(w.partBy(binding, w.confirms("_guessed"), townSigner()), "unexpected_answer")
		w.wantMistake(w.partBy(binding, w.confirms(request.ID[:middle]+other+request.ID[middle+1:]), townSigner()), "unexpected_answer")
		w.wantMistake(w.partBy(binding, w.confirms(request.ID+"A"), townSigner()), "unexpected_answer")
		// The village heard of the town's request, and answers in its own name.
		w.wantMistake(w.partBy(binding, w.confirms(request.ID, theirs), signerOf(shared().other)), "unexpected_answer")
		w.wantMistake(w.partBy(binding, w.confirms(request.ID, func(r *saml2.LogoutResponse) { r.Issuer = "https://evil.example" }), townSigner()), "unknown_issuer")
	}
	w.nothingEnds()
}

// What is sealed in cookies for other ends is no name of a logout.
func TestOtherSealedValuesNameNoLogout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.loggedIn(sloService(saml2.BindingRedirect))
	sealed := w.ring.Cookies().Seal([]byte("logout-1"), "typed", service)
	w.wantMistake(w.partBy(saml2.BindingRedirect, w.confirms("_"+base64.RawURLEncoding.EncodeToString(sealed)), townSigner()), "unexpected_answer")
	w.nothingEnds()
}

// One that has our request's name and cannot be believed is a no, so that the citizen
// goes on to the others.
func TestAnswersThatAreNotTakenConfirmNothing(t *testing.T) {
	t.Parallel()
	same := func(*world, *saml2.LogoutResponse) {}
	for _, test := range []struct {
		name   string
		signer *xmlsig.Signer
		change func(*world, *saml2.LogoutResponse)
	}{
		{"not signed", nil, same},
		{"signed by another service", signerOf(shared().other), same},
		{"meant for another place", townSigner(), func(_ *world, r *saml2.LogoutResponse) { r.Destination = "https://other.example" }},
		{"too old", townSigner(), func(w *world, r *saml2.LogoutResponse) { r.IssueInstant = w.clock.Now().Add(-time.Hour) }},
		{"a no", townSigner(), func(_ *world, r *saml2.LogoutResponse) { r.Status.Code = saml2.StatusResponder }},
		{"a yes but for some", townSigner(), func(_ *world, r *saml2.LogoutResponse) { r.Status.Second = saml2.StatusPartialLogout }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, binding := range bindings() {
				w := newWorld(t)
				w.loggedIn(sloService(saml2.BindingRedirect))
				_, request := w.news(w.tell("logout-1", w.seats.all[0]))
				w.partBy(binding, w.confirms(request.ID, func(r *saml2.LogoutResponse) { test.change(w, r) }), test.signer)
				if len(w.logouts.told) != 1 || w.logouts.told[0] != (visit{"logout-1", service, logout.Failed}) {
					t.Errorf("told %+v", w.logouts.told)
				}
			}
		})
	}
}
