package page

import (
	"net/http"
	"strconv"
)

// Download sends a file for the browser to keep. The name must be one of ours:
// letters, digits, hyphens and dots.
// Source: RFC 6266 section 4.
func Download(w http.ResponseWriter, contentType, name string, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a browser that left needs no answer
}
