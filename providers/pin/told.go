package pin

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

// told is what the citizen was told about the last form that counted or sent
// something. The page that says it is shown by GET, after a redirect: who reloads
// it, or turns it into another language, counts nothing again. The browser carries
// it sealed, because it holds what was typed; nothing is decided by it.
type told struct {
	Cause Cause
	At    time.Time
	Until time.Time `json:",omitzero"`
	Left  int       `json:",omitempty"`
	// PIN is the one that was typed.
	PIN string `json:",omitempty"`
	// Document, Kind and Value are the pair, where it was about one.
	Document string                `json:",omitempty"`
	Kind     identity.ContrastKind `json:",omitempty"`
	Value    string                `json:",omitempty"`
}

const toldCookie = "clave_told_"

// tell shows the page at the path, which says what the form led to.
func (p *Provider) tell(w http.ResponseWriter, r *http.Request, path string, said told) {
	l := broker.From(r.Context())
	said.At = p.Now()
	plain, err := json.Marshal(said)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	sealed := p.Cookies.Seal(plain, "pin told", string(l.Request.ID))
	p.Jar.Set(w, toldCookie+string(l.Request.ID), base64.RawURLEncoding.EncodeToString(sealed), l.Request.OpenedAt.Add(broker.LongestLogin).Sub(p.Now()))
	route.SeeOther(w, pinPath(l, path))
}

// toldOf reads what the citizen was told; the zero value when that is nothing, or
// not sealed for this login.
func (p *Provider) toldOf(r *http.Request, l *broker.Login) told {
	value := p.Jar.Get(r, toldCookie+string(l.Request.ID))
	if value == "" {
		return told{}
	}
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return told{}
	}
	plain, err := p.Cookies.Open(sealed, "pin told", string(l.Request.ID))
	if err != nil {
		return told{}
	}
	var said told
	if err := json.Unmarshal(plain, &said); err != nil {
		return told{}
	}
	return said
}

// forget takes it from the browser again, once another form was sent.
func (p *Provider) forget(w http.ResponseWriter, r *http.Request, l *broker.Login) {
	if name := toldCookie + string(l.Request.ID); p.Jar.Get(r, name) != "" {
		p.Jar.Drop(w, name)
	}
}

// about tells whether it was said about this document.
func (t told) about(document identity.DocumentID) bool { return t.Document == document.Reveal() }

// ofPIN is what the page where the PIN is entered says, with the PIN that was
// typed. What was said about an earlier PIN is not said of the next.
func (t told) ofPIN(c Challenge, now time.Time) (value string, problems page.Errors) {
	switch {
	case t.At.Before(c.SentAt) || !c.live(now):
		return "", nil
	case t.Cause == WrongPIN && t.Left == 1:
		return t.PIN, page.Errors{{Field: "pin", Key: "pin.enter.error.wrong_last"}}
	case t.Cause == WrongPIN:
		return t.PIN, page.Errors{{Field: "pin", Key: "pin.enter.error.wrong", Holes: []string{"left", strconv.Itoa(t.Left)}}}
	case t.Cause == TooSoon && now.Before(t.Until.Add(SendSpacing)):
		// The wait may be over when the page is shown; that nothing was sent is said all the same.
		seconds := max(int(t.Until.Sub(now)/time.Second), 0) + 1
		return "", page.Errors{{Key: "pin.enter.error.soon", Holes: []string{"seconds", strconv.Itoa(seconds)}}}
	}
	return "", nil
}
