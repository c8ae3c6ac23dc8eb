package browser

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestLoginWithoutJavaScript(t *testing.T) {
	t.Parallel()
	screens := everyScreen()
	for i := range screens {
		screens[i].noScript = true
	}
	for _, m := range screens {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			c := carmen()
			b.openTown()
			b.look("document", "noscript")
			b.choose("ca", "/login/*/pin")
			b.enterDocument("x", "/login/*/pin")
			b.look("document", "noscript-wrong")
			b.choose(m.language, "/login/*/pin")
			b.arrive("/login/*/pin", b.activate("form[action$='/extend'] button")) // more time
			b.enterDocument(c.document, "/login/*/pin/validity")
			b.do(b.click("main summary"))
			b.look("contrast-validity", "noscript")
			b.enterContrast(c.contrast, "/login/*/pin/obtain")
			b.look("obtain", "noscript")
			b.do(b.click("#own"))
			b.fill("#half", "zz99")
			b.obtain()
			b.look("enter", "noscript")
			b.enterPIN(b.nthPIN(c.phone, 1), "/login/*/inform")
			b.look("inform", "noscript")
			b.continueToTown() // by meta refresh, to another site
			if !strings.Contains(ask[string](b, "document.body.innerText"), c.document) {
				b.t.Error("the service does not know who logged in")
			}
		})
	}
}

// party is a relying party on an origin of its own, which takes answers by form.
type party struct {
	*httptest.Server
	answers chan url.Values
}

func newParty(t *testing.T) *party {
	t.Helper()
	p := &party{answers: make(chan url.Values, 4)}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/callback" {
			w.WriteHeader(http.StatusNoContent) // the favicon
			return
		}
		if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
			http.Error(w, "a form was expected", http.StatusBadRequest)
			return
		}
		p.answers <- r.PostForm
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!DOCTYPE html><html lang="en"><title>Party</title><h1>Party</h1>`)) // a browser that left needs none
	}))
	t.Cleanup(p.Close)
	return p
}

// authorize is the address that starts a login answered by form.
func (p *party) authorize(issuer string) string { return p.authorizeAs(issuer, "sandbox", "openid") }

func (p *party) authorizeAs(issuer, client, scope string) string {
	return issuer + "/authorize?" + url.Values{
		"client_id": {client}, "redirect_uri": {p.URL + "/callback"}, "response_type": {"code"}, "response_mode": {"form_post"},
		"scope": {scope}, "state": {"a state; with 'all' \"sorts\" of <signs>"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}.Encode()
}

func TestAnswerByForm(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320, noScript: true}, {language: "en", width: 1280}} {
		name := "a script sends the form"
		if m.noScript {
			name = "a button sends the form"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p, c := startSandbox(t), newParty(t), carmen()
			b := newTab(t, s, m, p.URL)
			before := b.place()
			b.open(p.authorize(s.issuer))
			b.await("", before.visits)
			b.choosePIN()
			b.identify(c)
			b.obtain()
			b.enterPIN(b.nthPIN(c.phone, 1), "/login/*/inform")
			if m.noScript {
				b.arrive("/login/*", b.activate(goOn))
				b.look("post", "noscript")
			} else {
				b.stay("/login/*", b.activate(goOn))
				b.look("post", "fresh")
			}
			b.arrive(p.URL+"/callback", b.activate(goOn))
			answer := <-p.answers
			if answer.Get("code") == "" || answer.Get("iss") != s.issuer || answer.Get("state") != "a state; with 'all' \"sorts\" of <signs>" {
				t.Errorf("the party received %v", answer)
			}
		})
	}
}
