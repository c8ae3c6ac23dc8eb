package route_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"clave/web/route"
)

// cookieBy is what net/http finds.
func cookieBy(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

func TestCookieFindsWhatTheRequestFinds(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]string{
		nil, {""}, {"a=1"}, {"aa=2; a=1"}, {"b=2;a=1"}, {"a=1; a=2"}, {"a"}, {"a="}, {"a=; a=1"}, {"a =1; a=2"}, {`a="1"`}, {`a="1; a=2`}, {"b=1", "a=2"},
		{"a=x y"}, {"a=x,y; a=2"}, {"a=\xff; a=2"}, {"A=1"}, {"a==1"}, {";;a=1"}, {"\ta=1"}, {"a=1 ; b=2"}, {"a=1\t"}, {"ab=1; a=2"}, {"__Host-a=1; a=2"}, {"a=eyJ-_.b~x"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["Cookie"] = lines
		for _, name := range []string{"a", "b", "ab", "__Host-a"} {
			if got, want := route.Cookie(r, name), cookieBy(r, name); got != want {
				t.Errorf("%q: %s is %q, want %q", lines, name, got, want)
			}
		}
	}
}

func FuzzCookie(f *testing.F) {
	f.Add("b=1; a=2", "a")
	f.Add(`a="1"; a=2`, "a")
	f.Fuzz(func(t *testing.T, line, name string) {
		r := &http.Request{Header: http.Header{"Cookie": {line}}}
		if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			return // no cookie of ours
		}
		if got, want := route.Cookie(r, name), cookieBy(r, name); got != want {
			t.Errorf("%q: %q is %q, want %q", line, name, got, want)
		}
	})
}

func BenchmarkCookie(b *testing.B) {
	r := &http.Request{Header: http.Header{"Cookie": {"clave_lang=es; clave_login_abc=" + strings.Repeat("aB3-_", 120) + "; clave_pin_abc=" + strings.Repeat("x", 150)}}}
	b.ReportAllocs()
	for b.Loop() {
		route.Cookie(r, "clave_login_abc")
	}
}
