package permanente

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"clave/identity"
)

// Known are the people who logged in by password in a browser, as its cookie says. The
// zero value is a browser that nobody knows. It is sealed, and proves nothing but that
// its wrong passwords are counted apart: whoever steals it gets five tries, and then
// nobody gets in.
// Source: OWASP, Slow Down Online Guessing Attacks with Device Cookies.
type Known struct{ entries []knownEntry }

// knownEntry is bound to the password: a new one makes every browser unknown.
type knownEntry struct {
	Person identity.PersonID `json:"p"`
	SetAt  int64             `json:"s"` // microseconds
}

const (
	knownCookie = "clave_known"
	// knownAge is how long a browser is known after the last login; knownMost is how
	// many people share one, at most. Our choice.
	knownAge  = 365 * 24 * time.Hour
	knownMost = 8
)

func (k Known) knows(a Account) bool {
	return a.Person != "" && slices.Contains(k.entries, knownEntry{a.Person, a.SetAt.UnixMicro()})
}

// With is what the browser is to keep after the account's citizen logged in.
func (k Known) With(a Account) Known {
	rest := slices.DeleteFunc(slices.Clone(k.entries), func(e knownEntry) bool { return e.Person == a.Person })
	rest = append([]knownEntry{{a.Person, a.SetAt.UnixMicro()}}, rest...)
	return Known{rest[:min(len(rest), knownMost)]}
}

// knownIn reads what the browser brought.
func (p *Provider) knownIn(r *http.Request) Known {
	sealed, err := base64.RawURLEncoding.DecodeString(p.Jar.Get(r, knownCookie))
	if err != nil || len(sealed) == 0 {
		return Known{}
	}
	plain, err := p.Cookies.Open(sealed, "permanente known")
	if err != nil {
		return Known{} // of a key that is gone, or made up: a browser that nobody knows
	}
	var k Known
	if err := json.Unmarshal(plain, &k.entries); err != nil {
		return Known{}
	}
	return k
}

// remember makes the browser known to an account's citizen.
func (p *Provider) remember(w http.ResponseWriter, r *http.Request, a Account) {
	if a.Person == "" {
		return
	}
	plain, err := json.Marshal(p.knownIn(r).With(a).entries)
	if err != nil {
		return // it cannot be: strings and numbers
	}
	p.Jar.Set(w, knownCookie, base64.RawURLEncoding.EncodeToString(p.Cookies.Seal(plain, "permanente known")), knownAge)
}
