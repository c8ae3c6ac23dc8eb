package route_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"clave/identity"
	"clave/web/route"
)

// answer says which handler was reached.
func answer(word string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, word) }
}

// marked is a guard that leaves its name in a header.
func marked(name string) route.Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Guard", name)
			next.ServeHTTP(w, r)
		})
	}
}

func guards(log io.Writer) route.Guards {
	return route.Guards{
		Login: marked("login"),
		Citizen: func(p route.Proof) route.Middleware {
			return marked(fmt.Sprintf("citizen %s %t %s", p.Level, p.Fresh, p.Method))
		},
		Officer:      func(act string) route.Middleware { return marked("officer " + act) },
		Device:       marked("device"),
		RelyingParty: marked("relying party"),
		Operator:     marked("operator"),
		Throttle:     marked("throttle"),
		Around:       marked("around"),
		Fail: func(w http.ResponseWriter, r *http.Request, status int, key, reference string) {
			w.Header().Set("Reference", reference)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, key)
		},
		Log:     slog.New(slog.NewTextHandler(log, nil)),
		Sandbox: true,
	}
}

func mounted(t *testing.T, g route.Guards, routes ...route.Route) http.Handler {
	t.Helper()
	router := mux.NewRouter()
	if err := route.Mount(router, routes, g); err != nil {
		t.Fatal(err)
	}
	return router
}

func call(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func form(path, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestEachAccessMeetsItsGuards(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		access route.Access
		want   string
	}{
		{"a public page has throttle and facts only", route.Public, "throttle,around"},
		{"a step of a login has the login guard", route.Login, "throttle,around,login"},
		{"a citizen's page says its level", route.Citizen(identity.Substantial), "throttle,around,citizen substantial false "},
		{"a page for who logged in just now", route.Fresh(identity.Low, ""), "throttle,around,citizen low true "},
		{"and by which method", route.Fresh(identity.Low, identity.Certificate), "throttle,around,citizen low true certificate"},
		{"an officer's page says its act", route.Officer("serve"), "throttle,around,officer serve"},
		{"a device has shown its key", route.Device, "throttle,around,device"},
		{"a relying party's call is no page", route.RelyingParty, "throttle,relying party"},
		{"a peer proves itself in the protocol", route.Peer, "throttle,around"},
		{"an operator's call is no page", route.Operator, "throttle,operator"},
		{"a sandbox page is open in the sandbox", route.Sandbox, "throttle,around"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := mounted(t, guards(io.Discard), route.Route{Method: "GET", Path: "/a", Access: tt.access, Handler: answer("here")})
			w := call(h, httptest.NewRequest("GET", "/a", nil))
			if got := strings.Join(w.Header()["Guard"], ","); got != tt.want || w.Body.String() != "here" {
				t.Errorf("guards %q, body %q; want guards %q", got, w.Body, tt.want)
			}
		})
	}
}

