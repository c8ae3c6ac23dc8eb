package permanente

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"clave/providers/permanente/password"
	"clave/web/route"
)

// saying is what the citizen was told about the last form that counted or sent
// something. The page that says it is shown by GET, after a redirect: who reloads it,
// or turns it into another language, counts nothing again. The browser carries it
// sealed, because it holds what was typed; no password is in it, and nothing is
// decided by it.
type saying struct {
	Cause    Cause
	Until    time.Time          `json:",omitzero"`
	Left     int                `json:",omitempty"`
	Problems []password.Problem `json:",omitempty"`
	// Document and Email are what was typed, where it was about them.
	Document string `json:",omitempty"`
	Email    string `json:",omitempty"`
}

const (
	sayCookie = "clave_said_"
	// sayAge is how long it is carried at most.
	sayAge = time.Hour
	// onPages is where a saying belongs outside of a login.
	onPages = "permanente"
)

func sayingOf(d *Denied) saying {
	return saying{Cause: d.Cause, Until: d.Until, Left: d.Left, Problems: d.Problems}
}

// say shows the page at the path, which tells what the form led to. where is the
// login's id, or onPages.
func (p *Provider) say(w http.ResponseWriter, r *http.Request, where, path string, said saying) {
	plain, err := json.Marshal(said)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	sealed := p.Cookies.Seal(plain, "permanente said", where)
	p.Jar.Set(w, sayCookie+where, base64.RawURLEncoding.EncodeToString(sealed), sayAge)
	route.SeeOther(w, path)
}

// said reads what the citizen was told; the zero value when that is nothing.
func (p *Provider) said(r *http.Request, where string) (s saying) {
	sealed, err := base64.RawURLEncoding.DecodeString(p.Jar.Get(r, sayCookie+where))
	if err != nil || len(sealed) == 0 {
		return saying{}
	}
	plain, err := p.Cookies.Open(sealed, "permanente said", where)
	if err != nil {
		return saying{}
	}
	if err := json.Unmarshal(plain, &s); err != nil {
		return saying{}
	}
	return s
}

// hush takes it from the browser again.
func (p *Provider) hush(w http.ResponseWriter, r *http.Request, where string) {
	if name := sayCookie + where; p.Jar.Get(r, name) != "" {
		p.Jar.Drop(w, name)
	}
}
