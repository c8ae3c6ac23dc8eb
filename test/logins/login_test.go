package logins

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/broker"
)

// begun is a new browser with an open login.
func (w *world) begun(t *testing.T, where string) (b *browser, login string) {
	t.Helper()
	b = w.browser()
	return b, b.start(t, where)
}

// proven is one whose citizen has proven who they are, and not heard the answer.
func (w *world) proven(t *testing.T, where string) (b *browser, login string) {
	t.Helper()
	b, login = w.begun(t, where)
	b.post(login+"/pin", "")
	return b, login
}

func TestALoginFinishesOnceHoweverOftenItIsSent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		b.get(t, login).wants(t, "pin page")
		var all sync.WaitGroup
		answers := make([]reply, 12)
		for i := range answers {
			all.Go(func() {
				tab := b.copy()
				tab.post(login+"/pin", "")
				answers[i] = tab.do(http.MethodGet, login, "")
			})
		}
		all.Wait()
		for _, a := range answers {
			if a.body != answers[0].body {
				t.Errorf("two answers: %q and %q", a.body, answers[0].body)
			}
		}
		b.get(t, login).wants(t, ":substantial:Ana via 0")
	})
}

func TestALostReplyIsGivenAgainForAMinute(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "silent")
		b.copy().get(t, login).wants(t, "answer 1:") // which b never hears
		b.copy().post(login+"/pin", "")
		w.clock.Pass(30 * time.Second)
		b.copy().get(t, login).wants(t, "answer 1:")
		w.clock.Pass(time.Second)
		b.copy().get(t, login).wants(t, "answer again") // the first would soon expire
		w.clock.Pass(29 * time.Second)
		b.get(t, login).wants(t, "Este acceso ya ha terminado")
	})
}

func TestTheBackButtonNeverTakesAnAnswerToTheServiceTwice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "silent")
		b.get(t, login).wants(t, "answer 1:")
		b.get(t, login).wants(t, "answer again") // nobody redeemed the first: it is void
		b.post(login+"/pin", "").is(t, http.StatusSeeOther)
		w.front.redeemed.Store(true)
		b.get(t, login).wants(t, "Este acceso ya ha terminado")
		b.get(t, login+"/pin").wants(t, `href="https://service.example/"`)
	})
}

func TestTheFirstReleaseInformsAndTheNextDoesNot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "ask")
		page := b.get(t, login)
		page.wants(t, "Servicio")
		page.wants(t, "<dd>Ana</dd>")
		if strings.Contains(page.body, "12345678Z") {
			t.Error("shows a datum that the service is not registered for")
		}
		b.post(login+"/inform", "")
		b.get(t, login).wants(t, "answer 1:substantial:Ana via 0")
		b.get(t, b.start(t, "ask")).wants(t, "answer 2:substantial:Ana via 1")
		b.get(t, b.start(t, "ask?fresh")).wants(t, "pin page")
		b.do(http.MethodGet, "/open/ask?passive", "").wants(t, "answer 3:")
		w.browser().do(http.MethodGet, "/open/ask?passive", "").wants(t, "refused login_required")
	})
}

func TestPassiveIsRefusedWhereInformingIsDue(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "silent")
		b.get(t, login)
		b.do(http.MethodGet, "/open/ask?passive", "").wants(t, "refused interaction_required")
	})
}

func TestAnotherBrowserHasNoPartInALogin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		w.browser().do(http.MethodGet, login, "").is(t, http.StatusNotFound)
		w.browser().post(login+"/pin", "").is(t, http.StatusNotFound)
		// The cookie of one login under the name of another opens nothing.
		second := b.start(t, "silent")
		name := func(path string) string { return "clave_login_" + strings.TrimPrefix(path, "/login/") }
		b.cookies[name(second)] = b.cookies[name(login)]
		b.do(http.MethodGet, second, "").is(t, http.StatusNotFound)
	})
}

func TestAnotherPersonEndsTheSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "silent")
		b.get(t, login)
		anas := b.cookies["clave_session"]
		w.prove = func(*broker.Login) broker.Evidence { return w.pin("beto") }
		second := b.start(t, "silent?fresh")
		b.post(second+"/pin", "")
		b.get(t, second).wants(t, ":Beto")
		if got := w.front.ended.Load(); got != 1 {
			t.Errorf("got %d sessions ended at the front, want 1", got)
		}
		b.cookies["clave_session"] = anas // rolled back
		b.get(t, b.start(t, "silent")).wants(t, "pin page")
	})
}

func TestAProofRenewsTheToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "silent")
		b.get(t, login)
		before := b.cookies["clave_session"]
		second := b.start(t, "silent?fresh")
		b.post(second+"/pin", "")
		b.get(t, second)
		if before == "" || before == b.cookies["clave_session"] {
			t.Error("the token is the same after a new proof")
		}
		old := w.browser()
		old.cookies["clave_session"] = before
		old.get(t, old.start(t, "silent")).wants(t, "pin page")
	})
}

