package logout

import (
	"encoding/base64"
	"net/http"
)

// cookieName begins the name of the cookie that binds a logout to its browser. The id
// alone, which travels through the services that are told, opens no page: they would
// learn from it which other services the citizen uses.
const cookieName = "clave_logout_"

// bind gives the browser the proof that a logout is its own.
func (l *Logouts) bind(w http.ResponseWriter, id ID) {
	proof := l.Cookies.Seal(nil, "logout", string(id))
	l.Jar.Set(w, cookieName+string(id), base64.RawURLEncoding.EncodeToString(proof), Lifetime)
}

// bound tells whether a logout is this browser's own.
func (l *Logouts) bound(r *http.Request, id ID) bool {
	proof, err := base64.RawURLEncoding.DecodeString(l.Jar.Get(r, cookieName+string(id)))
	if err != nil || len(proof) == 0 {
		return false
	}
	_, err = l.Cookies.Open(proof, "logout", string(id))
	return err == nil
}
