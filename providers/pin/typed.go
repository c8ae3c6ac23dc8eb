package pin

import (
	"encoding/base64"
	"net/http"
	"strings"

	"clave/broker"
	"clave/census"
	"clave/census/pair"
	"clave/identity"
)

// typed is what the citizen typed on the pages before this one. The browser
// carries it sealed: it is input, and no proof of anything.
type typed struct {
	Document identity.DocumentID
	// Contrast, Last3 and Registration are filled in once the pair was found
	// right in this browser. The last two are only shown.
	Contrast     census.Contrast
	Last3        string
	Registration identity.Registration
}

const typedCookie = "clave_pin_"

// typedParts is how many lines the sealed text has.
const typedParts = 5

func (t typed) pair() pair.Pair { return pair.Pair{Document: t.Document, Contrast: t.Contrast} }

// matched tells whether the pair was right when it was last looked at.
func (t typed) matched() bool { return t.Last3 != "" }

// keepTyped gives what was typed to the browser, for this login alone.
func (p *Provider) keepTyped(w http.ResponseWriter, l *broker.Login, t typed) {
	plain := strings.Join([]string{
		t.Document.Reveal(), string(t.Contrast.Kind), t.Contrast.Value, t.Last3, t.Registration.String(),
	}, "\n")
	sealed := p.Cookies.Seal([]byte(plain), "pin typed", string(l.Request.ID))
	p.Jar.Set(w, typedCookie+string(l.Request.ID), base64.RawURLEncoding.EncodeToString(sealed), l.Request.OpenedAt.Add(broker.LongestLogin).Sub(p.Now()))
}

// typedOf reads what the browser brought; false when there is nothing that was
// sealed for this login.
func (p *Provider) typedOf(r *http.Request, l *broker.Login) (typed, bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(p.Jar.Get(r, typedCookie+string(l.Request.ID)))
	if err != nil || len(sealed) == 0 {
		return typed{}, false
	}
	plain, err := p.Cookies.Open(sealed, "pin typed", string(l.Request.ID))
	if err != nil {
		return typed{}, false
	}
	parts := strings.Split(string(plain), "\n")
	if len(parts) != typedParts {
		return typed{}, false
	}
	document, err := identity.ParseDocument(parts[0])
	if err != nil {
		return typed{}, false
	}
	t := typed{
		Document: document,
		Contrast: census.Contrast{Kind: identity.ContrastKind(parts[1]), Value: parts[2]},
		Last3:    parts[3],
	}
	if parts[4] != identity.NoRegistration.String() {
		t.Registration, _ = identity.ParseRegistration(parts[4]) // what cannot be read is none
	}
	return t, true
}

// dropTyped takes it from the browser again, and what was told about it.
func (p *Provider) dropTyped(w http.ResponseWriter, r *http.Request, l *broker.Login) {
	p.Jar.Drop(w, typedCookie+string(l.Request.ID))
	p.forget(w, r, l)
}