func TestEvidenceForAnotherPersonThanTheLoginsIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		w.prove = func(l *broker.Login) broker.Evidence {
			err := w.broker.Tx(context.Background(), func(ctx context.Context) error {
				if err := w.broker.Begin(ctx, l, "ana"); err != nil {
					return err
				}
				return w.broker.Succeed(ctx, l, w.pin("beto"))
			})
			if !errors.Is(err, broker.ErrOtherPerson) {
				t.Errorf("got %v, want ErrOtherPerson", err)
			}
			return w.pin("ana")
		}
		b.post(login+"/pin", "")
		b.get(t, login).wants(t, ":Ana")
	})
}

func TestEvidenceBelowTheDemandEndsTheLoginAndStartsNoSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		w.prove = func(*broker.Login) broker.Evidence {
			ev := w.pin("ana")
			ev.Level = 0
			return ev
		}
		b.post(login+"/pin", "")
		b.get(t, login).is(t, http.StatusForbidden)
		if b.cookies["clave_session"] != "" {
			t.Error("a session began")
		}
	})
}

func TestGoingBackToTheServiceIsAnAnswerToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		b.post(login+"/leave", "")
		b.get(t, login).wants(t, "refused cancelled")
		second := b.start(t, "silent")
		b.post(second+"/leave", "reason=made-up")
		b.get(t, second).wants(t, "refused cancelled")
	})
}

func TestARefusedLoginCanBeLeft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		w.prove = func(*broker.Login) broker.Evidence {
			ev := w.pin("ana")
			ev.Level = 0
			return ev
		}
		b.post(login+"/pin", "")
		b.get(t, login).is(t, http.StatusForbidden)
		b.post(login+"/leave", "")
		b.get(t, login).wants(t, "refused level_unmet")
	})
}

func TestWhoIsInformedMayGoBackInstead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "ask")
		b.get(t, login).wants(t, "<dd>Ana</dd>")
		b.post(login+"/leave", "")
		b.get(t, login).wants(t, "refused cancelled")
	})
}

func TestAnExpiredLoginNamesTheServiceAndLeadsBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		w.clock.Pass(broker.DefaultLifetimes().Login)
		page := b.do(http.MethodGet, login+"/pin", "")
		page.is(t, http.StatusGone)
		page.wants(t, "Servicio")
		b.post(login+"/pin", "").is(t, http.StatusGone)
		b.post(login+"/leave", "reason=expired")
		b.get(t, login).wants(t, "refused expired")
	})
}

func TestMoreTimeKeepsTheLoginOpenAndAnOldCookieOnlyHasLess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		old := b.copy()
		w.clock.Pass(29 * time.Minute)
		b.post(login+"/extend", "")
		w.clock.Pass(10 * time.Minute)
		b.get(t, login).wants(t, "pin page")
		old.do(http.MethodGet, login+"/pin", "").is(t, http.StatusGone)
		for range 20 {
			b.post(login+"/extend", "")
			w.clock.Pass(29 * time.Minute)
		}
		if r := b.do(http.MethodGet, login+"/pin", ""); r.code == http.StatusOK {
			t.Error("a login can be extended for ever")
		}
	})
}

func TestTheFifthOpenLoginDropsTheOldest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		var paths []string
		for range 5 {
			paths = append(paths, b.start(t, "silent"))
			w.clock.Pass(time.Second)
		}
		b.do(http.MethodGet, paths[0], "").is(t, http.StatusNotFound)
		for _, p := range paths[1:] {
			b.get(t, p).wants(t, "pin page")
		}
	})
}

func TestALargeRequestBecomesARow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent?return="+strings.Repeat("x", 4000))
		for name, value := range b.cookies {
			if len(value) > 300 {
				t.Errorf("cookie %s has %d characters", name, len(value))
			}
		}
		b.post(login+"/pin", "")
		b.get(t, login).wants(t, "answer 1:")
	})
}

func TestLoggingOutEndsWhatRestsOnTheSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "ask")
		b.get(t, login) // the page that informs, left open
		b.post("/logout", "")
		b.post(login+"/inform", "")
		b.get(t, login).wants(t, "Ha cerrado la sesión")
		b.get(t, b.start(t, "ask")).wants(t, "pin page")
	})
}

func TestAForeignPageCannotLogAnybodyOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.proven(t, "silent")
		b.get(t, login)
		w.server.ServeHTTP(discard{}, crossSite(b, "/logout"))
		b.get(t, b.start(t, "silent")).wants(t, "answer 2:")
	})
}

func TestALanguageChosenOnOurPagesIsRemembered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, login := w.begun(t, "silent")
		b.post("/language", "lang=eu&return="+login)
		b.post(login+"/pin", "")
		b.get(t, login).wants(t, "answer 1:")
		st, err := w.register.Standing(context.Background(), "ana")
		if err != nil || st.Language != "eu" {
			t.Errorf("got %q, %v, want eu", st.Language, err)
		}
	})
}
