package movil

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"clave/broker"
	"clave/census/pair"
	"clave/identity"
	"clave/web/route"
)

// carried is what the browser carries from page to page of a login, sealed: what was
// typed, and what was told about the last form that counted something. The page that
// tells it is shown by GET, after a redirect, so that who reloads it counts nothing
// again. It is input, and no proof of anything.
type carried struct {
	Document string                `json:",omitempty"`
	Kind     identity.ContrastKind `json:",omitempty"`
	Value    string                `json:",omitempty"`
	// Right: the pair was when it was last looked at.
	Right bool `json:",omitempty"`
	Said  said `json:",omitzero"`
}

type said struct {
	Cause Cause     `json:",omitempty"`
	Until time.Time `json:",omitzero"`
}

const carriedCookie = "clave_movil_"

func (c carried) pair(document identity.DocumentID) pair.Pair {
	return pair.Pair{Document: document, Contrast: c.contrast()}
}

// say shows the page of a step, with what the browser carries there.
func (p *Provider) say(w http.ResponseWriter, r *http.Request, step string, c carried) {
	l := broker.From(r.Context())
	plain, err := json.Marshal(c)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	sealed := p.Cookies.Seal(plain, "movil carried", string(l.Request.ID))
	p.Jar.Set(w, carriedCookie+string(l.Request.ID), encode(sealed), l.Request.OpenedAt.Add(broker.LongestLogin).Sub(p.Now()))
	route.SeeOther(w, stepPath(l, step))
}

// carriedBy reads what the browser brought; the zero value when there is nothing that
// was sealed for this login.
func (p *Provider) carriedBy(r *http.Request, l *broker.Login) (c carried) {
	sealed := decode(p.Jar.Get(r, carriedCookie+string(l.Request.ID)))
	if len(sealed) == 0 {
		return carried{}
	}
	plain, err := p.Cookies.Open(sealed, "movil carried", string(l.Request.ID))
	if err != nil {
		return carried{}
	}
	if err := json.Unmarshal(plain, &c); err != nil {
		return carried{}
	}
	return c
}

// drop takes it from the browser again.
func (p *Provider) drop(w http.ResponseWriter, r *http.Request, l *broker.Login) {
	if name := carriedCookie + string(l.Request.ID); p.Jar.Get(r, name) != "" {
		p.Jar.Drop(w, name)
	}
}

// encode and decode are base64url without padding, as WebAuthn's JSON has it. What
// cannot be read is nothing.
func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(text string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}
