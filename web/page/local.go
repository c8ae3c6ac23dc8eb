package page

import (
	"net/url"
	"strings"
)

// maxLocalBytes is the longest return path that is believed.
const maxLocalBytes = 4096

// LocalPath tells whether a browser that is sent to s stays on our origin: a path
// with one leading slash, with or without query. Backslashes and control
// characters are refused because browsers read the first as slashes and drop the
// second (URL standard, "basic URL parser"), which makes "/\evil.example" and
// "/<tab>/evil.example" another site.
func LocalPath(s string) bool {
	if len(s) == 0 || len(s) > maxLocalBytes || s[0] != '/' {
		return false
	}
	plain := true
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c == '\\' || c >= 0x7f {
			return false
		}
		plain = plain && (isUnreserved(c) || c == '/' && (i == 0 || s[i-1] != '/'))
	}
	if plain {
		return true // nothing in it that a parser could take for anything but a path
	}
	path, _, _ := strings.Cut(s, "?")
	if strings.Contains(path, "//") || strings.Contains(s, "#") {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && u.Opaque == ""
}
