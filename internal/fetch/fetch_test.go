package fetch_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"clave/internal/fetch"
)

func TestNewer(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("of another host")) }))
	t.Cleanup(other.Close)
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/document":
			if r.Header.Get("If-None-Match") == `"1"` || r.Header.Get("If-Modified-Since") == "yesterday" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Last-Modified", "yesterday")
			_, _ = w.Write([]byte("12345678"))
		case "/long":
			_, _ = w.Write([]byte("123456789"))
		case "/marked":
			w.Header().Set("ETag", `"`+strings.Repeat("x", 300)+`"`)
			_, _ = w.Write([]byte("1"))
		case "/moved":
			http.Redirect(w, r, "/document", http.StatusFound)
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/circles":
			http.Redirect(w, r, "/circles", http.StatusFound)
		case "/silent":
			<-r.Context().Done()
		default:
			w.WriteHeader(http.StatusNotModified)
		}
	}))
	t.Cleanup(host.Close)
	mark := fetch.Mark{Tag: `"1"`, Modified: "yesterday"}
	client := fetch.NewClient(fetch.Terms{Accept: "text/plain", Patience: 200 * time.Millisecond, Timeout: 10 * time.Second, MaxBytes: 8, Idle: 1})

	for _, test := range []struct {
		name, path string
		before     fetch.Mark
		want       string
		mark       fetch.Mark
		refused    string
	}{
		{name: "a document is had", path: "/document", want: "12345678", mark: mark},
		{name: "one that moved within its host is", path: "/moved", want: "12345678", mark: mark},
		{name: "one that we have is not had again", path: "/document", before: mark, mark: mark},
		{name: "either mark is enough", path: "/document", before: fetch.Mark{Modified: "yesterday"}, mark: fetch.Mark{Modified: "yesterday"}},
		{name: "another one is had", path: "/document", before: fetch.Mark{Tag: `"0"`}, want: "12345678", mark: mark},
		{name: "a mark without end is not kept", path: "/marked", want: "1"},
		{name: "nothing newer than nothing is no answer", path: "/unchanged", refused: "its host answers with status 304"},
		{name: "one byte too many is too many", path: "/long", refused: "it has more than 8 bytes"},
		{name: "another host is not asked", path: "/away", refused: "it leads to another host, or in circles"},
		{name: "circles end", path: "/circles", refused: "it leads to another host, or in circles"},
		{name: "a host that is silent is left", path: "/silent", refused: "timeout"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			data, got, err := client.Newer(t.Context(), host.URL+test.path, test.before)
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) || data != nil {
					t.Fatalf("got %q and %v, want %q", data, err, test.refused)
				}
				if large := errors.Is(err, fetch.TooLarge(8)); large != (test.path == "/long") {
					t.Errorf("too large: %t", large)
				}
				return
			}
			if err != nil || string(data) != test.want || got != test.mark {
				t.Errorf("got %q, %v and %v, want %q and %v", data, got, err, test.want, test.mark)
			}
		})
	}
}
