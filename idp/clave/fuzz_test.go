package clave_test

import (
	"net/http"
	"net/url"
	"testing"

	"clave/internal/saml2"
)

// FuzzForms sends anything as a message of either kind, and with states of any kind. What
// nobody signed opens nothing, and is answered by a page or to a registered address.
func FuzzForms(f *testing.F) {
	w := newWorld(f)
	for _, k := range kits() {
		f.Add(w.message(k.login), "state-1", false)
		f.Add(k.style.sign(f, w.message(k.login), shared().other), "", false)
		if k.logout != "" {
			f.Add(w.message(k.logout), "state-1", true)
			f.Add(k.style.sign(f, w.message(k.logout), shared().other), "", true)
		}
	}
	f.Fuzz(func(t *testing.T, message, state string, farewell bool) {
		field := saml2.FieldRequest
		if farewell {
			field = saml2.FieldLogoutRequest
		}
		got := w.postForm(url.Values{field: {saml2.PostValue([]byte(message))}, saml2.FieldRelayState: {state}}, address)
		if got.StatusCode != http.StatusBadRequest && got.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("answered %d", got.StatusCode)
		}
	})
}
