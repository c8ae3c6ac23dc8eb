package browser

import (
	"context"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
	"clave/providers/pin"
)

// inWorkshop runs a tour of pages in a workshop, on a phone and on a laptop.
func inWorkshop(t *testing.T, tour func(b *tab, w *workshop), installed ...identity.Method) {
	t.Helper()
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320}, {language: "en", width: 1280}} {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			w := newWorkshop(t, installed...)
			tour(newTab(t, w.sandbox, m), w)
		})
	}
}

func TestChooser(t *testing.T) {
	inWorkshop(t, func(b *tab, w *workshop) {
		b.open("/open/little")
		b.look("chooser", "fresh")
		b.open("/open/much")
		b.look("chooser", "substantial")
		b.arrive("/login/*/pin", b.activate(".choice:first-child a"))
		b.enterDocument(carmen().document, "/login/*/pin/validity")
		for range 5 {
			b.enterContrast("2029-01-01", "/login/*/pin/validity")
		}
		b.look("locked", "pair-other-methods")
	}, identity.Methods()...)
}

func TestPINPagesAsTimePasses(t *testing.T) {
	inWorkshop(t, func(b *tab, w *workshop) {
		c := carmen()
		again := func() {
			b.t.Helper()
			b.arrive("/login/*/pin/enter", b.activate("form[action$='/again'] .button"))
		}
		b.open("/open/little")
		b.identify(c)
		b.obtain()
		w.pass(pin.Lifetime + time.Second)
		b.reload()
		b.look("enter", "expired")
		again()
		b.enterPIN("", "/login/*/pin/enter")
		w.pass(pin.SendSpacing)
		again()
		b.look("enter", "no-sends-left")
		w.pass(pin.SendSpacing)
		b.enterOnceMore(c)
		b.look("locked", "no-sends-left")
		b.arrive("/login/*/pin/enter", b.activate("main a[href$='/pin/enter']"))
		w.pass(pin.Lifetime)
		b.reload()
		b.look("enter", "expired-no-sends-left")

		w.broke = true
		b.open("/open/little")
		b.identify(c)
		b.arrive("/login/*/pin/obtain", b.activate(goOn))
		b.look("locked", "no-budget")
		w.broke = false
		b.reload() // sends the form again
		w.pass(pin.SendSpacing)
		b.arrive("/login/*/pin/again", b.activate("form[action$='/again'] .button"))
		b.look("locked", "phone-full")
	}, identity.PIN)
}

// enterOnceMore comes back to where a PIN can be obtained, in the same login.
func (b *tab) enterOnceMore(c citizen) {
	b.t.Helper()
	b.open(strings.TrimSuffix(b.path(), "/enter"))
	b.look("document", "pending")
	b.identify(c)
	b.arrive("/login/*/pin/obtain", b.activate(goOn))
}

func TestMethodLockedUntilProvenOtherwise(t *testing.T) {
	inWorkshop(t, func(b *tab, w *workshop) {
		c, ctx := carmen(), context.Background()
		document, err := identity.ParseDocument(c.document)
		check(b.t, err)
		who, err := w.persons.Candidate(ctx, document)
		check(b.t, err)
		wrong := tally.Subject{Kind: tally.WrongPINs, Value: string(who.PersonID)}
		check(b.t, w.db.Tx(ctx, func(ctx context.Context) error {
			if _, err := w.tallies.HoldTally(ctx, wrong); err != nil {
				return err
			}
			return w.tallies.KeepTally(ctx, wrong, tally.Tally{Times: []time.Time{w.now()}, LockedUntil: tally.Indefinitely()})
		}))
		b.open("/open/little")
		b.identify(c)
		b.arrive("/login/*/pin/obtain", b.activate(goOn))
		b.look("locked", "until-proven-otherwise")
	}, identity.PIN)
}

func TestLoginThatTookTooLong(t *testing.T) {
	inWorkshop(t, func(b *tab, w *workshop) {
		b.open("/open/little")
		b.enterDocument(carmen().document, "/login/*/pin/validity")
		w.pass(31 * time.Minute)
		b.reload()
		b.look("expired", "fresh")
		b.arrive(w.service+"/back", b.activate(goOn))
	}, identity.PIN)
}

func TestEveryRefusal(t *testing.T) {
	inWorkshop(t, func(b *tab, w *workshop) {
		b.open("/open/much")
		login := strings.TrimSuffix(b.path(), "/pin")
		for _, reason := range broker.Reasons() {
			b.open(login + "/refusal/" + string(reason))
			b.look("refusal", "reason-"+string(reason))
		}
		for _, key := range []string{"route.internal", "route.cross_origin", "route.too_large", "route.bad_form", "throttle.busy"} {
			b.open("/failure/" + key)
			b.look("failure", key)
		}
		for _, page := range []string{"help", "legal", "accessibility"} {
			b.open("/" + page)
			b.look(page, "full")
		}
	}, identity.PIN)
}
