package app

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"clave/identity"
	"clave/providers/movil"
	"clave/web/route"
)

// journey is how far a browser has come in activating itself. It carries it sealed: the
// document is what was typed and no proof, the token names the activation that the
// domain keeps, and what was said is for the page that is shown after a redirect, so
// that who reloads it counts nothing again.
type journey struct {
	Document string `json:",omitempty"`
	Token    string `json:",omitempty"`
	Said     saying `json:",omitzero"`
}

// saying is what the citizen was told about the last form.
type saying struct {
	Cause movil.Cause           `json:",omitempty"`
	Until time.Time             `json:",omitzero"`
	Left  int                   `json:",omitempty"`
	Kind  identity.ContrastKind `json:",omitempty"`
	Value string                `json:",omitempty"`
}

const (
	journeyCookie = "clave_activating"
	journeySealed = "app activation"
	// journeyAge is as long as codes and keys may take together.
	journeyAge = time.Hour
)

// travel carries the journey on, to the page at the path.
func (a *App) travel(w http.ResponseWriter, r *http.Request, j journey, path string) {
	plain, err := json.Marshal(j)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.Jar.Set(w, journeyCookie, base64.RawURLEncoding.EncodeToString(a.Cookies.Seal(plain, journeySealed)), journeyAge)
	route.SeeOther(w, path)
}

// journeyOf reads it; the zero value when there is none.
func (a *App) journeyOf(r *http.Request) (j journey) {
	if !a.unseal(a.Jar.Get(r, journeyCookie), &j, journeySealed) {
		return journey{}
	}
	return j
}

func (j journey) document() identity.DocumentID {
	document, err := identity.ParseDocument(j.Document)
	if err != nil {
		return identity.DocumentID{} // none was typed yet
	}
	return document
}
