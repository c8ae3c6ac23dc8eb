package procedure

import (
	"errors"
	"net/http"
	"slices"

	"clave/census/registration"
	"clave/web/page"
	"clave/web/route"
)

// ConfirmEmailPath is where the confirmation of the address begins.
const ConfirmEmailPath = EmailPath + "/confirm"

// ConfirmEmail serves the pages of the confirmation of the address. It asks for no
// login of this moment: the code proves who reads the mail, and nothing changes hands.
func (p *Pages) ConfirmEmail() []route.Route {
	f := p.known(registration.ConfirmEmail, ConfirmEmailPath)
	f.fresh = f.access
	return slices.Concat(
		f.begin(f.showAddress, f.takeAddress), f.coding(), f.common(),
		[]route.Route{f.get("/done", f.at(registration.StepDone, f.showConfirmed))}, f.finishing(),
	)
}

// addressPage offers to send a code to the address of the registration.
type addressPage struct {
	page.WayBack
	subject
	opening
	Email string // masked
	Other string // where another address is given
}

func (f *flow) showAddress(w http.ResponseWriter, r *http.Request) {
	entry, ok := f.allowed(w, r, f.basis(r))
	if !ok {
		return
	}
	begun := f.opening(r)
	if begun.Running != f.path+f.codePath() {
		begun = opening{Gone: begun.Gone} // no code is under way
	}
	f.show(w, r, http.StatusOK, f.address, f.path, addressPage{
		WayBack: page.WayBackOf(r), subject: f.beginner(r), opening: begun, Email: entry.Email.String(), Other: EmailPath,
	})
}

// takeAddress sends the code.
func (f *flow) takeAddress(w http.ResponseWriter, r *http.Request) {
	if h, ok := f.start(w, r); ok {
		f.answered(w, r, f.Procedures.Confirm(r.Context(), h, "", f.language(r)), f.codePath(), "")
	}
}

// confirmedPage says that the address is confirmed.
type confirmedPage struct {
	page.WayBack
	place
	Finish string
}

func (f *flow) showConfirmed(w http.ResponseWriter, r *http.Request, _ *registration.Running) {
	if _, err := f.Procedures.Allows(r.Context(), f.name, f.basis(r)); err == nil {
		route.SeeOther(w, f.path) // the address was changed since
		return
	}
	f.show(w, r, http.StatusOK, f.confirmed, f.path+"/done", confirmedPage{page.WayBackOf(r), f.place(), f.finish()})
}

// offersConfirm is where the address can be confirmed that was typed in a procedure of
// who is logged in; empty where it cannot, or is already.
func (f *flow) offersConfirm(r *http.Request, running *registration.Running) string {
	typed := slices.Contains(running.Asks(registration.StepContact), registration.FieldEmail)
	if !f.Mails || !f.mine() || !typed {
		return ""
	}
	_, err := f.Procedures.Allows(r.Context(), registration.ConfirmEmail, registration.Basis{Person: running.Person, By: running.By})
	var denied *registration.Denied
	if err != nil && !errors.As(err, &denied) {
		f.Log.WarnContext(r.Context(), "confirmation not offered", "error", err)
	}
	if err != nil {
		return ""
	}
	return ConfirmEmailPath
}
