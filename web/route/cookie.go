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
// the marks that we join them with. A sealed request has hundreds of characters, so
// each is one look into a set.
func isPlainValue(value string) bool {
	const letters = 1<<26 - 1
	set := [4]uint64{1<<'-' | 1<<'.' | (1<<10-1)<<'0', letters<<('A'-64) | letters<<('a'-64) | 1<<('_'-64) | 1<<('~'-64)}
	in := uint64(1)
	for i := range len(value) {
		in &= set[value[i]>>6] >> (value[i] & 63)
	}
	return in == 1
}
