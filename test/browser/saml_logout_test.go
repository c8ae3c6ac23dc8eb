package browser

import (
	"strings"
	"testing"
)

// Logouts of SAML go by forms from site to site, each of which a page's policy may block.
func TestLogoutTellsAServiceOfSAML(t *testing.T) {
	t.Parallel()
	const hint = "login_hint=test:99999972C"
	for _, m := range everyScreen() {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			university := b.service + "/university"
			loggedIn := func() bool {
				b.open(university)
				return strings.Contains(ask[string](b, "document.body.innerText"), "99999972C")
			}
			b.tryAt("/university", hint, university)
			if !loggedIn() {
				t.Fatal("nobody is logged in")
			}
			b.open("/help")
			b.stay("/logout/*", b.activate(".account button"))
			b.stay("/logout/*/next", b.activate("main a.button"))
			b.look("leave", "closing")
			b.arrive("/logout/*", b.activate("main .button"))
			b.look("logout", "done-saml")
			if loggedIn() {
				t.Error("the service was not told")
			}

			b.tryAt("/university", hint, university)
			b.open("/help")
			before := b.place()
			b.do(b.activate(".account button"))
			b.await("/logout/*", before.visits+3) // onward, to the service, back from it, and the last page
			if loggedIn() {
				t.Error("the service was not told without anybody pressing a button")
			}

			b.tryAt("/university", hint, university)
			before = b.place()
			b.open(university + "/logout")
			b.await(university, before.visits)
			if loggedIn() {
				t.Error("the service did not log out")
			}
			b.tryAt("/university", "passive=true", university+"/in")
			if loggedIn() {
				t.Error("the session did not end")
			}
		})
	}
}
