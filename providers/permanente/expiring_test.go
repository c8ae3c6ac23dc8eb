package permanente_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/providers/permanente"
	pt "clave/providers/permanente/permanentetest"
)

const day = 24 * time.Hour

// endsIn gives the citizen a password that ends so much later, and of which a page
// told so much ago; never for 0.
func endsIn(t testing.TB, w *pt.World, left, told time.Duration) {
	t.Helper()
	now := w.Clock.Now()
	w.Give(t, pt.Advanced, func(a *permanente.Account) {
		a.SetAt = now.Add(left).AddDate(-2, 0, 0)
		if told != 0 {
			a.ToldAt = now.Add(-told)
		}
	})
}

func TestTheEndOfAPasswordIsToldAfterTheLogin(t *testing.T) {
	t.Parallel()
	const page = "/permanente/expiring"
	for _, c := range []struct {
		name       string
		left, told time.Duration
		want       string // the login goes on where it is empty
	}{
		{"more than thirty days before nothing is said", 30*day + time.Second, 0, ""},
		{"from thirty days before it is told", 30 * day, 0, page},
		{"it is told once a day", 20 * day, day - time.Second, ""},
		{"and again the next day", 20 * day, day, page},
		{"until the last moment", time.Second, 2 * day, page},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, l, b := site(t)
			endsIn(t, w, c.left, c.told)
			want := c.want
			if want == "" {
				want = root(l)
			}
			b.Goes(want, root(l)+"/permanente", "document", pt.Advanced, "password", pt.Password)
			if w.Broker().Evidence(l) == nil {
				t.Error("the login was kept waiting")
			}
			if c.want == "" {
				return
			}
			b.Get(c.want)
			b.Says("expires soon", w.Account(t, pt.Advanced).Expires().Format("2 January 2006"), `href="/permanente/change"`)
		})
	}
	t.Run("with a code it is told after the code", func(t *testing.T) {
		t.Parallel()
		w, l, b := site(t)
		endsIn(t, w, day, 0)
		w.Give(t, pt.Advanced, func(a *permanente.Account) { a.SetAt, a.Always = w.Account(t, pt.Advanced).SetAt, true })
		b.Goes(root(l)+"/permanente/code", root(l)+"/permanente", "document", pt.Advanced, "password", pt.Password)
		b.Goes(page, root(l)+"/permanente/code", "code", w.Outbox.Code(t))
	})
	t.Run("a wrong password is told nothing", func(t *testing.T) {
		t.Parallel()
		w, l, b := site(t)
		endsIn(t, w, day, 0)
		b.Goes(root(l)+"/permanente", root(l)+"/permanente", "document", pt.Advanced, "password", wrong)
		if !w.Account(t, pt.Advanced).ToldAt.IsZero() {
			t.Error("it counts as told")
		}
	})
	t.Run("an expired password is a page with the way to a new one", func(t *testing.T) {
		t.Parallel()
		w, l, b := site(t)
		endsIn(t, w, 0, 0)
		b.Stopped(http.StatusForbidden, "/help/password", root(l)+"/permanente", "document", pt.Advanced, "password", pt.Password)
		if w.Broker().Evidence(l) != nil {
			t.Error("it proved something")
		}
	})
}

// Two tabs at once are told once.
func TestTheEndIsToldOnce(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	endsIn(t, w, day, 0)
	a := w.Account(t, pt.Advanced)
	var told atomic.Int64
	var tabs sync.WaitGroup
	for range 8 {
		tabs.Go(func() {
			if yes, err := w.Tell(t.Context(), a); err != nil {
				t.Error(err)
			} else if yes {
				told.Add(1)
			}
		})
	}
	tabs.Wait()
	if told.Load() != 1 {
		t.Errorf("told %d times, want once", told.Load())
	}
	if yes, err := w.Tell(t.Context(), permanente.Account{Person: "nobody", Hash: "$", SetAt: a.SetAt}); yes || err != nil {
		t.Errorf("nobody: got %v, %v", yes, err)
	}
}
