package pin_test

import (
	"net/http"
	"testing"
	"time"

	"clave/internal/tally"
	"clave/providers/pin"
	"clave/providers/pin/pintest"
)

var wrongDate = []string{"contrast-day", "2", "contrast-month", "2", "contrast-year", "2032"}

func TestWhatWasToldIsToldAgainAndNotCountedAgain(t *testing.T) {
	t.Parallel()
	t.Run("a wrong pair, until the document is another or the pair is right", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		validity := root(l) + "/pin/validity"
		b.Goes(validity, root(l)+"/pin", "document", pintest.Advanced)
		b.counted("contrast", "Check both", validity, wrongDate...)
		if got := len(pairs(t, w, pintest.Advanced).Times); got != 1 {
			t.Errorf("got %d wrong pairs after a reload, want 1", got)
		}
		b.Get(root(l) + "/pin/issue")
		b.Lacks("<title>Error:")
		b.Goes(validity, root(l)+"/pin", "document", pintest.Nobody)
		b.Get(validity)
		b.Lacks("<title>Error:", `value="2032"`)
		b.Goes(validity, root(l)+"/pin", "document", pintest.Advanced)
		b.counted("contrast", "Check both", validity, wrongDate...)
		b.Goes(root(l)+"/pin/obtain", validity, date...)
		b.Get(validity)
		b.Lacks("<title>Error:", `value="2032"`)
	})
	t.Run("a locked document, until the lock ends", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		validity := root(l) + "/pin/validity"
		b.Goes(validity, root(l)+"/pin", "document", pintest.Advanced)
		for range 5 {
			b.Goes(validity, validity, wrongDate...)
		}
		for range 2 {
			b.Do(http.MethodGet, validity, nil)
			if b.Status != http.StatusTooManyRequests {
				t.Errorf("got %d, want %d", b.Status, http.StatusTooManyRequests)
			}
		}
		w.Pass(time.Hour)
		b.Get(validity)
		b.Lacks("<title>Error:")
		if got := len(pairs(t, w, pintest.Advanced).Times); got != 5 {
			t.Errorf("got %d wrong pairs, want 5", got)
		}
	})
	t.Run("a wrong PIN, until another is sent", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		enter := root(l) + "/pin/enter"
		code := toEnter(b, w, l)
		b.counted("pin", "You have 4 tries left.", enter, "pin", w.Wrong(code))
		b.wrong("pin", "This try does not count.", enter, "pin", "A0B")
		w.Pass(pin.SendSpacing)
		b.Goes(enter, root(l)+"/pin/again")
		b.Get(enter)
		b.Lacks("<title>Error:")
	})
	t.Run("nothing that was told in another login, or forged", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 2)
		one, two := logins[0], logins[1]
		code := toEnter(b, w, one)
		toEnter(b, w, two)
		b.counted("pin", "You have 4 tries left.", root(one)+"/pin/enter", "pin", w.Wrong(code))
		own, other := "clave_told_"+string(one.Request.ID), "clave_told_"+string(two.Request.ID)
		for _, forged := range []string{b.Cookies[own], b.Cookies[own][1:], "AAAA", "é"} {
			b.Cookies[other] = forged
			b.Get(root(two) + "/pin/enter")
			b.Lacks("<title>Error:")
		}
	})
	t.Run("nothing when all is over", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		code := toEnter(b, w, l)
		b.counted("pin", "You have 4 tries left.", root(l)+"/pin/enter", "pin", w.Wrong(code))
		b.Goes(root(l), root(l)+"/pin/enter", "pin", code)
		for name := range b.Cookies {
			t.Errorf("the browser keeps %s", name)
		}
	})
}

// pairs are the wrong pairs of a document.
func pairs(t *testing.T, w *pintest.World, document string) tally.Tally {
	t.Helper()
	wrong, err := w.Tallies.Tally(t.Context(), tally.Subject{Kind: tally.WrongPairs, Value: document})
	if err != nil {
		t.Fatal(err)
	}
	return wrong
}
