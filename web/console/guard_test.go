package console_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/census/office"
	"clave/census/staff"
	"clave/web/console"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/route"

	"github.com/gorilla/mux"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// porter is a door that knows one token.
type porter struct {
	signed  staff.Signed
	err     error
	refused []staff.Act
	chosen  string
	left    []string
	stayed  int
	roll    roll
}

const token = "TOKEN"

func (p *porter) Admit(_ context.Context, shown string) (*staff.Signed, error) {
	if p.err != nil {
		return nil, p.err
	}
	if shown != token {
		return nil, staff.ErrNoSession
	}
	signed := p.signed
	return &signed, nil
}

func (p *porter) Refuse(_ context.Context, _ *staff.Signed, act staff.Act) error {
	p.refused = append(p.refused, act)
	return p.err
}

func (p *porter) Choose(_ context.Context, signed *staff.Signed, office string) error {
	if !signed.Member.At(office) {
		return staff.ErrOffice
	}
	p.chosen = office
	return nil
}

func (p *porter) Stay(context.Context, *staff.Signed) error { p.stayed++; return nil }

func (p *porter) Leave(_ context.Context, token, _ string) error {
	p.left = append(p.left, token)
	return nil
}

// town is a directory of one office.
type town struct{}

func (town) Version(context.Context) (int64, error) { return 1, nil }
func (town) Offices(context.Context) ([]office.Office, int64, error) {
	return []office.Office{{Code: "O1", Name: "Oficina Uno", Address: "Calle 1", PostalCode: "28001", City: "Madrid"}}, 1, nil
}
func (town) ReplaceOffices(context.Context, []office.Office, time.Time) error { return nil }

// pages is made once: it parses every template in six languages.
var pages = sync.OnceValue(func() *page.Engine {
	texts, err := lang.Load()
	if err != nil {
		panic(err)
	}
	engine := page.New(texts, page.Frame{Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon }})
	engine.Compare(func(err error) { panic(err) })
	return engine
})

const deskPath = "/staff/desk"