func TestMountRefusesATableWithMistakes(t *testing.T) {
	t.Parallel()
	page := func(method, path string, access route.Access) route.Route {
		return route.Route{Method: method, Path: path, Access: access, Handler: answer("")}
	}
	tests := []struct {
		name   string
		change func(*route.Guards)
		routes []route.Route
		want   string
	}{
		{"no access at all", nil, []route.Route{page("GET", "/a", "")}, `no guard was given for access ""`},
		{"an unknown access", nil, []route.Route{page("GET", "/a", "everybody")}, "no guard was given"},
		{"a citizen without level", nil, []route.Route{page("GET", "/a", route.Citizen(identity.NoLevel))}, "no guard was given"},
		{"an officer without an act", nil, []route.Route{page("GET", "/a", route.Officer(""))}, "no guard was given"},
		{"a guard that nobody gave", func(g *route.Guards) { g.Login = nil }, []route.Route{page("POST", "/a", route.Login)}, "no guard was given"},
		{"a sandbox page outside the sandbox", func(g *route.Guards) { g.Sandbox = false }, []route.Route{page("GET", "/dev", route.Sandbox)}, "sandbox only"},
		{"the same address twice", nil, []route.Route{page("GET", "/a", route.Public), page("GET", "/a", route.Peer)}, "is there twice"},
		{"the same path with other names", nil, []route.Route{page("GET", "/a/{x}", route.Public), page("POST", "/a/{y}", route.Public)}, "other names"},
		{"a pattern that cannot be read", nil, []route.Route{page("GET", "/a/{x:[}", route.Public)}, "/a/{x:[}"},
		{"no handler", nil, []route.Route{{Method: "GET", Path: "/a", Access: route.Public}}, "needs a method"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := guards(io.Discard)
			if tt.change != nil {
				tt.change(&g)
			}
			err := route.Mount(mux.NewRouter(), tt.routes, g)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that says %q", err, tt.want)
			}
		})
	}
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	foreign := map[string]func(*http.Request){
		"says so itself":                     func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"comes from a sister domain":         func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"is from an old browser":             func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"hides where it comes from":          func(r *http.Request) { r.Header.Set("Origin", "null") },
		"names our host with another scheme": func(r *http.Request) { r.Header.Set("Origin", "https://example.com:444") },
	}
	tests := []struct {
		access route.Access
		want   int
	}{
		{route.Public, 403},
		{route.Login, 403},
		{route.Citizen(identity.Low), 403},
		{route.Officer("serve"), 403},
		{route.Device, 403},
		{route.Sandbox, 403},
		{route.Operator, 403},
		{route.Peer, 200},
		{route.RelyingParty, 200},
	}
	for _, tt := range tests {
		for name, mark := range foreign {
			t.Run(string(tt.access)+" "+name, func(t *testing.T) {
				t.Parallel()
				h := mounted(t, guards(io.Discard), route.Route{Method: "POST", Path: "/a", Access: tt.access, Handler: answer("")})
				r := form("/a", "x=1")
				mark(r)
				w := call(h, r)
				if w.Code != tt.want {
					t.Errorf("status %d, want %d", w.Code, tt.want)
				}
				if w.Code == 403 && strings.Contains(strings.Join(w.Header()["Guard"], ","), "login") {
					t.Error("the form reached the login guard before it was refused")
				}
			})
		}
	}
}

func TestOurOwnFormPasses(t *testing.T) {
	t.Parallel()
	g := guards(io.Discard)
	g.Origins = []string{"https://clave.example"}
	h := mounted(t, g, route.Route{Method: "POST", Path: "/a", Access: route.Login, Handler: answer("")})
	for name, mark := range map[string]func(*http.Request){
		"from the same origin":                    func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") },
		"behind a proxy that changes the host":    func(r *http.Request) { r.Header.Set("Origin", "https://clave.example") },
		"from a program that is no browser":       func(*http.Request) {},
		"typed by the person (bookmark, restore)": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") },
	} {
		r := form("/a", "x=1")
		mark(r)
		if w := call(h, r); w.Code != 200 {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
}

func TestBodiesHaveALimit(t *testing.T) {
	t.Parallel()
	reached := false
	read := func(w http.ResponseWriter, r *http.Request) {
		reached = true
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusTeapot)
		}
	}
	tests := []struct {
		name    string
		access  route.Access
		limit   int64
		size    int
		unsized bool
		want    int
		reaches bool
	}{
		{"a form as large as the limit passes", route.Public, 0, route.DefaultBodyLimit, false, 200, true},
		{"one byte more is refused at once", route.Public, 0, route.DefaultBodyLimit + 1, false, 413, false},
		{"a form that hides its size is refused when it is read", route.Login, 0, route.DefaultBodyLimit + 1, true, 413, false},
		{"a route may allow more", route.Peer, 1 << 20, 1 << 20, false, 200, true},
		{"a route may allow less", route.Public, 10, 11, false, 413, false},
		{"a relying party's handler reads and is cut off", route.RelyingParty, 10, 11, true, 418, true},
		{"a relying party that says its size is refused at once", route.RelyingParty, 10, 11, false, 413, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reached = false
			h := mounted(t, guards(io.Discard), route.Route{Method: "POST", Path: "/a", Access: tt.access, Handler: read, BodyLimit: tt.limit})
			r := form("/a", "x="+strings.Repeat("a", tt.size-2))
			if tt.unsized {
				r.ContentLength = -1
			}
			if w := call(h, r); w.Code != tt.want || reached != tt.reaches {
				t.Errorf("status %d, handler reached %t; want %d, %t", w.Code, reached, tt.want, tt.reaches)
			}
		})
	}
}

func TestAFormThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	h := mounted(t, guards(io.Discard), route.Route{Method: "POST", Path: "/a", Access: route.Public, Handler: answer("")})
	w := call(h, form("/a", "x=%zz"))
	if w.Code != 400 || w.Body.String() != "route.bad_form" {
		t.Errorf("status %d %q", w.Code, w.Body)
	}
}

func TestEveryAnswerHasTheSecureHeaders(t *testing.T) {
	t.Parallel()
	g := guards(io.Discard)
	g.Secure = true
	h := mounted(t, g,
		route.Route{Method: "GET", Path: "/page", Access: route.Public, Handler: answer("")},
		route.Route{Method: "GET", Path: "/token", Access: route.RelyingParty, Handler: answer("")},
		route.Route{Method: "GET", Path: "/panic", Access: route.Login, Handler: func(http.ResponseWriter, *http.Request) { panic("x") }},
		route.Route{Method: "POST", Path: "/form", Access: route.Public, Handler: answer("")},
	)
	foreign := form("/form", "")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	requests := map[string]*http.Request{
		"a page":                 httptest.NewRequest("GET", "/page", nil),
		"a call":                 httptest.NewRequest("GET", "/token", nil),
		"a panic":                httptest.NewRequest("GET", "/panic", nil),
		"a refusal":              foreign,
		"an unknown page":        httptest.NewRequest("GET", "/nothing", nil),
		"a wrong method":         httptest.NewRequest("DELETE", "/page", nil),
		"an unclean path":        httptest.NewRequest("GET", "//evil.example/..", nil),
		"an invented method":     httptest.NewRequest("BREW", "/page", nil),
		"a request of the roots": httptest.NewRequest("GET", "/", nil),
	}
	for name, r := range requests {
		header := call(h, r).Header()
		for key, want := range map[string]string{
			"Cache-Control":             "no-store",
			"X-Content-Type-Options":    "nosniff",
			"Referrer-Policy":           "same-origin",
			"Strict-Transport-Security": "max-age=63072000",
		} {
			if got := header.Get(key); got != want {
				t.Errorf("%s: %s is %q, want %q", name, key, got, want)
			}
		}
		csp := header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "style-src 'self'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy %q lacks %s", name, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy %q allows inline content", name, csp)
		}
	}
}

func TestHeadersOfOneAnswerDoNotReachAnother(t *testing.T) {
	t.Parallel()
	h := mounted(t, guards(io.Discard),
		route.Route{Method: "GET", Path: "/loud", Access: route.Public, Handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Cache-Control", "private")
			w.Header().Add("Content-Security-Policy", "sandbox")
			if err := route.AllowForm(w, "https://rp.example/acs"); err != nil {
				t.Error(err)
			}
		}},
		route.Route{Method: "GET", Path: "/quiet", Access: route.Public, Handler: answer("")},
	)
	call(h, httptest.NewRequest("GET", "/loud", nil))
	header := call(h, httptest.NewRequest("GET", "/quiet", nil)).Header()
	if got := header["Cache-Control"]; len(got) != 1 || got[0] != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	if got := header["Content-Security-Policy"]; len(got) != 1 || strings.Contains(got[0], "rp.example") {
		t.Errorf("the policy is %q", got)
	}
}

func TestAPlainHTTPInstallationSendsNoHSTS(t *testing.T) {
	t.Parallel()
	h := mounted(t, guards(io.Discard), route.Route{Method: "GET", Path: "/a", Access: route.Public, Handler: answer(""), Cache: "max-age=3600"})
	header := call(h, httptest.NewRequest("GET", "/a", nil)).Header()
	if header.Get("Strict-Transport-Security") != "" || header.Get("Cache-Control") != "max-age=3600" {
		t.Errorf("got %v", header)
	}
}

