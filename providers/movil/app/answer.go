package app

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"mime"
	"net/http"

	"clave/broker"
	"clave/providers/movil"
	"clave/web/route"
)

// bytesText is bytes in JSON as scripts send them: base64url without padding.
// Source: RFC 4648, section 5; WebAuthn's own JSON.
type bytesText []byte

// UnmarshalText reads it.
func (b *bytesText) UnmarshalText(text []byte) (err error) {
	*b, err = base64.RawURLEncoding.Strict().DecodeString(string(text))
	return err
}

// refusal is what a script is told: a cause that it knows, and a sentence to show.
type refusal struct {
	Cause     string `json:"cause"`
	Text      string `json:"text,omitempty"`
	Challenge string `json:"challenge,omitempty"`
}

// next is where a script goes on.
type next struct {
	Next   string         `json:"next"`
	Device movil.DeviceID `json:"device,omitempty"`
}

// answer writes JSON.
func (a *App) answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic("app: " + err.Error()) // a mistake of ours
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a browser that left needs no answer
}

// read takes JSON from our own scripts; it answers itself when there is none.
func (a *App) read(w http.ResponseWriter, r *http.Request, into any) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || json.NewDecoder(r.Body).Decode(into) != nil {
		a.answer(w, http.StatusBadRequest, refusal{Cause: "failed"})
		return false
	}
	return true
}

// refuse tells a script why something did not happen, and logs what is a mistake of
// ours.
func (a *App) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var denied *movil.Denied
	if errors.As(err, &denied) {
		a.answer(w, http.StatusForbidden, refusal{Cause: string(denied.Cause), Text: a.why(r, denied)})
		return
	}
	if r.Context().Err() != nil {
		return
	}
	reference := route.NewReference()
	a.Log.ErrorContext(r.Context(), "app step failed", "reference", reference, "error", err.Error())
	a.answer(w, http.StatusInternalServerError, refusal{
		Cause: "failed", Text: a.Pages.Texts().Text(a.Pages.Language(r), "app.failed", "reference", reference),
	})
}

// why is a sentence about a refusal; empty when the page has one of its own.
func (a *App) why(r *http.Request, d *movil.Denied) string {
	texts, l := a.Pages.Texts(), a.Pages.Language(r)
	if d.Cause == movil.Refused {
		key := "broker.reason." + string(d.Reason)
		return texts.Text(l, key+".title") + ". " + texts.Text(l, key+".text")
	}
	if key := "app.cause." + string(d.Cause); texts.Has(key) {
		return texts.Text(l, key)
	}
	return ""
}

// leads is where the way on is of who is refused for a reason.
func leads(reason broker.Reason) (path, key string) {
	switch reason {
	case broker.NotRegistered, broker.HasWithdrawn:
		return "/register", "app.register"
	case broker.LostPhone:
		return "/register/change", "app.change_phone"
	default:
		return "", ""
	}
}
