package logins

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// everywhere is a browser that got the answer of logins at two services.
func (w *world) everywhere(t *testing.T) *browser {
	t.Helper()
	b, login := w.proven(t, "silent")
	b.get(t, login).wants(t, "answer ")
	login = b.start(t, "ask")
	b.get(t, login)
	b.post(login+"/inform", "")
	b.get(t, login).wants(t, "answer ")
	return b
}

// round tells everybody that is to be told.
func (b *browser) round(t *testing.T, logout string) {
	t.Helper()
	for range 9 {
		if page := b.get(t, logout); !strings.Contains(page.body, "http-equiv") {
			return
		}
		b.get(t, logout+"/next").wants(t, "tell ")
	}
	t.Fatal("a round without end")
}

func TestALogoutTellsTheServicesOfTheSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, stranger := w.everywhere(t), w.everywhere(t)
		logout := b.post("/logout", "").location
		b.get(t, "/mine").wants(t, "nobody")
		stranger.get(t, "/mine").wants(t, "ana")
		stranger.get(t, logout).is(t, 404)
		b.round(t, logout)
		if !slices.Equal(w.front.told, []string{"ask", "silent"}) {
			t.Errorf("told %v", w.front.told)
		}
		if w.front.ended.Load() != 1 {
			t.Errorf("what rests on the session ended %d times", w.front.ended.Load())
		}
	})
}

func TestALoginThatStandsApartTakesNoPart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "silent")
		b.get(t, login).wants(t, "answer ")
		apart := b.start(t, "apart")
		b.post(apart+"/pin", "")
		b.get(t, apart).wants(t, "answer ")
		b.round(t, b.post("/logout", "").location)
		if !slices.Equal(w.front.told, []string{"silent"}) {
			t.Errorf("told %v", w.front.told)
		}
	})
}

func TestTabsOfOneLogoutTellEachServiceOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.everywhere(t)
		logout := b.post("/logout", "").location
		var tabs sync.WaitGroup
		for range 6 {
			tabs.Go(func() { b.do("GET", logout+"/next", "") })
		}
		tabs.Wait()
		slices.Sort(w.front.told)
		if !slices.Equal(w.front.told, []string{"ask", "silent"}) {
			t.Errorf("told %v", w.front.told)
		}
	})
}

func TestLogoutsAtOnceGoRoundOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.everywhere(t)
		ways := make([]string, 4)
		var tabs sync.WaitGroup
		for i := range ways {
			other := b.copy()
			tabs.Go(func() { ways[i] = other.post("/logout", "").location })
		}
		tabs.Wait()
		slices.Sort(ways)
		if !slices.Equal(ways[:3], []string{"/logged-out", "/logged-out", "/logged-out"}) || !strings.HasPrefix(ways[3], "/logout/") {
			t.Errorf("got %q", ways)
		}
	})
}

// A service that gets its answer while the citizen logs out is told, or it gets none.
func TestNoLoginSlipsPastALogout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 8 {
			w.front.told = nil
			b, login := w.proven(t, "ask")
			b.get(t, login)
			b.post(login+"/inform", "")
			b.get(t, login).wants(t, "answer ")
			other, tab := b.start(t, "silent"), b.copy()
			answered, logout := "", ""
			var both sync.WaitGroup
			both.Go(func() { answered = tab.do("GET", other, "").body })
			both.Go(func() { logout = b.post("/logout", "").location })
			both.Wait()
			b.round(t, logout)
			if got := strings.HasPrefix(answered, "answer "); got != slices.Contains(w.front.told, "silent") {
				t.Errorf("answered %q, told %v", answered, w.front.told)
			}
		}
	})
}
