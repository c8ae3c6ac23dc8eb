package procedure

import (
	"net/http"

	"clave/broker"
	"clave/identity"
	"clave/web/page"
)

// certificatePage explains what is done with a certificate, to who has not shown one.
type certificatePage struct {
	page.WayBack
	place
	Choices string // the address behind the login
}

func (f *flow) showCertificate(w http.ResponseWriter, r *http.Request) {
	f.show(w, r, http.StatusOK, f.certificate, f.path, certificatePage{page.WayBackOf(r), f.place(), f.first})
}

// wishesPage are the choices of who has shown a certificate.
// Source: sede.agenciatributaria.gob.es, "Register in the Cl@ve system online with
// electronic certificate or eDNI": "Depending on the status of the user in the Cl@ve
// census, you have several options".
type wishesPage struct {
	page.WayBack
	place
	opening
	Person, Document string
	State            identity.State
	Registration     identity.Registration
	Links            []Link
	Here             string
}

// Enter tells whether the citizen may register.
func (p wishesPage) Enter() bool {
	return enterable(p.State)
}

func (f *flow) showWishes(w http.ResponseWriter, r *http.Request) {
	c := broker.CitizenFrom(r.Context())
	st := c.Standing
	f.show(w, r, http.StatusOK, f.wishes, f.first, wishesPage{
		WayBack: page.WayBackOf(r), place: f.place(), opening: f.opening(r),
		Person: c.Session.State.Name, Document: st.Identity.Document.String(), State: st.State, Registration: st.Registration,
		Links: f.Offered.Links(st, c.Evidence.Method), Here: f.first,
	})
}

// takeWishes starts the registration, which is the one choice that is made here.
func (f *flow) takeWishes(w http.ResponseWriter, r *http.Request) {
	if h, ok := f.start(w, r); ok {
		f.forwardTo(w, r, h)
	}
}
