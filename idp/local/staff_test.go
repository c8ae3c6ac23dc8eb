package local_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/idp/local"
)

// lobby is a door and a pocket that remember what was done.
type lobby struct {
	token    string // that signing in gives
	err      error
	training bool
	left     []string // tokens whose sessions were ended
	kept     string
}

func (l *lobby) SignIn(_ context.Context, _ identity.PersonID, _ string, training bool) (string, error) {
	l.training = training
	return l.token, l.err
}

func (l *lobby) Leave(_ context.Context, token, _ string) error {
	l.left = append(l.left, token)
	return l.err
}

func (l *lobby) Token(r *http.Request) string             { return r.Header.Get("Token") }
func (l *lobby) Keep(_ http.ResponseWriter, token string) { l.kept = token }

func staffFront(g *gate, l *lobby, training bool) *local.Staff {
	return local.NewStaff(local.StaffConfig{
		Broker: g, Door: l, Pocket: l, Within: "/staff", First: "/staff/home", Welcome: "/staff", Stranger: "/staff/stranger", Training: training,
		Fail: func(w http.ResponseWriter, _ *http.Request, _ *slog.Logger, _ string, _ error) {
			w.WriteHeader(http.StatusInternalServerError)
		},
		Log: slog.New(slog.DiscardHandler),
	})
}

// enter sends the sign-in form and gives the request that opened.
func enter(t *testing.T, f *local.Staff, g *gate, form url.Values) broker.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, local.EnterPath, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f.Routes()[0].Handler(httptest.NewRecorder(), r)
	if g.opened == nil {
		t.Fatal("got no login")
	}
	return *g.opened
}

// Whatever the form says, the login is by certificate, of now and of the console.
func TestOfficersProveItByCertificateEachTime(t *testing.T) {
	t.Parallel()
	g := &gate{}
	req := enter(t, staffFront(g, &lobby{}, false), g, url.Values{"to": {"/staff/members"}, "level": {"low"}, "methods": {"pin"}})
	if !req.Fresh || req.Level != identity.Substantial || !slices.Equal(req.Methods, []identity.Method{identity.Certificate}) ||
		req.RelyingParty != registry.StaffID || req.Front != local.StaffName {
		t.Errorf("got %+v", req)
	}
	if p := registry.Staff(); p.SSO.Reuses() || p.MinimumLevel != identity.Substantial || !slices.Equal(p.Methods, req.Methods) || len(p.Attributes) > 0 {
		t.Errorf("the console is registered as %+v", p)
	}
}

func TestOfficersComeBackToPagesOfTheConsoleOnly(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"/staff/members": "/staff/members", "/staff/desk?document=1": "/staff/desk?document=1",
		"": "/staff/home", "/my": "/staff/home", "/staffs/x": "/staff/home", "/staff": "/staff/home",
		"//evil.example/staff/": "/staff/home", "https://evil.example/staff/": "/staff/home", `/staff/\evil.example`: "/staff/home",
		"/staff/x\r\nSet-Cookie: y": "/staff/home", "/staff/" + strings.Repeat("x", 600): "/staff/home",
	} {
		g, l := &gate{}, &lobby{token: "NEW"}
		f := staffFront(g, l, false)
		req := enter(t, f, g, url.Values{"to": {to}})
		answer, err := f.Issue(t.Context(), req, broker.Outcome{})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		f.Answer(w, httptest.NewRequest(http.MethodGet, "/login/x", nil), req, answer, broker.ByPage)
		if got := w.Header().Get("Location"); got != want || w.Code != http.StatusSeeOther || l.kept != "NEW" {
			t.Errorf("%q: got %d to %q with token %q, want %q", to, w.Code, got, l.kept, want)
		}
	}
}

func TestTrainingIsForThoseToWhomItIsOffered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		offered, asked bool
	}{{"asked for", true, true}, {"not asked for", true, false}, {"asked for where there is none", false, true}} {
		g, l := &gate{}, &lobby{token: "NEW"}
		f := staffFront(g, l, c.offered)
		form := url.Values{}
		if c.asked {
			form.Set("training", "1")
		}
		if _, err := f.Issue(t.Context(), enter(t, f, g, form), broker.Outcome{}); err != nil {
			t.Fatal(err)
		}
		if want := c.offered && c.asked; l.training != want {
			t.Errorf("%s: training is %v", c.name, l.training)
		}
	}
}

func TestOneBrowserHasOneSessionAtTheConsole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, former, answer, left, kept, to string }{
		{"the first sign-in", "", "NEW", "", "NEW", "/staff/home"},
		{"somebody else was at work", "OLD", "NEW", "OLD", "NEW", "/staff/home"},
		{"the answer came twice", "NEW", "NEW", "", "NEW", "/staff/home"},
		{"a stranger ends nothing and gets nothing", "OLD", "", "", "", "/staff/stranger"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, w := &lobby{}, httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, "/login/x", nil)
			r.Header.Set("Token", c.former)
			staffFront(&gate{}, l, false).Answer(w, r, broker.Request{}, []byte(c.answer), broker.ByPage)
			if left := strings.Join(l.left, ","); left != c.left || l.kept != c.kept || w.Header().Get("Location") != c.to {
				t.Errorf("ended %q, kept %q, went to %q", left, l.kept, w.Header().Get("Location"))
			}
		})
	}
}

// A token is given once, and never while the session of before goes on.
func TestNoTokenIsGivenTwice(t *testing.T) {
	t.Parallel()
	l := &lobby{err: errors.New("no database")}
	f := staffFront(&gate{}, l, false)
	if _, err := f.Reissue(t.Context(), broker.Request{}, []byte("NEW")); !errors.Is(err, broker.ErrRedeemed) {
		t.Errorf("got %v", err)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/login/x", nil)
	r.Header.Set("Token", "OLD")
	f.Answer(w, r, broker.Request{}, []byte("NEW"), broker.ByPage)
	if w.Code != http.StatusInternalServerError || l.kept != "" {
		t.Errorf("got status %d and the token %q", w.Code, l.kept)
	}
	w = httptest.NewRecorder()
	f.Refuse(w, httptest.NewRequest(http.MethodGet, "/login/x", nil), broker.Request{}, broker.Cancelled, broker.ByPage)
	if got := w.Header().Get("Location"); got != "/staff" || f.Home(broker.Request{}) != "/staff" {
		t.Errorf("who gives up is sent to %q", got)
	}
}
