package static_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gorilla/mux"

	"clave/web/route"
	"clave/web/static"
)

func served(t *testing.T, files *static.Files) http.Handler {
	t.Helper()
	router := mux.NewRouter()
	err := route.Mount(router, files.Routes(), route.Guards{
		Fail: func(w http.ResponseWriter, _ *http.Request, status int, _, _ string) { w.WriteHeader(status) },
		Log:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return router
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFilesAreServedForEver(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("a{color:red}", 50)
	files, err := static.Read(fstest.MapFS{
		"page.css/20.css": {Data: []byte("b{}")},
		"page.css/10.css": {Data: []byte(content)},
		"tiny.svg":        {Data: []byte("<svg/>")},
	})
	if err != nil {
		t.Fatal(err)
	}
	h := served(t, files)
	css, ok := files.URL("page.css")
	if !ok || !regexp.MustCompile(`^/static/page\.[0-9a-f]{16}\.css$`).MatchString(css) {
		t.Fatalf("the address is %q", css)
	}
	plain := get(h, css)
	if plain.Body.String() != content+"b{}" || plain.Header().Get("Cache-Control") != static.Immutable || plain.Header().Get("Content-Type") != "text/css; charset=utf-8" || plain.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("got %d %v", plain.Code, plain.Header())
	}
	packed := get(h, css, "Accept-Encoding", "br, gzip;q=0.8")
	reader, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(reader); err != nil || string(unpacked) != content+"b{}" || packed.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Errorf("the packed file differs: %v", err)
	}
	for _, refused := range []string{"gzip;q=0", "br", "", "gzip ;q=0.0", "xgzip"} {
		if w := get(h, css, "Accept-Encoding", refused); w.Header().Get("Content-Encoding") != "" {
			t.Errorf("Accept-Encoding %q is answered with %s", refused, w.Header().Get("Content-Encoding"))
		}
	}
	if w := get(h, css, "If-None-Match", plain.Header().Get("ETag")); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("a known file is sent again: %d", w.Code)
	}
	svg, _ := files.URL("tiny.svg")
	if w := get(h, svg, "Accept-Encoding", "gzip"); w.Body.String() != "<svg/>" || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("a file that packing makes larger is packed: %v", w.Header())
	}
	for _, none := range []string{"/static/page.0000000000000000.css", "/static/static.go", "/static/..%2fstatic.go"} {
		if w := get(h, none); w.Code != 404 || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d %s", none, w.Code, w.Header().Get("Cache-Control"))
		}
	}
}

func TestAFileOfUnknownKindIsAMistake(t *testing.T) {
	t.Parallel()
	if _, err := static.Read(fstest.MapFS{"x.exe": {Data: []byte("x")}}); err == nil {
		t.Error("it was taken")
	}
}

func TestAPageLoadsLittleAndNothingFromOthers(t *testing.T) {
	t.Parallel()
	files, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	const maxBytes = 40_000 // style, script and wordmark; the page itself takes about 8 kB more
	if got := files.Size("page.css") + files.Size("page.js") + files.Size("wordmark.svg"); got > maxBytes {
		t.Errorf("a page loads %d bytes, at most %d are allowed", got, maxBytes)
	}
	h := served(t, files)
	for _, name := range []string{"page.css", "page.js", "device.js", "favicon.svg", "wordmark.svg", "wordmark-dark.svg", "dni4-validity.svg", "tie-support.svg", "eu-sheet-support.svg"} {
		address, ok := files.URL(name)
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		body := bytes.ReplaceAll(get(h, address).Body.Bytes(), []byte("http://www.w3.org/2000/svg"), nil)
		for _, bad := range []string{"http:", "https:", "url(//", "@import", "eval(", "innerHTML", "<script", "<style", " style="} {
			if bytes.Contains(body, []byte(bad)) {
				t.Errorf("%s contains %s", name, bad)
			}
		}
	}
}
