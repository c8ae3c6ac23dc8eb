package saml_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/broker/logout"
	"clave/internal/saml2"
)

func bindings() []string { return []string{saml2.BindingRedirect, saml2.BindingPost} }

func shortly(binding string) string { return binding[strings.LastIndex(binding, ":")+1:] }

func TestAServiceLogsOutAndIsAnswered(t *testing.T) {
	t.Parallel()
	for _, in := range bindings() {
		for _, out := range bindings() {
			t.Run(fmt.Sprintf("by %s, answered by %s", shortly(in), shortly(out)), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				g := w.loggedIn(sloService(out, ` ResponseLocation="`+sloBack+`"`))
				r := w.goodbye(g)
				after := w.started(in, r, townSigner())
				if after.Front != "saml" || after.Service != service || after.RelyingParty != "town" || !after.Proven {
					t.Errorf("started %+v", after)
				}
				s, response := w.answer(w.loggedOut(after, true, broker.ByPage))
				if s.binding != out || s.target != sloBack || s.in.RelayState != "state-2" {
					t.Errorf("answered by %s at %s with %q", s.binding, s.target, s.in.RelayState)
				}
				if response.InResponseTo != r.ID || response.Status != (saml2.Status{Code: saml2.StatusSuccess}) {
					t.Errorf("answered %+v", response)
				}
			})
		}
	}
}

func TestTheAnswerComesByTheBindingOfTheRequestIfItCan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingRedirect) + sloService(saml2.BindingPost, ` ResponseLocation="`+sloBack+`"`))
	after := w.started(saml2.BindingPost, w.goodbye(g), townSigner())
	if s, _ := w.answer(w.loggedOut(after, true, broker.ByRedirect)); s.binding != saml2.BindingPost || s.target != sloBack {
		t.Errorf("answered by %s at %s", s.binding, s.target)
	}
	w.logouts.started = nil
	after = w.started(saml2.BindingRedirect, w.goodbye(g), townSigner())
	got := w.loggedOut(after, true, broker.ByRedirect)
	if s, _ := w.answer(got); s.binding != saml2.BindingRedirect || s.target != sloAt || got.StatusCode != http.StatusSeeOther {
		t.Errorf("answered %d by %s at %s", got.StatusCode, s.binding, s.target)
	}
	if got := w.loggedOut(after, true, broker.ByPage); got.StatusCode != http.StatusOK {
		t.Errorf("behind a form of ours it is a redirect, which browsers block: %d", got.StatusCode)
	}
}

func TestTheServiceHearsWhenNotEverybodyIsLoggedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.loggedIn(sloService(saml2.BindingRedirect))
	after := w.started(saml2.BindingRedirect, w.goodbye(g), townSigner())
	_, response := w.answer(w.loggedOut(after, false, broker.ByRedirect))
	if response.Status.Code != saml2.StatusResponder || response.Status.Second != saml2.StatusRequestDenied {
		t.Errorf("the session is still there, and the answer is %+v", response.Status)
	}
	w.seats.session = ""
	_, response = w.answer(w.loggedOut(after, false, broker.ByRedirect))
	if response.Status.Code != saml2.StatusSuccess || response.Status.Second != saml2.StatusPartialLogout || response.Status.Message == "" {
		t.Errorf("somebody did not confirm, and the answer is %+v", response.Status)
	}
}

