package logins

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"clave/broker"
)

// elsewhere is a page outside of logins, whose frame is looked at.
const elsewhere = "/logged-out"

// leadsBack tells whether the frame leads to the login.
func (r reply) leadsBack(login string) bool {
	return strings.Contains(r.body, `href="`+login+`"`) && strings.Contains(r.body, "Servicio")
}

func TestALoginWaitsWhileItsCitizenRegisters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for step, page := range map[string]string{"register": "/register", "phone": "/register/change", "level": "/register/level"} {
			b, login := w.begun(t, "silent?return=https://evil.example/")
			if b.get(t, elsewhere).leadsBack(login) {
				t.Error("a login waits that nobody left")
			}
			if r := b.do(http.MethodGet, login+"/help/"+step+"?return=https://evil.example/", ""); r.code != http.StatusSeeOther || r.location != page {
				t.Errorf("%s: got %d to %s", step, r.code, r.location)
			}
			if !b.get(t, elsewhere).leadsBack(login) {
				t.Errorf("%s: the frame does not lead back", step)
			}
			if strings.Contains(b.get(t, login).body, `class="waiting"`) {
				t.Errorf("%s: the login's own pages say that it waits", step)
			}
			b.post(login+"/pin", "")
			b.get(t, login).wants(t, "answer ")
			if b.get(t, elsewhere).leadsBack(login) {
				t.Errorf("%s: a login that is over still waits", step)
			}
		}
	})
}

func TestWhoGoesOutToRegisterHasTheTimeOfALoginAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		w.clock.Pass(29 * time.Minute)
		b.do(http.MethodGet, login+"/help/register", "")
		w.clock.Pass(29 * time.Minute)
		b.get(t, login).wants(t, "pin page")
		w.clock.Pass(2 * time.Minute)
		b.get(t, login).wants(t, "Se ha agotado el tiempo")
		if !b.get(t, elsewhere).leadsBack(login) {
			t.Error("the way back, and on to the service, is gone with the time")
		}
	})
}

func TestARefusedLoginHasItsWaysOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.prove = func(*broker.Login) broker.Evidence {
			ev := w.pin("ana")
			ev.Level = 0
			return ev
		}
		b, login := w.proven(t, "silent")
		b.get(t, login).wants(t, login+"/help/level")
		if r := b.do(http.MethodGet, login+"/help/level", ""); r.location != "/register/level" {
			t.Errorf("got %d to %s", r.code, r.location)
		}
		if !b.get(t, elsewhere).leadsBack(login) {
			t.Error("the frame does not lead back")
		}
		b.get(t, login).wants(t, "no alcanza el nivel")
	})
}

// The cookie is a hint that anybody may have planted: it shows nothing but a login
// that this browser holds sealed, and leads nowhere else.
func TestAForgedHintLeadsNowhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		_, foreign := w.begun(t, "ask")
		_, second := b, b.start(t, "ask")
		id := strings.TrimPrefix(login, "/login/")
		for name, hint := range map[string]string{
			"a login of another browser": strings.TrimPrefix(foreign, "/login/"),
			"another site":               "//evil.example/",
			"an address":                 "https://evil.example/",
			"a path":                     id + "/../../logout",
			"a step":                     id + "/leave",
			"nothing that is an id":      `"><script>`,
		} {
			b.cookies["clave_waiting"] = hint
			if body := b.get(t, elsewhere).body; strings.Contains(body, `class="waiting"`) || strings.Contains(body, "evil") {
				t.Errorf("%s: the frame leads somewhere", name)
			}
		}
		b.cookies["clave_waiting"] = id
		if !b.get(t, elsewhere).leadsBack(login) {
			t.Error("its own login does not wait")
		}
		b.cookies["clave_login_"+id] = b.cookies["clave_login_"+strings.TrimPrefix(second, "/login/")]
		if strings.Contains(b.get(t, elsewhere).body, `class="waiting"`) {
			t.Error("a login waits under the id of another")
		}
	})
}
