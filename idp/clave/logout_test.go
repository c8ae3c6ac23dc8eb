package clave_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"clave/broker"
	"clave/broker/logout"
	"clave/broker/registry"
	"clave/internal/saml2"
)

// started is the one logout that was asked for.
func (w *world) started(message string) logout.After {
	w.t.Helper()
	w.logouts.started = nil
	w.follow(w.send(saml2.FieldLogoutRequest, message), "/Proxy2/ServiceProvider/logout?handle=")
	if len(w.logouts.started) != 1 {
		w.t.Fatalf("%d logouts were asked for", len(w.logouts.started))
	}
	return w.logouts.started[0]
}

func (w *world) loggedOut(after logout.After, complete bool) *http.Response {
	recorder := httptest.NewRecorder()
	w.front.LoggedOut(recorder, httptest.NewRequest(http.MethodGet, issuer+"/logout/one/done", nil), after.State, complete, broker.ByRedirect)
	return recorder.Result()
}

func TestServicesLogOutWithTheirKits(t *testing.T) {
	t.Parallel()
	for _, k := range kits() {
		if k.logout == "" {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.finish(w.login(w.loginOf(k)))
			w.broker.session = &broker.Session{ID: "session-1"}
			message := w.logoutOf(k)
			after := w.started(message)
			if after.Front != "clave" || after.RelyingParty != "town" || !after.Proven {
				t.Errorf("asked for %+v", after)
			}
			s := w.said(w.loggedOut(after, true), saml2.FieldLogoutResponse)
			for path, want := range map[string]string{
				"@Destination": goodbye, "@InResponseTo": idPart.FindStringSubmatch(message)[1], "@Version": "2.0", "Issuer": "Cl@ve",
				"Status/StatusCode@Value": saml2.StatusSuccess, "Status/StatusMessage": saml2.StatusSuccess, "Status/StatusCode/StatusCode@Value": "",
			} {
				if got := s.at(path); got != want {
					t.Errorf("%s is %q, want %q", path, got, want)
				}
			}
			if s.Target != goodbye || s.RelayState != "state-1" || s.Message.FullTag() != "saml2p:LogoutResponse" {
				t.Errorf("%s goes to %s with %q", s.Message.FullTag(), s.Target, s.RelayState)
			}
			s = w.said(w.loggedOut(after, false), saml2.FieldLogoutResponse)
			if s.at("Status/StatusCode@Value") != saml2.StatusSuccess || s.at("Status/StatusCode/StatusCode@Value") != saml2.StatusPartialLogout {
				t.Errorf("a partial logout is said as %s", s.at("Status/StatusCode/StatusCode@Value"))
			}
		})
	}
}

// Only who logged the session in ends it without a question.
func TestWhoTookNoPartHasTheCitizenAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(), neighbour())
	for name, session := range map[string]*broker.Session{"no session": nil, "another session": {ID: "session-2"}} {
		w.finish(w.login(w.loginOf(java())))
		w.broker.session, w.broker.opened = session, nil
		if w.started(w.logoutOf(java())).Proven {
			t.Errorf("%s: nobody is asked", name)
		}
	}
	w.broker.session = &broker.Session{ID: "session-1"}
	theirs := java().style.sign(t, replaced(w.message(java().logout), provider, "P0800000B_L01080193;Neighbour", goodbye, "https://neighbour.example/logout"), shared().other)
	if after := w.started(theirs); after.Proven || after.RelyingParty != "neighbour" {
		t.Errorf("a neighbour: asked for %+v", after)
	}
	// Part in a session of another front is no part in this one.
	if err := w.took.AddParticipant(t.Context(), logout.Participant{Session: "session-3", Front: "saml", Service: "P2807900B_L01280796;TOWN"}); err != nil {
		t.Fatal(err)
	}
	w.broker.session = &broker.Session{ID: "session-3"}
	if w.started(w.logoutOf(java())).Proven {
		t.Error("another front's part counts")
	}
}

func TestWhoTakesPartIsRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req := w.login(w.loginOf(java()))
	w.finish(req)
	w.finish(req, func(out *broker.Outcome) { out.Session = "" })
	all, err := w.took.Participants(t.Context(), "session-1")
	if err != nil || len(all) != 1 || all[0].Front != "clave" || all[0].RelyingParty != "town" || all[0].EndsAt.IsZero() || len(all[0].Told) != 0 {
		t.Errorf("got %+v, %v", all, err)
	}
	if none, err := w.took.Participants(t.Context(), ""); err != nil || len(none) != 0 {
		t.Errorf("got %+v, %v", none, err)
	}
}

