package pin_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// unread is an answer that nobody reads.
type unread struct{ header http.Header }

func (u unread) Header() http.Header         { return u.header }
func (u unread) WriteHeader(int)             {}
func (u unread) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkPages shows each page of the method once, behind the guards of route but
// over a store in memory.
func BenchmarkPages(b *testing.B) {
	w, logins, browser := site(b, 1)
	toEnter(browser, w, logins[0])
	for _, path := range []string{"", "/validity", "/obtain", "/enter"} {
		b.Run("page"+path, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "https://clave.example"+root(logins[0])+"/pin"+path, nil)
			r.Header.Set("Accept-Language", "en")
			for name, value := range browser.Cookies {
				r.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			b.ReportAllocs()
			for b.Loop() {
				browser.Server.ServeHTTP(unread{http.Header{}}, r)
			}
		})
	}
}
