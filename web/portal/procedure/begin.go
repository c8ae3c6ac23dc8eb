package procedure

import (
	"errors"
	"net/http"

	"clave/broker"
	"clave/census/registrar"
	"clave/census/registration"
	"clave/web/page"
	"clave/web/route"
)

// basis is on whose word a procedure of who is logged in runs: the proof of this
// moment, which the route demanded.
func (f *flow) basis(r *http.Request) registration.Basis {
	c := broker.CitizenFrom(r.Context())
	return registration.Basis{
		Owner: f.owner(r), Person: c.Standing.Person, Document: c.Standing.Identity.Document,
		By: registrar.By{Method: c.Evidence.Method, Login: string(c.Evidence.Login)},
	}
}

// allowed gives what the register says about the citizen, or shows why the procedure
// is not for them.
func (f *flow) allowed(w http.ResponseWriter, r *http.Request, b registration.Basis) (registrar.Entry, bool) {
	entry, err := f.Procedures.Allows(r.Context(), f.name, b)
	if err != nil {
		f.answered(w, r, err, "", "")
	}
	return entry, err == nil
}

// start starts the procedure and gives the browser its handle.
func (f *flow) start(w http.ResponseWriter, r *http.Request) (registration.Handle, bool) {
	h, err := f.Procedures.Start(r.Context(), f.handle(r), f.name, f.basis(r))
	if err != nil {
		f.answered(w, r, err, "", "")
		return "", false
	}
	f.hand(w, h)
	return h, true
}

// opening is what the page on which a procedure begins says beside its question.
type opening struct {
	Running  string // where a procedure of this browser stands
	Finished bool   // it stands at its end, and can be seen there once more
	Gone     bool   // there was one, and it is over
}

func (f *flow) opening(r *http.Request) opening {
	running, err := f.open(r)
	if err != nil {
		return opening{Gone: errors.Is(err, registration.ErrNone) && r.URL.Query().Get("gone") != ""}
	}
	return opening{Running: f.pathOf(running), Finished: running.Has(registration.Finished)}
}

// beginner is the subject of a page on which nothing is kept yet.
func (f *flow) beginner(r *http.Request) subject {
	document := broker.CitizenFrom(r.Context()).Standing.Identity.Document
	return subject{place: f.place(), Document: document.String(), Here: f.first}
}

// showOpening shows the form of the contact before there is a procedure, takeOpening
// starts it with the first good answer.
func (f *flow) showOpening(w http.ResponseWriter, r *http.Request) {
	if entry, ok := f.allowed(w, r, f.basis(r)); ok {
		f.renderOpening(w, r, http.StatusOK, entry, registration.Contact{Prefix: home}, nil)
	}
}

func (f *flow) takeOpening(w http.ResponseWriter, r *http.Request) {
	entry, ok := f.allowed(w, r, f.basis(r))
	if !ok {
		return
	}
	c := contactOf(r)
	phone, email, problems := f.readContact(c)
	if len(problems) > 0 {
		f.renderOpening(w, r, http.StatusUnprocessableEntity, entry, c, problems)
		return
	}
	if h, ok := f.start(w, r); ok {
		f.giveContact(w, r, h, c, phone, email)
	}
}

func (f *flow) renderOpening(w http.ResponseWriter, r *http.Request, status int, entry registrar.Entry, c registration.Contact, problems page.Errors) {
	data := f.contactPage(f.beginner(r), c, problems)
	data.opening = f.opening(r)
	if f.name == registration.Phone {
		data.Phone = entry.Phone.String()
	} else {
		data.Email, data.SMS = entry.Email.String(), registrar.NeedsPhone(entry, f.basis(r).By)
	}
	f.renderContact(w, r, status, data)
}

// showWish asks whether the citizen wants it before there is a procedure, takeWish
// starts it with the first good answer.
func (f *flow) showWish(w http.ResponseWriter, r *http.Request) {
	if entry, ok := f.allowed(w, r, f.basis(r)); ok {
		f.renderConfirm(w, r, http.StatusOK, f.wish(r, entry), nil)
	}
}

func (f *flow) takeWish(w http.ResponseWriter, r *http.Request) {
	entry, ok := f.allowed(w, r, f.basis(r))
	if !ok {
		return
	}
	if !accepted(r) {
		f.renderConfirm(w, r, http.StatusUnprocessableEntity, f.wish(r, entry), f.unaccepted())
		return
	}
	if h, ok := f.start(w, r); ok {
		f.agree(w, r, h)
	}
}

func (f *flow) wish(r *http.Request, entry registrar.Entry) confirmPage {
	data := f.confirmPage(f.beginner(r), entry, f.basis(r).By)
	data.opening = f.opening(r)
	return data
}

// backTo serves the addresses of forms by GET: who has to log in again when sending one
// comes back there.
func (f *flow) backTo(names ...string) []route.Route {
	routes := make([]route.Route, len(names))
	for i, name := range names {
		routes[i] = f.get("/"+name, f.forward)
	}
	return routes
}
