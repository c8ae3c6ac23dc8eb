package saml

import (
	"errors"
	"net/http"

	"clave/internal/inbound"
	"clave/internal/saml2"
	"clave/web/route"
)

// unreadable is the page for what could not be read by either binding.
func unreadable(err error) mistake {
	if errors.Is(err, saml2.ErrSignature) {
		return mistakeSignature
	}
	return mistakeUnreadable
}

// resumeLater keeps what was understood of a posted message under a random handle, and
// sends the browser on with it to a path of ours, where our cookies come along.
func (f *Front) resumeLater(w http.ResponseWriter, r *http.Request, path string, understood any) {
	if err := f.way(path).Later(w, r, understood); err != nil {
		f.fail(w, r, err)
	}
}

// resumed takes out what was kept for this path, and spends its handle. When it is not
// there the answer is given.
func (f *Front) resumed(w http.ResponseWriter, r *http.Request, path string, understood any) bool {
	if route.OnlyLooks(w, r) {
		return false
	}
	err := f.way(path).Take(r, understood)
	switch {
	case errors.Is(err, inbound.ErrGone):
		f.showMistake(w, r, mistakeResumed)
	case err != nil:
		f.fail(w, r, err)
	}
	return err == nil
}

func (f *Front) way(path string) inbound.Way {
	return inbound.Way{Store: f.Once, Path: path, Now: f.Now}
}