// serving is the console with a section whose page is for officers at an office.
func serving(t *testing.T, p *porter) http.Handler {
	t.Helper()
	c := console.New(console.Config{
		Engine: pages(), Door: p, Cookie: console.Cookie{Jar: broker.CookieJar{}}, Offices: office.NewDirectory(town{}), Enter: "/staff/enter", Training: true, Roster: &p.roll, Members: &p.roll,
		Sections: []console.Section{{Path: deskPath, Text: "console.home.title", Act: staff.Serve}},
		Log:      slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
	})
	at := func(w http.ResponseWriter, r *http.Request) {
		signed := staff.From(r.Context())
		head, err := c.Head(r, deskPath)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte("desk of " + signed.Member.Name + " at " + head.Office))
	}
	router := mux.NewRouter()
	err := route.Mount(router, append(c.Routes(),
		route.Route{Method: http.MethodGet, Path: deskPath, Access: route.Officer(staff.Serve), Handler: at},
		route.Route{Method: http.MethodPost, Path: deskPath, Access: route.Officer(staff.Serve), Handler: at},
	), route.Guards{Officer: c.Guard, Fail: pages().ErrorPage, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return router
}

func member(role staff.Role, offices ...string) staff.Signed {
	s := staff.Signed{
		Member:  staff.Member{Person: "P1", Name: "Olga Prueba", Role: role, Offices: offices, Since: noon},
		Session: staff.Session{ID: "S1", Started: noon, Seen: noon},
	}
	if len(offices) == 1 {
		s.Session.Office = offices[0]
	}
	return s
}

// send asks for an address with a cookie, by another site's form when told so.
func send(h http.Handler, method, address, cookie, site string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, address, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", site)
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const own = "clave_staff=" + token

func TestWhoPassesTheGuard(t *testing.T) {
	t.Parallel()
	one, two := member(staff.Officer, "O1"), member(staff.Officer, "O1", "O2")
	for _, c := range []struct {
		name, method, address, cookie string
		signed                        staff.Signed
		err                           error
		status                        int
		location, body                string
		refused                       staff.Act
	}{
		{"an officer", "GET", deskPath, own, one, nil, 200, "", "desk of Olga Prueba at Oficina Uno", ""},
		{"nobody comes back later", "GET", deskPath + "?document=x", "", one, nil, 303, "/staff?to=%2Fstaff%2Fdesk%3Fdocument%3Dx", "", ""},
		{"a form is not sent again", "POST", deskPath, "", one, nil, 303, "/staff?to=%2Fstaff%2Fhome", "", ""},
		{"a session that is over says so", "GET", deskPath, "clave_staff=OLD", one, nil, 303, "/staff?over=1&to=%2Fstaff%2Fdesk", "", ""},
		{"a citizen's session is none", "GET", deskPath, "clave_session=" + token, one, nil, 303, "/staff?to=%2Fstaff%2Fdesk", "", ""},
		{"a role without the right", "GET", deskPath, own, member(staff.Administrator), nil, 403, "", "", staff.Serve},
		{"a reviewer's form", "POST", deskPath, own, member(staff.Reviewer), nil, 403, "", "", staff.Serve},
		{"a supervisor among the members", "GET", "/staff/members", own, member(staff.Supervisor, "O1"), nil, 403, "", "", staff.Manage},
		{"no role at all", "GET", "/staff/home", own, member(""), nil, 403, "", "", staff.Enter},
		{"an office has to be chosen first", "GET", deskPath, own, two, nil, 303, "/staff/office?to=%2Fstaff%2Fdesk", "", ""},
		{"not for what is done at no office", "GET", "/staff/office", own, two, nil, 200, "", "Oficina Uno", ""},
		{"a door that fails lets nobody in", "GET", deskPath, own, one, errors.New("no database"), 500, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := &porter{signed: c.signed, err: c.err}
			w := send(serving(t, p), c.method, c.address, c.cookie, "same-origin", nil)
			if w.Code != c.status || w.Header().Get("Location") != c.location || !strings.Contains(w.Body.String(), c.body) {
				t.Errorf("got %d to %q: %.200s", w.Code, w.Header().Get("Location"), w.Body)
			}
			if c.refused != "" && (len(p.refused) != 1 || p.refused[0] != c.refused) || c.refused == "" && len(p.refused) > 0 {
				t.Errorf("refused %v", p.refused)
			}
		})
	}
}

func TestFormsOfOtherSitesDoNothing(t *testing.T) {
	t.Parallel()
	p := &porter{signed: member(staff.Officer, "O1", "O2")}
	h := serving(t, p)
	for _, address := range []string{"/staff/leave", "/staff/stay", "/staff/office", "/staff/members/add", deskPath} {
		if w := send(h, http.MethodPost, address, own, "cross-site", url.Values{"office": {"O1"}}); w.Code != http.StatusForbidden {
			t.Errorf("%s: got %d", address, w.Code)
		}
	}
	if len(p.left) > 0 || p.stayed > 0 || p.chosen != "" || len(p.refused) > 0 {
		t.Errorf("something was done: %+v", p)
	}
}

// Every page, in every language, as html/template itself would write it.
func TestPagesAreWrittenAsPlanned(t *testing.T) {
	t.Parallel()
	for _, l := range lang.All() {
		for address, signed := range map[string]staff.Signed{
			"/staff": member(staff.Officer, "O1"), "/staff/stranger": {}, "/staff/left": {}, "/staff/home": member(staff.Reviewer),
			"/staff/office": member(staff.Officer, "O1", "GONE"), "/staff/members/add": member(staff.Administrator),
		} {
			signed.Session.Training = address != "/staff/members/add"
			w := send(serving(t, &porter{signed: signed}), http.MethodGet, address, own+"; clave_lang="+string(l), "", nil)
			if inside := strings.Contains(w.Body.String(), `class="training"`); inside != (address == "/staff/home" || address == "/staff/office") {
				t.Errorf("%s: the mark of the training is there: %v", address, inside)
			}
			if w.Code != http.StatusOK && w.Code != http.StatusForbidden {
				t.Errorf("%s in %s: got %d", address, l, w.Code)
			}
		}
	}
}

func TestTheWayBackStaysInTheConsole(t *testing.T) {
	t.Parallel()
	h := serving(t, &porter{signed: member(staff.Officer, "O1", "O2")})
	for to, want := range map[string]string{
		deskPath: deskPath, "": console.HomePath, "/my": console.HomePath, "//evil.example": console.HomePath,
		"https://evil.example/staff/": console.HomePath, `/staff/\evil.example`: console.HomePath, "/staffx/": console.HomePath,
	} {
		w := send(h, http.MethodPost, "/staff/office", own, "same-origin", url.Values{"office": {"O2"}, "to": {to}})
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("%q: went to %q, want %q", to, got, want)
		}
		enter := send(h, http.MethodGet, "/staff?to="+url.QueryEscape(to), "", "", nil)
		if held := strings.Contains(enter.Body.String(), `name="to"`); held != (to == deskPath) {
			t.Errorf("%q: the sign-in page takes it along: %v", to, held)
		}
	}
}

func TestHomeLeadsToWhatTheRoleIsFor(t *testing.T) {
	t.Parallel()
	for role, want := range map[staff.Role]string{staff.Officer: deskPath, staff.Supervisor: deskPath, staff.Administrator: "/staff/members", staff.Reviewer: ""} {
		w := send(serving(t, &porter{signed: member(role, "O1")}), http.MethodGet, console.HomePath, own, "", nil)
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("%s: goes to %q, want %q", role, got, want)
		}
	}
}

func TestLeavingTakesTheCookie(t *testing.T) {
	t.Parallel()
	p := &porter{signed: member(staff.Officer, "O1")}
	w := send(serving(t, p), http.MethodPost, "/staff/leave", own, "same-origin", nil)
	cookies := w.Result().Cookies()
	if len(p.left) != 1 || p.left[0] != token || len(cookies) != 1 || cookies[0].Name != "clave_staff" || cookies[0].MaxAge >= 0 {
		t.Errorf("ended %v, cookies %v", p.left, cookies)
	}
}

func TestTheCookieIsTheBrowsersAlone(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	console.Cookie{Jar: broker.CookieJar{Secure: true}}.Keep(w, token)
	c := w.Result().Cookies()[0]
	if c.Name != "__Host-clave_staff" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 0 || c.Domain != "" {
		t.Errorf("got %+v", c)
	}
}

func TestARouteForNoActIsAMistakeAtStart(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("the guard took it")
		}
	}()
	c := console.New(console.Config{Engine: pages()})
	c.Guard("everything")
}
