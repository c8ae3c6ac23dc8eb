package permanente_test

import (
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
	"clave/providers/permanente"
	pt "clave/providers/permanente/permanentetest"
	"clave/providers/providertest"
	"clave/web/page"
	"clave/web/page/pagetest"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// site is a world with pages, a login and a browser. Its citizen is logged in on pages
// of one's own.
func site(t testing.TB) (*pt.World, *broker.Login, *pagetest.Browser) {
	t.Helper()
	w, _ := pt.NewWithPages(t)
	l := w.Broker().Open(providertest.Party())
	router := mux.NewRouter()
	around := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(rw, r.WithContext(page.With(r.Context(), page.Around{Service: "Example Town Hall"})))
		})
	}
	loggedIn := func(route.Proof) route.Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				c := citizen(w, pt.Advanced, identity.Permanente, identity.Low)
				next.ServeHTTP(rw, r.WithContext(broker.WithCitizen(r.Context(), c)))
			})
		}
	}
	err := route.Mount(router, append(w.Routes(), w.OwnRoutes()...), route.Guards{
		Login: w.Broker().Guard(t, l), Citizen: loggedIn, Around: around, Fail: w.Pages.ErrorPage, Log: slog.New(slog.NewTextHandler(w.Log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, l, pagetest.New(t, router)
}

// mends sends a form whose password is not good: it comes back with the reason and
// without the password.
func mends(b *pagetest.Browser, text, path string, fields ...string) {
	b.T.Helper()
	if to := b.Post(path, fields...); to != "" || b.Status != http.StatusUnprocessableEntity {
		b.T.Errorf("got %d to %q, want the form again", b.Status, to)
	}
	b.Says(text)
	for i := 1; i < len(fields); i += 2 {
		b.Lacks(fields[i])
	}
}

func root(l *broker.Login) string { return "/login/" + string(l.Request.ID) }

func TestPagesOfALogin(t *testing.T) {
	t.Parallel()
	w, l, b := site(t)
	at := root(l) + "/permanente"
	b.Get(at)
	b.Says("current-password", `type="password"`, `autocomplete="username"`, "/help/password")
	b.Wrong("password", "Enter your password", at, "document", pt.Advanced)
	// A wrong one is told by GET, so that a reload counts nothing; it is in no page.
	b.Goes(at, at, "document", pt.Advanced, "password", wrong)
	for range 7 {
		b.Get(at)
		b.Says("do not belong together", `value="`+pt.Advanced+`"`)
		b.Lacks(wrong)
	}
	counted, err := w.Stores.Tallies.Tally(t.Context(), tally.Subject{Kind: tally.WrongPasswords, Value: pt.Advanced})
	if err != nil || len(counted.Times) != 1 {
		t.Errorf("got %d counted, %v; want 1", len(counted.Times), err)
	}
	b.Goes(root(l), at, "document", pt.Advanced, "password", pt.Password)
	if ev := w.Broker().Evidence(l); ev == nil || ev.Level != identity.Low {
		t.Errorf("got %+v, want low evidence", ev)
	}
	if len(b.Cookies) != 1 {
		t.Errorf("got %d cookies, want the one by which the browser is known", len(b.Cookies))
	}
}

// What the browser keeps is sealed: whoever makes a cookie up, or cuts it, is a browser
// that nobody knows.
func TestCookiesAreNotMadeUp(t *testing.T) {
	t.Parallel()
	w, l, b := site(t)
	at := root(l) + "/permanente"
	b.Goes(root(l), at, "document", pt.Advanced, "password", pt.Password)
	var sealed string
	for _, value := range b.Cookies {
		sealed = value
	}
	if strings.Contains(sealed, string(w.Person(pt.Advanced))) {
		t.Error("the cookie tells who it is")
	}
	for name, value := range map[string]string{"made up": "AAAA", "cut": sealed[:len(sealed)-2], "none": ""} {
		w, l, b := site(t)
		for range 5 { // lock browsers that nobody knows
			try(t, w, pt.Advanced, wrong, permanente.Known{})
		}
		b.Cookies["clave_known"] = value
		at := root(l) + "/permanente"
		b.Goes(at, at, "document", pt.Advanced, "password", pt.Password)
		b.Do(http.MethodGet, at, nil)
		b.Says("Too many wrong passwords")
		if w.Broker().Evidence(l) != nil {
			t.Errorf("%s: got in", name)
		}
	}
}

func TestPagesOfAnActivation(t *testing.T) {
	t.Parallel()
	w, _, b := site(t)
	const at = permanente.ActivatePath
	b.Goes("/permanente/activate", "/permanente/password", "new", chosen) // without a code there is nothing to set
	b.Wrong("activation", "twelve letters", at, "document", pt.NoPass, "email", "citizenR@example.org", "activation", "no")
	b.Goes(at, at, "document", pt.NoPass, "email", "citizenR@example.org", "activation", "ABCD EFGH 2345")
	b.Get(at)
	b.Says("do not belong together", pt.NoPass)
	b.Goes("/permanente/code", at, "document", pt.NoPass, "email", "citizenR@example.org", "activation", "STUV WXYZ 2345")
	b.Goes("/permanente/code", "/permanente/password", "new", chosen) // nor before the code
	b.Get("/permanente/code")
	b.Says("ends in 004", `autocomplete="one-time-code"`)
	b.Goes("/permanente/password", "/permanente/code", "code", w.Outbox.Code(t))
	b.Get("/permanente/password")
	b.Says("new-password", "At least 8 characters")
	mends(b, "too short", "/permanente/password", "new", "Kw!7")
	b.Lacks("Kw!7")
	b.Goes("/permanente/done", "/permanente/password", "new", chosen)
	if got := try(t, w, pt.NoPass, chosen, permanente.Known{}); got != "" {
		t.Errorf("got %q, want it taken", got)
	}
	b.Goes("/permanente/activate", "/permanente/password", "new", "otra_Mimbre9") // nor twice
}

func TestPagesOfACitizen(t *testing.T) {
	t.Parallel()
	w, _, b := site(t)
	b.Get("/permanente")
	b.Says("Valid until", "Always ask for it")
	b.Goes("/permanente", "/permanente/always", "always", "1")
	b.Goes("/permanente", "/permanente/always", "always", "0") // the login was not enough
	b.Get("/permanente")
	b.Says("To stop asking for it")
	if !w.Account(t, pt.Advanced).Always {
		t.Error("the preference is off")
	}
	mends(b, "other than the present one", "/permanente/change", "old", pt.Password, "new", pt.Password)
	b.Goes("/permanente/code", "/permanente/change", "old", pt.Password, "new", chosen)
	b.Goes("/permanente/done", "/permanente/code", "code", w.Outbox.Code(t))
	if hash := regexp.MustCompile(`argon2id|mimbre`).FindString(w.Log.String()); hash != "" {
		t.Errorf("the log holds %q", hash)
	}
}