func TestLogoutsAreAnsweredAtRegisteredAddressesAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, to := range []string{"https://evil.example/logout", goodbye + "/", second, "javascript:alert(1)"} {
		w.wantMistake(w.send(saml2.FieldLogoutRequest, w.logoutOf(java(), goodbye, to)), "unregistered_logout")
		w.wantMistake(w.send(saml2.FieldLogoutRequest, w.logoutOf(java(), goodbye, to, "2026-", "2025-")), "unregistered_logout")
	}
	w.wantMistake(w.send(saml2.FieldLogoutRequest, w.logoutOf(java(), ">"+goodbye+"<", "><")), "unregistered_logout")
	w.wantMistake(w.send(saml2.FieldLogoutRequest, w.logoutOf(java(), provider, "P0000000A_L00000000;Town")), "unknown_provider_name")
	w.wantMistake(w.send(saml2.FieldLogoutRequest, w.logoutOf(java(), provider, "12345678Z", goodbye, "https://evil.example/logout")), "unknown_provider_name")
	w.wantMistake(w.send(saml2.FieldLogoutRequest, w.logoutOf(java(), provider, "")), "missing_provider_name")
	if after := w.started(w.logoutOf(java(), goodbye, acs)); after.RelyingParty != "town" {
		t.Errorf("the address for answers, registered for logouts too: %+v", after)
	}
}

// The official kit for PHP, 3.0.1, logs out as SimpleSAMLphp does: by the citizen's name.
// Who it is follows from the address, and from the key where two share one.
func TestKitsMayNameTheCitizen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shares := neighbour()
	shares.Clave[0].Logout = append(shares.Clave[0].Logout, goodbye)
	w.register(shares, town())
	for _, name := range []string{"12345678Z", "_F7EC30UXQ"} {
		if after := w.started(w.logoutOf(java(), provider, name)); after.RelyingParty != "town" || after.Service != registry.ProviderKey(provider) {
			t.Errorf("%s: asked for %+v", name, after)
		}
	}
	theirs := java().style.sign(t, replaced(w.message(java().logout), provider, "12345678Z"), shared().other)
	if after := w.started(theirs); after.RelyingParty != "neighbour" {
		t.Errorf("by the neighbour's key: asked for %+v", after)
	}
	w.register(town())
	w.logouts.started = nil
	theirs = java().style.sign(t, replaced(w.message(java().logout), provider, "12345678Z"), shared().other)
	w.wantMistake(w.send(saml2.FieldLogoutRequest, theirs), "wrong_signature")
}

// The module of RedIRIS has older names for the fields, and Cl@ve sends both at once.
func TestLogoutsHaveAnOlderNameToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, both := range map[string]bool{"the older name": false, "both names": true} {
		message := saml2.PostValue([]byte(w.logoutOf(java())))
		form := url.Values{"samlRequestLogout": {message}, saml2.FieldRelayState: {"dummy"}}
		if both {
			form.Set(saml2.FieldLogoutRequest, message)
		}
		w.logouts.started = nil
		w.follow(w.postForm(form, address), "/Proxy2/ServiceProvider/logout?handle=")
		for _, field := range []string{"samlResponseLogout", saml2.FieldLogoutResponse} {
			if s := w.said(w.loggedOut(w.logouts.started[0], true), field); s.RelayState != "dummy" || s.at("Status/StatusCode@Value") != saml2.StatusSuccess {
				t.Errorf("%s: the answer in %s has %q", name, field, s.RelayState)
			}
		}
	}
	one, other := saml2.PostValue([]byte(w.logoutOf(java()))), saml2.PostValue([]byte(w.logoutOf(java())))
	for name, form := range map[string]url.Values{
		"two messages":         {"samlRequestLogout": {one}, saml2.FieldLogoutRequest: {other}},
		"two of the older":     {"samlRequestLogout": {one, one}},
		"one and an empty one": {"samlRequestLogout": {one}, saml2.FieldLogoutRequest: {""}},
		"both names, twice":    {"samlRequestLogout": {one, one}, saml2.FieldLogoutRequest: {one, one}},
		"a login beside it":    {"samlRequestLogout": {one}, saml2.FieldRequest: {one}},
	} {
		if got := w.postForm(form, address); got.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: got status %d", name, got.StatusCode)
		}
	}
}

func TestALogoutIsTakenOnceAndInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	message := w.logoutOf(java())
	w.started(message)
	w.logouts.started = nil
	w.wantMistake(w.send(saml2.FieldLogoutRequest, message), "used_request")
	w.clock.Pass(5*time.Minute + time.Second)
	s := w.said(w.send(saml2.FieldLogoutRequest, message), saml2.FieldLogoutResponse)
	if s.at("Status/StatusCode@Value") != saml2.StatusRequester || s.Target != goodbye || s.at("Issuer") != "Cl@ve" || len(w.logouts.started) != 0 {
		t.Errorf("an old one: %s to %s", s.at("Status/StatusCode@Value"), s.Target)
	}
}

func TestAnAddressThatIsRemovedMeanwhileGetsNoAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	after := w.started(w.logoutOf(java()))
	w.register(town(func(p *registry.RelyingParty) { p.Clave[0].Logout = nil }))
	if got := w.loggedOut(after, true); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("answered %d", got.StatusCode)
	}
	w.register()
	if got := w.loggedOut(after, true); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("answered %d", got.StatusCode)
	}
	where := newWorld(t)
	where.register(town())
	kept := where.send(saml2.FieldLogoutRequest, where.logoutOf(java())).Header.Get("Location")
	where.register()
	if got := where.get(issuer + kept); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("answered %d", got.StatusCode)
	}
}
