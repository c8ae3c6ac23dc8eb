package logout

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"time"
)

// cookieName begins the name of the cookie that binds a logout to its browser. The id
// alone, which travels through the services that are told, opens no page: they would
// learn from it which other services the citizen uses.
const cookieName = "clave_logout_"

// maxOpenLogouts is how many logouts one browser may have on their way; the oldest makes
// room for another. Our choice, as of logins.
const maxOpenLogouts = 4

// bind gives the browser the proof that a logout is its own.
func (l *Logouts) bind(w http.ResponseWriter, r *http.Request, id ID) {
	l.Jar.MakeRoom(w, r, cookieName, string(id), maxOpenLogouts, func(id, proof string) time.Time {
		at, _ := l.proven(ID(id), proof)
		return at
	})
	proof := l.Cookies.Seal(binary.BigEndian.AppendUint64(nil, uint64(l.Now().UnixMicro())), "logout", string(id))
	l.Jar.Set(w, cookieName+string(id), base64.RawURLEncoding.EncodeToString(proof), Lifetime)
}

// bound tells whether a logout is this browser's own.
func (l *Logouts) bound(r *http.Request, id ID) bool {
	_, ok := l.proven(id, l.Jar.Get(r, cookieName+string(id)))
	return ok
}

// proven tells whether a proof is of this logout, and since when it was the browser's.
func (l *Logouts) proven(id ID, proof string) (since time.Time, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(proof)
	if err != nil || len(sealed) == 0 {
		return time.Time{}, false
	}
	at, err := l.Cookies.Open(sealed, "logout", string(id))
	if err != nil || len(at) != 8 {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(binary.BigEndian.Uint64(at))), true
}