func TestWhatARequestHasToKnow(t *testing.T) {
	t.Parallel()
	const email = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	transient := func(w *world) {
		w.seats.all = nil
		w.redirect(w.request(func(r *saml2.AuthnRequest) { r.NameIDPolicy.Format = saml2.FormatTransient }), townSigner())
		w.finish(w.opened())
	}
	for _, test := range []struct {
		name   string
		before func(*world)
		change func(*saml2.LogoutRequest)
		want   string // proven, asked, or a status
	}{
		{"name and session as they were given", nil, func(*saml2.LogoutRequest) {}, "proven"},
		{"no session means all of them", nil, func(r *saml2.LogoutRequest) { r.SessionIndexes = nil }, "proven"},
		{"one of several sessions", nil, func(r *saml2.LogoutRequest) { r.SessionIndexes = append([]string{"_x"}, r.SessionIndexes...) }, "proven"},
		{"a service that lost format and qualifiers", nil, func(r *saml2.LogoutRequest) { r.NameID = saml2.NameID{Value: r.NameID.Value} }, "proven"},
		{"another session of the citizen", nil, func(r *saml2.LogoutRequest) { r.SessionIndexes = []string{"_x"} }, "asked"},
		{"another citizen", nil, func(r *saml2.LogoutRequest) { r.NameID.Value = "pairwise-2" }, saml2.StatusUnknownPrincipal},
		{"another citizen of a format that we do not have", nil, func(r *saml2.LogoutRequest) {
			r.NameID = saml2.NameID{Value: "ana@example.org", Format: email}
		}, saml2.StatusUnknownPrincipal},
		{"whom another provider named", nil, func(r *saml2.LogoutRequest) { r.NameID.NameQualifier = "https://other.example" }, saml2.StatusUnknownPrincipal},
		{"who was named to another service", nil, func(r *saml2.LogoutRequest) { r.NameID.SPNameQualifier = village }, saml2.StatusUnknownPrincipal},
		{"a session in which the service takes no part", func(w *world) { w.seats.session = "session-2" }, func(*saml2.LogoutRequest) {}, "asked"},
		{"the transient name of an older login", transient, func(r *saml2.LogoutRequest) {
			r.NameID.Value, r.NameID.Format = "_older", saml2.FormatTransient
		}, "asked"},
		{"a browser without a session", func(w *world) { w.seats.session = "" }, func(*saml2.LogoutRequest) {}, "asked"},
	} {
		for _, binding := range bindings() {
			t.Run(test.name+", by "+shortly(binding), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				g := w.loggedIn(sloService(saml2.BindingRedirect))
				if test.before != nil {
					test.before(w)
				}
				r := w.goodbye(g, test.change)
				if test.want == "proven" || test.want == "asked" {
					if after := w.started(binding, r, townSigner()); after.Proven != (test.want == "proven") {
						t.Errorf("proven: %t", after.Proven)
					}
					return
				}
				got := w.partBy(binding, r, townSigner())
				if binding == saml2.BindingPost {
					got = w.resumed(got)
				}
				s, response := w.answer(got)
				if response.Status.Second != test.want || s.target != sloAt || response.InResponseTo != r.ID || s.in.RelayState != "state-2" {
					t.Errorf("answered %+v at %s", response, s.target)
				}
				w.nothingEnds()
			})
		}
	}
}

func TestALoginThatStandsApartTakesPartInNoSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.redirect(w.request(), townSigner())
	w.finish(w.opened(), func(o *broker.Outcome) { o.Session = "" })
	if len(w.seats.all) != 0 {
		t.Errorf("remembered %+v", w.seats.all)
	}
	w.finish(w.opened())
	w.finish(w.opened())
	if len(w.seats.all) != 1 {
		t.Fatalf("remembered %+v", w.seats.all)
	}
	p := w.seats.all[0]
	if p.Session != "session-1" || p.Front != "saml" || p.Service != service || p.RelyingParty != "town" || !p.At.Equal(w.clock.Now()) || !p.EndsAt.Equal(outcome(w.opened()).SessionEndsAt) {
		t.Errorf("remembered %+v", p)
	}
}

func TestWhichServicesCanBeTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.loggedIn(sloService(saml2.BindingPost))
	p := w.seats.all[0]
	if !w.front.Reaches(p) {
		t.Error("one that takes it by HTTP-POST cannot")
	}
	for name, text := range map[string]string{
		"one without an address":                              metadata(""),
		"one that takes it by SOAP alone":                     ordered(sloService("urn:oasis:names:tc:SAML:2.0:bindings:SOAP")),
		"one whose metadata are past their time":              strings.Replace(ordered(sloService(saml2.BindingPost)), "entityID=", `validUntil="2026-11-21T12:00:00Z" entityID=`, 1),
		"one without keys, whose answer nobody could believe": withoutKeys(ordered(sloService(saml2.BindingPost))),
	} {
		w.register(town(text, unsignedTaken))
		if w.front.Reaches(p) {
			t.Errorf("%s can", name)
		}
		w.tell("one", p)
		if len(w.logouts.told) != 1 || w.logouts.told[0] != (visit{"one", service, logout.Unreachable}) {
			t.Errorf("%s: %+v", name, w.logouts.told)
		}
		w.logouts.told = nil
	}
	w.register()
	if w.front.Reaches(p) {
		t.Error("one that is not registered any more can")
	}
}

func withoutKeys(text string) string {
	from, to := strings.Index(text, "<md:KeyDescriptor"), strings.Index(text, "</md:KeyDescriptor>")+len("</md:KeyDescriptor>")
	return text[:from] + text[to:]
}

func TestAServiceIsToldAndAnswers(t *testing.T) {
	t.Parallel()
	for _, out := range bindings() {
		for _, back := range bindings() {
			t.Run(fmt.Sprintf("told by %s, answers by %s", shortly(out), shortly(back)), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				g := w.loggedIn(sloService(out, ` ResponseLocation="`+sloBack+`"`))
				got := w.tell("logout-1", w.seats.all[0])
				s, request := w.news(got)
				if s.binding != out || s.target != sloAt || s.in.RelayState != "" {
					t.Errorf("told by %s at %s with %q", s.binding, s.target, s.in.RelayState)
				}
				if request.NameID != g.name || len(request.SessionIndexes) != 1 || request.SessionIndexes[0] != g.session ||
					!request.NotOnOrAfter.Equal(w.clock.Now().Add(5*time.Minute)) || request.Reason != "urn:oasis:names:tc:SAML:2.0:logout:user" {
					t.Errorf("told %+v", request)
				}
				if strings.Contains(request.ID, "logout-1") {
					t.Error("the logout stands in the request as it is")
				}
				got = w.partBy(back, w.confirms(request.ID), townSigner())
				if got.Header.Get("Location") != "/logout/logout-1" || len(w.logouts.told) != 1 || w.logouts.told[0] != (visit{"logout-1", service, logout.Confirmed}) {
					t.Errorf("answered %d %s, told %+v", got.StatusCode, got.Header.Get("Location"), w.logouts.told)
				}
			})
		}
	}
}

// confirms is the town's answer to a request, changed.
func (w *world) confirms(request string, change ...func(*saml2.LogoutResponse)) saml2.LogoutResponse {
	r := saml2.LogoutResponse{
		Header:       saml2.Header{ID: saml2.NewID(), Issuer: service, Destination: slo, IssueInstant: w.clock.Now()},
		InResponseTo: request, Status: saml2.Status{Code: saml2.StatusSuccess},
	}
	for _, f := range change {
		f(&r)
	}
	return r
}

func TestAServiceIsToldByRedirectIfItCanBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.loggedIn(sloService(saml2.BindingPost) + sloService(saml2.BindingRedirect))
	if s, _ := w.news(w.tell("one", w.seats.all[0])); s.binding != saml2.BindingRedirect {
		t.Errorf("told by %s", s.binding)
	}
}

func TestOurMetadataSayWhereLogoutsGo(t *testing.T) {
	t.Parallel()
	text := newWorld(t).metadata()
	for _, binding := range bindings() {
		if want := `<md:SingleLogoutService Binding="` + binding + `" Location="` + slo + `"></md:SingleLogoutService>`; !strings.Contains(text, want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
}
