package logins

import (
	"net/http"
	"testing"
	"time"

	"clave/broker"
)

func TestLoginsAndSessionsLastAsLongAsTheOperatorSays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.broker.Lifetimes = broker.Lifetimes{Login: 10 * time.Minute, SessionIdle: 5 * time.Minute, Session: 12 * time.Minute}
		b, login := w.begun(t, "silent")
		w.clock.Pass(10 * time.Minute)
		page := b.do(http.MethodGet, login, "")
		page.is(t, http.StatusGone)
		page.wants(t, "10 minutos")

		login = b.start(t, "silent")
		b.post(login+"/pin", "")
		b.get(t, login).wants(t, "answer")
		for _, at := range []struct {
			after time.Duration
			want  string
		}{
			{4 * time.Minute, "answer"}, // used, so that it is idle no more
			{4 * time.Minute, "answer"},
			{4 * time.Minute, "pin page"}, // twelve in all, however much it was used
		} {
			w.clock.Pass(at.after)
			b.get(t, b.start(t, "silent")).wants(t, at.want)
		}

		b.post(b.start(t, "silent")+"/pin", "")
		w.clock.Pass(5 * time.Minute)
		b.get(t, b.start(t, "silent")).wants(t, "pin page")
	})
}

func TestAChangeOfTheSettingsCutsNobodyOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		w.broker.Lifetimes = broker.Lifetimes{Login: 5 * time.Minute, SessionIdle: 5 * time.Minute, Session: 5 * time.Minute}
		w.clock.Pass(29 * time.Minute)
		b.get(t, login).wants(t, "pin page")
	})
}
