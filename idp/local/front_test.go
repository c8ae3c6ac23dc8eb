package local_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/idp/local"
	"clave/web/route"
)

// gate is a broker that knows one citizen, or fails.
type gate struct {
	citizen *broker.Citizen
	err     error
	opened  *broker.Request
}

func (g *gate) LoggedIn(*http.Request, broker.Request) (*broker.Citizen, error) {
	return g.citizen, g.err
}

func (g *gate) Open(w http.ResponseWriter, _ *http.Request, req broker.Request) {
	g.opened = &req
	w.WriteHeader(http.StatusSeeOther)
}

func front(g *gate) *local.Front {
	return local.New(local.Config{
		Broker: g, Home: "/home", Log: slog.New(slog.DiscardHandler),
		Fail: func(w http.ResponseWriter, _ *http.Request, _ *slog.Logger, _ string, _ error) {
			w.WriteHeader(http.StatusInternalServerError)
		},
	})
}

func TestWhoIsLoggedInPasses(t *testing.T) {
	t.Parallel()
	g := &gate{citizen: &broker.Citizen{Level: identity.Low}}
	page := front(g).Guard(route.Proof{Level: identity.Low})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if broker.CitizenFrom(r.Context()) != g.citizen {
			t.Error("the page got another citizen")
		}
	}))
	w := httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/my", nil))
	if w.Code != http.StatusOK || g.opened != nil {
		t.Errorf("got status %d and a login: %v", w.Code, g.opened != nil)
	}
}

func TestWhoIsNotLogsInAndComesBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, method, address, back string }{
		{"a page", http.MethodGet, "/my/activity?before=x", "/my/activity?before=x"},
		{"a form goes back to its page", http.MethodPost, "/my/sessions/end?x=1", "/my/sessions/end"},
		{"an address too long for the sealed request", http.MethodGet, "/my?x=" + strings.Repeat("x", 600), "/my"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := &gate{}
			page := front(g).Guard(route.Proof{Level: identity.Substantial})(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				t.Error("the page was shown")
			}))
			page.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(c.method, c.address, nil))
			switch {
			case g.opened == nil:
				t.Fatal("got no login")
			case string(g.opened.Return) != c.back, g.opened.Front != local.Name, g.opened.RelyingParty != registry.OwnID, g.opened.Level != identity.Substantial:
				t.Errorf("got %+v, returning to %s", g.opened, g.opened.Return)
			}
		})
	}
}

// Who takes over a browser that somebody left finds a proof that is too old, or one by
// another method.
func TestFreshPagesDemandAProofOfNow(t *testing.T) {
	t.Parallel()
	g := &gate{}
	page := front(g).Guard(route.Proof{Level: identity.Low, Fresh: true, Method: identity.Certificate})(http.NotFoundHandler())
	page.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/my/phone", nil))
	switch {
	case g.opened == nil:
		t.Fatal("got no login")
	case g.opened.MaxAge == nil, *g.opened.MaxAge != local.Freshness, !slices.Equal(g.opened.Methods, []identity.Method{identity.Certificate}):
		t.Errorf("got %+v", g.opened)
	}
}

// A proof from before logins were named in it cannot say on what a change rests.
func TestFreshPagesDemandANamedLogin(t *testing.T) {
	t.Parallel()
	for _, login := range []broker.LoginID{"", "named"} {
		g := &gate{citizen: &broker.Citizen{Evidence: broker.Evidence{Method: identity.PIN, Login: login}}}
		page := front(g).Guard(route.Proof{Level: identity.Low, Fresh: true})(http.NotFoundHandler())
		page.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/my/email", nil))
		if again := g.opened != nil && g.opened.Fresh; again != (login == "") {
			t.Errorf("login %q: got another login %v", login, again)
		}
	}
}

func TestWhatFailsLetsNobodyIn(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	front(&gate{err: errors.New("no database")}).Guard(route.Proof{Level: identity.Low})(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the page was shown")
	})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/my", nil))
	if w.Code != http.StatusInternalServerError {
		t.Errorf("got status %d", w.Code)
	}
}

// The way back never leaves our origin, whatever stands in the request.
func TestAnswersStayHere(t *testing.T) {
	t.Parallel()
	for back, want := range map[string]string{
		"/my/sessions": "/my/sessions", "/my?x=1": "/my?x=1",
		"//evil.example": "/home", `/\evil.example`: "/home", "https://evil.example": "/home", "": "/home", "/my\r\nX: y": "/home",
	} {
		f, w := front(&gate{}), httptest.NewRecorder()
		answer, err := f.Issue(context.Background(), broker.Request{Return: []byte(back)}, broker.Outcome{})
		if err != nil {
			t.Fatal(err)
		}
		f.Answer(w, httptest.NewRequest(http.MethodGet, "/login/x", nil), broker.Request{}, answer, broker.ByPage)
		if got := w.Header().Get("Location"); got != want || w.Code != http.StatusSeeOther {
			t.Errorf("%q: got %d to %q, want %q", back, w.Code, got, want)
		}
	}
	w := httptest.NewRecorder()
	front(&gate{}).Refuse(w, httptest.NewRequest(http.MethodGet, "/login/x", nil), broker.Request{}, broker.Cancelled, broker.ByPage)
	if got := w.Header().Get("Location"); got != "/home" {
		t.Errorf("who gives up is sent to %q", got)
	}
}