func TestAPanicIsLoggedOnceWithTheReferenceOfThePage(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := mounted(t, guards(&log), route.Route{Method: "GET", Path: "/a", Access: route.Public, Handler: func(http.ResponseWriter, *http.Request) {
		panic("12345678Z is a secret")
	}})
	w := call(h, httptest.NewRequest("GET", "/a?code=secret", nil))
	reference := w.Header().Get("Reference")
	if w.Code != 500 || w.Body.String() != "route.internal" || len(reference) != 8 {
		t.Errorf("status %d %q reference %q", w.Code, w.Body, reference)
	}
	if got := strings.Count(log.String(), reference); got != 1 {
		t.Errorf("the reference is %d times in the log", got)
	}
	if strings.Contains(log.String(), "12345678Z") || strings.Contains(log.String(), "code=secret") {
		t.Errorf("the log has what nobody may read: %s", &log)
	}
}

func TestAPanicAfterTheAnswerBeganBreaksTheConnection(t *testing.T) {
	t.Parallel()
	h := mounted(t, guards(io.Discard), route.Route{Method: "GET", Path: "/a", Access: route.Public, Handler: func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic("x")
	}})
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("recovered %v, want http.ErrAbortHandler", got)
		}
	}()
	call(h, httptest.NewRequest("GET", "/a", nil))
	t.Error("half an answer went out as a whole one")
}

func TestMethodsAndPaths(t *testing.T) {
	t.Parallel()
	vars := func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "step "+mux.Vars(r)["id"]) }
	h := mounted(t, guards(io.Discard),
		route.Route{Method: "GET", Path: "/login/{id}", Access: route.Login, Handler: vars},
		route.Route{Method: "POST", Path: "/login/{id}", Access: route.Login, Handler: answer("sent")},
		route.Route{Method: "GET", Path: "/login/help", Access: route.Public, Handler: answer("help")},
		route.Route{Method: "GET", Path: "/{word}/end", Access: route.Public, Handler: answer("end")},
		route.Route{Method: "GET", Path: "/", Access: route.Public, Handler: answer("home")},
		route.Route{Method: "GET", Path: "/login/{id}/pin", Access: route.Login, Handler: vars},
		route.Route{Method: "GET", Path: "/sheet/{id:[a-z]+}.css", Access: route.Public, Handler: vars},
	)
	tests := []struct {
		name, method, path string
		status             int
		body, allow        string
	}{
		{"a fixed path wins over one with names", "GET", "/login/help", 200, "help", ""},
		{"names are filled in", "GET", "/login/abc", 200, "step abc", ""},
		{"the same path by another method", "POST", "/login/abc", 200, "sent", ""},
		{"a literal segment behind a name", "GET", "/login/abc/pin", 200, "step abc", ""},
		{"a name that looks like a literal elsewhere", "GET", "/login/help/pin", 200, "step help", ""},
		{"an empty segment is no name", "GET", "/login//pin", 404, "route.not_found", ""},
		{"a trailing slash is another page", "GET", "/login/abc/pin/", 404, "route.not_found", ""},
		{"a pattern in a segment", "GET", "/sheet/main.css", 200, "step main", ""},
		{"a pattern that does not fit", "GET", "/sheet/123.css", 404, "route.not_found", ""},
		{"a path that begins with a name", "GET", "/any/end", 200, "end", ""},
		{"the root", "GET", "/", 200, "home", ""},
		{"GET answers HEAD", "HEAD", "/login/help", 200, "help", ""},
		{"a wrong method names the right ones", "PUT", "/login/abc", 405, "route.method", "GET, HEAD, POST"},
		{"an unknown page", "GET", "/login/abc/def", 404, "route.not_found", ""},
		{"an unknown root", "GET", "/other", 404, "route.not_found", ""},
		{"a path that climbs is unknown, not a redirect", "GET", "/login/../", 404, "route.not_found", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := call(h, httptest.NewRequest(tt.method, tt.path, nil))
			if w.Code != tt.status || w.Body.String() != tt.body || w.Header().Get("Allow") != tt.allow {
				t.Errorf("got %d %q allow %q", w.Code, w.Body, w.Header().Get("Allow"))
			}
		})
	}
}

