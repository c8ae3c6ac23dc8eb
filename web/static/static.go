package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/gorilla/mux"

	"clave/web/route"
)

//go:embed files
var embedded embed.FS

// Prefix is where the files are served.
const Prefix = "/static/"

// Immutable is the Cache-Control of an address that never changes its content.
// Source: RFC 8246.
const Immutable = "public, max-age=31536000, immutable"

// Files are the files: hashed when they are read, and compressed once each, when
// somebody first asks for it. Compressing all of them was half of the time in which
// the program started.
type Files struct {
	urls     map[string]string // name → address
	byHashed map[string]file   // last part of the address → file
}

type file struct {
	contentType, etag string
	plain             []byte
	gzip              func() []byte // nil where it would not be smaller
}

// New reads the files that are part of the program. Scripts and styles that lie
// in folders, page.js/ and page.css/, are joined in the order of their names into
// one file, so that the sources stay small and a page needs two requests.
func New() (*Files, error) {
	root, err := fs.Sub(embedded, "files")
	if err != nil {
		return nil, fmt.Errorf("opening the static files: %w", err)
	}
	return Read(root)
}

// Read is New for another folder.
func Read(root fs.FS) (*Files, error) {
	contents := map[string][]byte{}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		target := name
		if folder := path.Dir(name); folder != "." {
			target = folder
		}
		contents[target] = append(contents[target], content...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the static files: %w", err)
	}
	files := &Files{urls: map[string]string{}, byHashed: map[string]file{}}
	for name, content := range contents {
		if err := files.add(name, content); err != nil {
			return nil, fmt.Errorf("preparing the static file %s: %w", name, err)
		}
	}
	return files, nil
}

func (f *Files) add(name string, content []byte) error {
	extension := path.Ext(name)
	contentType := contentTypeOf(extension)
	if contentType == "" {
		return fmt.Errorf("no content type is known for %q", extension)
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:8])
	hashed := strings.TrimSuffix(name, extension) + "." + hash + extension
	f.urls[name] = Prefix + hashed
	f.byHashed[hashed] = file{contentType: contentType, etag: hash, plain: content, gzip: sync.OnceValue(func() []byte { return pack(content) })}
	return nil
}

func contentTypeOf(extension string) string {
	switch extension {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".png":
		return "image/png"
	}
	return ""
}

// pack compresses; nil when that is not smaller.
func pack(content []byte) []byte {
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		panic(err) // there is no such level: a mistake of ours
	}
	_, _ = writer.Write(content) // memory takes everything
	_ = writer.Close()           // likewise
	if packed.Len() >= len(content) {
		return nil
	}
	return packed.Bytes()
}

// URL is the address of a file; false when there is none of that name.
func (f *Files) URL(name string) (string, bool) {
	address, found := f.urls[name]
	return address, found
}

// Size is how many bytes a browser that takes gzip loads for a file.
func (f *Files) Size(name string) int {
	file := f.byHashed[strings.TrimPrefix(f.urls[name], Prefix)]
	if file.gzip == nil {
		return 0 // there is none of that name
	}
	if packed := file.gzip(); packed != nil {
		return len(packed)
	}
	return len(file.plain)
}

// Routes serves the files.
func (f *Files) Routes() []route.Route {
	return []route.Route{{
		Method: http.MethodGet, Path: Prefix + "{file}", Access: route.Public, Handler: f.serve, Cache: Immutable,
	}}
}

func (f *Files) serve(w http.ResponseWriter, r *http.Request) {
	file, found := f.byHashed[mux.Vars(r)["file"]]
	header := w.Header()
	if !found {
		// An old page may ask for an old style sheet; that must not be kept.
		header.Set("Cache-Control", "no-store")
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	body, etag := file.plain, `"`+file.etag+`"`
	if packed := file.gzip(); packed != nil {
		header.Set("Vary", "Accept-Encoding")
		if takesGzip(r.Header.Get("Accept-Encoding")) {
			body, etag = packed, `"`+file.etag+`-gz"`
			header.Set("Content-Encoding", "gzip")
		}
	}
	header.Set("ETag", etag)
	header.Set("Content-Type", file.contentType)
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		header.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the browser that left needs no answer
}

// takesGzip reads Accept-Encoding: gzip named, and not with weight 0.
// Source: RFC 9110 section 12.5.3.
func takesGzip(header string) bool {
	for entry := range strings.SplitSeq(header, ",") {
		coding, parameter, _ := strings.Cut(entry, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		weight := strings.TrimPrefix(strings.ReplaceAll(strings.ToLower(parameter), " ", ""), "q=")
		return strings.Trim(weight, "0.") != "" || weight == ""
	}
	return false
}
