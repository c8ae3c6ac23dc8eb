package route

import (
	"net/http"
	"strings"
)

// Cookie is the value of a cookie, or "" when there is none. It is http.Request's
// own for the cookies that we set, and spares the list of all others: a request
// looks for half a dozen.
func Cookie(r *http.Request, name string) string {
	for _, line := range r.Header["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			if rest, ok := strings.CutPrefix(strings.TrimLeft(pair, " \t"), name); ok && rest != "" && rest[0] == '=' && isPlainValue(rest[1:]) {
				return rest[1:]
			} else if ok {
				return slowCookie(r, name) // quoted, spaced or broken: ours are neither
			}
		}
	}
	return ""
}

func slowCookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// isPlainValue tells whether a value needs no quotes anywhere: base64url, ids, and
// the marks that we join them with.
func isPlainValue(value string) bool {
	for i := range len(value) {
		c := value[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~') {
			return false
		}
	}
	return true
}