func TestAllowFormNamesExactlyTheTarget(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, target, want string }{
		{"an https address", "https://rp.example/acs?x=1#y", "form-action 'self' https://rp.example/acs"},
		{"a port", "http://127.0.0.1:8080/demo/callback", "form-action 'self' http://127.0.0.1:8080/demo/callback"},
		{"a path cannot add a directive", "https://rp.example/a;script-src *", "form-action 'self' https://rp.example/a%3Bscript-src%20%2A"},
		{"a path cannot add a second policy", "https://rp.example/a,b", "form-action 'self' https://rp.example/a%2Cb"},
		{"IPv6 has no place in the grammar", "http://[::1]:80/a", "form-action 'self' http:"},
		{"a script is refused", "javascript:alert(1)", ""},
		{"a local path is refused", "/a", ""},
		{"a host cannot be a wildcard", "https://*/a", ""},
		{"a host cannot add a directive", "https://a;b/", ""},
		{"a name and password are refused", "https://u:p@rp.example/", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			err := route.AllowForm(w, tt.target)
			if got := w.Header().Get("Content-Security-Policy"); (err != nil) != (tt.want == "") || !strings.HasSuffix(got, tt.want) {
				t.Errorf("got %q, %v; want %q at the end", got, err, tt.want)
			}
		})
	}
}

func TestOnlyTheGivenHostsAreServed(t *testing.T) {
	t.Parallel()
	h := route.Hosts(map[string]http.Handler{"localhost:8080": answer("clave"), "127.0.0.1:8080": answer("sample")})
	for host, want := range map[string]string{
		"localhost:8080":      "clave",
		"LOCALHOST:8080":      "clave",
		"127.0.0.1:8080":      "sample",
		"localhost":           "421",
		"evil.example:8080":   "421",
		"localhost:8080.evil": "421",
		"":                    "421",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := call(h, r)
		if want == "421" && w.Code != 421 || want != "421" && w.Body.String() != want {
			t.Errorf("host %q: got %d %q, want %s", host, w.Code, w.Body, want)
		}
	}
}

func TestListIsSortedAndComplete(t *testing.T) {
	t.Parallel()
	got := route.List([]route.Route{
		{Method: "POST", Path: "/b", Access: route.Login},
		{Method: "GET", Path: "/b", Access: route.Citizen(identity.High)},
		{Method: "GET", Path: "/a", Access: route.Public},
	})
	want := "GET     /a                                               public\n" +
		"GET     /b                                               citizen:high\n" +
		"POST    /b                                               login\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// BenchmarkHundredRoutes finds the last of a hundred routes, as the router did
// before the table and with it.
func BenchmarkHundredRoutes(b *testing.B) {
	var routes []route.Route
	plain := mux.NewRouter()
	for _, word := range strings.Fields(strings.Repeat("a b c d e f g h i j ", 10)) {
		path := "/room" + word + "/" + string(rune('a'+len(routes)/10)) + "/{id}"
		routes = append(routes, route.Route{Method: "GET", Path: path, Access: route.Public, Handler: answer("")})
		plain.Path(path).Methods("GET").Handler(answer(""))
	}
	g := guards(io.Discard)
	g.Throttle, g.Around = nil, nil
	table := mux.NewRouter()
	if err := route.Mount(table, routes, g); err != nil {
		b.Fatal(err)
	}
	for name, h := range map[string]http.Handler{"mux alone, no guards": plain, "table, all guards": table} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/roomj/j/1", nil)
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(nowhere{http.Header{}}, r)
			}
		})
	}
}

// nowhere drops the answer, so that only the way to the handler is measured.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) WriteHeader(int)             {}
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }

func TestTheCameraIsForThePageThatAsks(t *testing.T) {
	t.Parallel()
	h := mounted(t, guards(io.Discard),
		route.Route{Method: "GET", Path: "/scan", Access: route.Public, Handler: func(w http.ResponseWriter, _ *http.Request) { route.AllowCamera(w) }},
		route.Route{Method: "GET", Path: "/other", Access: route.Public, Handler: answer("")},
	)
	for path, want := range map[string]string{"/scan": "camera=(self)", "/other": "camera=()"} {
		policy := call(h, httptest.NewRequest("GET", path, nil)).Header().Get("Permissions-Policy")
		if !strings.Contains(policy, want+",") || !strings.Contains(policy, "microphone=()") {
			t.Errorf("%s: got %q, want it to have %s", path, policy, want)
		}
	}
}
