package logins

import (
	"strings"
	"testing"

	"clave/broker"
	"clave/identity"
)

const sessionCookie = "clave_session"

// A login that stands apart leaves no session with which whoever comes next goes on
// to other services.
func TestALoginApartLeavesNoSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		login := b.start(t, "apart")
		b.post(login+"/pin", "")
		b.get(t, login).wants(t, "answer 1:substantial:Ana")
		if b.cookies[sessionCookie] != "" {
			t.Error("the browser got a session")
		}
		if live, err := w.broker.LiveSessions(t.Context(), "ana"); err != nil || len(live) > 0 {
			t.Errorf("%d sessions are open, %v", len(live), err)
		}
		b.get(t, "/mine").wants(t, "nobody")
		b.get(t, b.start(t, "silent")+"/pin").wants(t, "pin page")
		b.get(t, b.start(t, "apart")+"/pin").wants(t, "pin page")
	})
}

// Nor does it use, renew or end the session that is there, whoever's it is.
func TestALoginApartLeavesTheSessionAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, person := range []string{"ana", "beto"} {
			b, first := w.proven(t, "silent")
			b.get(t, first).wants(t, "answer ")
			before := b.cookies[sessionCookie]
			if before == "" {
				t.Fatal("there is no session")
			}
			login := b.start(t, "apart")
			b.get(t, login).wants(t, "pin page") // what the session holds does not count
			w.prove = func(*broker.Login) broker.Evidence { return w.pin(identity.PersonID(person)) }
			b.post(login+"/pin", "")
			b.get(t, login).wants(t, ":substantial:"+strings.ToUpper(person[:1])+person[1:])
			w.prove = func(*broker.Login) broker.Evidence { return w.pin("ana") }
			if b.cookies[sessionCookie] != before {
				t.Errorf("%s: the session has another token", person)
			}
			b.get(t, "/mine").wants(t, "ana in the frame of Ana")
		}
	})
}

// A login that asks to be silent has nothing to go by.
func TestALoginApartIsNeverPassive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, first := w.proven(t, "silent")
		b.get(t, first).wants(t, "answer ")
		b.get(t, "/open/apart?passive").wants(t, "refused login_required")
	})
}
