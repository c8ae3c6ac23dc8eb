package page_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"clave/web/lang"
	"clave/web/page"
)

func TestLocalPathKeepsTheBrowserOnOurOrigin(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path string
		want bool
	}{
		{"/", true}, {"/login/abc", true}, {"/login/abc?x=1&y=%2F%2Fevil.example", true}, {"/authorize?redirect_uri=https://rp.example/cb", true}, {"/a%20b", true}, {"/a:b", true},
		{"", false}, {"login", false}, {"//evil.example", false}, {"///evil.example", false}, {"/\\evil.example", false}, {"\\\\evil.example", false},
		{"/\t/evil.example", false}, {"/\n/evil.example", false}, {" /a", false}, {"/a b", false}, {"https://evil.example", false}, {"https:/evil.example", false},
		{"javascript:alert(1)", false}, {"/a//b", false}, {"/.//evil.example", false}, {"/a#b", false}, {"/a\x00", false}, {"/ñ", false}, {"/%zz", false},
		{"/" + strings.Repeat("a", 5000), false}, {"/%0d%0aSet-Cookie:x=y", true},
	}
	for _, tt := range tests {
		if got := page.LocalPath(tt.path); got != tt.want {
			t.Errorf("%q: got %t, want %t", tt.path, got, tt.want)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/", "//evil.example", "/\\evil", "/a?b=//c", "/.//x", "/%2f/x", "/@evil"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://clave.example/login/abc")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !page.LocalPath(s) {
			return
		}
		// As browsers do: backslashes are slashes, tabs and line ends are dropped.
		seen := strings.NewReplacer("\\", "/", "\t", "", "\n", "", "\r", "").Replace(s)
		u, err := base.Parse(seen)
		if err != nil || u.Host != "clave.example" || u.Scheme != "https" || u.User != nil || strings.HasPrefix(u.EscapedPath(), "//") {
			t.Errorf("%q leads to %v, %v", s, u, err)
		}
		if strings.ContainsAny(s, "\r\n\x00") {
			t.Errorf("%q has control characters", s)
		}
	})
}

// choose presses a button of the language switch and gives back the cookie.
func choose(t *testing.T, e *page.Engine, form url.Values) (*http.Cookie, string) {
	t.Helper()
	for _, rt := range e.Routes() {
		if rt.Path != page.LanguagePath {
			continue
		}
		r := httptest.NewRequest(http.MethodPost, page.LanguagePath, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		rt.Handler(w, r)
		if w.Code != http.StatusSeeOther {
			t.Fatalf("status %d", w.Code)
		}
		for _, cookie := range w.Result().Cookies() {
			return cookie, w.Header().Get("Location")
		}
		return nil, w.Header().Get("Location")
	}
	t.Fatal("there is no language switch")
	return nil, ""
}

func TestTheLanguageSwitchReturnsToItsPage(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{Secure: true})
	tests := []struct{ name, back, want string }{
		{"the same step", "/login/abc/pin?x=1", "/login/abc/pin?x=1"},
		{"another site", "https://evil.example/", "/"},
		{"another site without scheme", "//evil.example/", "/"},
		{"another site by backslash", "/\\evil.example/", "/"},
		{"a header", "/a\r\nSet-Cookie: x=y", "/"},
		{"nothing", "", "/"},
		{"the switch itself", "/language", "/"},
	}
	for _, tt := range tests {
		cookie, location := choose(t, e, url.Values{"lang": {"va"}, "return": {tt.back}})
		if location != tt.want {
			t.Errorf("%s: sent to %q, want %q", tt.name, location, tt.want)
		}
		if cookie == nil || cookie.Name != "__Host-clave_lang" || cookie.Value != "ca-valencia" || !cookie.HttpOnly || !cookie.Secure || cookie.Path != "/" || cookie.SameSite != http.SameSiteLaxMode {
			t.Errorf("%s: the cookie is %v", tt.name, cookie)
		}
	}
	if cookie, _ := choose(t, e, url.Values{"lang": {"<script>"}, "return": {"/"}}); cookie != nil {
		t.Errorf("a language that is none of ours is remembered: %v", cookie)
	}
	if cookie, _ := choose(t, e, url.Values{"lang": {"eu"}, "login": {"a; Domain=evil"}}); cookie == nil || cookie.Value != "eu" {
		t.Errorf("a login id with strange characters is remembered: %v", cookie)
	}
	plain := engine(t, page.Frame{})
	if cookie, _ := choose(t, plain, url.Values{"lang": {"eu"}}); cookie == nil || cookie.Name != "clave_lang" || cookie.Secure {
		t.Errorf("over http the cookie is %v", cookie)
	}
}

func TestTheLanguageOfAPage(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	tests := []struct {
		name           string
		around         page.Around
		cookie, accept string
		want           lang.Language
	}{
		{"the browser's", page.Around{}, "", "gl", lang.Galician},
		{"what the relying party asks for wins over an old choice", page.Around{LoginID: "abc", Locales: []string{"ca"}}, "eu", "gl", lang.Catalan},
		{"a choice made in another login is old", page.Around{LoginID: "abc", Locales: []string{"ca"}}, "eu~xyz", "gl", lang.Catalan},
		{"a choice made in this login wins", page.Around{LoginID: "abc", Locales: []string{"ca"}}, "eu~abc", "gl", lang.Basque},
		{"an old choice wins over the browser", page.Around{}, "eu~xyz", "gl", lang.Basque},
		{"a cookie of nonsense is nothing", page.Around{LoginID: "abc", Locales: []string{"ca"}}, "zz~abc", "gl", lang.Galician},
		{"an empty login is no login", page.Around{Locales: []string{"ca"}}, "eu~", "gl", lang.Catalan},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := in(get("/"), tt.around)
			r.Header.Set("Accept-Language", tt.accept)
			if tt.cookie != "" {
				r.AddCookie(&http.Cookie{Name: "clave_lang", Value: tt.cookie})
			}
			if got := e.Language(r); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestThePageReturnsToItselfAfterALanguageSwitch(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	tmpl := e.Parse(room("x", "y"), "room.html")
	post := httptest.NewRequest(http.MethodPost, "/login/abc?secret=1", nil)
	tests := []struct {
		name string
		r    *http.Request
		want string
	}{
		{"a page keeps its query", get("/a?b=c"), "/a?b=c"},
		{"an answer to a form has no query", post, "/login/abc"},
		{"a step that says where it stands", in(post, page.Around{Here: "/login/abc/pin"}), "/login/abc/pin"},
		{"a path that would leave", get("/a//evil.example"), "/"},
	}
	for _, tt := range tests {
		if body := render(e, tt.r, tmpl, nil); !strings.Contains(body, `name="return" value="`+tt.want+`"`) {
			t.Errorf("%s: the page does not return to %s", tt.name, tt.want)
		}
	}
}
