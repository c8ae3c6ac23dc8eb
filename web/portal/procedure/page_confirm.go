package procedure

import (
	"net/http"

	"clave/census/receipt"
	"clave/census/registrar"
	"clave/census/registration"
	"clave/web/page"
)

// confirmPage says what will happen, and asks whether the citizen wants it.
type confirmPage struct {
	page.Form
	page.WayBack
	subject
	opening
	conditions
	// Phone and Email are those of the registration, masked.
	Phone, Email string
	// SMS: a code goes to the phone before it happens.
	SMS bool
}

func (f *flow) confirmPage(s subject, entry registrar.Entry, by registrar.By) confirmPage {
	if f.name == registration.LeaveByLetter {
		return confirmPage{subject: s} // who stole the letter learns nothing
	}
	sms := f.name == registration.Withdraw && registrar.NeedsPhone(entry, by)
	return confirmPage{subject: s, Phone: entry.Phone.String(), Email: entry.Email.String(), SMS: sms}
}

func (f *flow) renderConfirm(w http.ResponseWriter, r *http.Request, status int, data confirmPage, problems page.Errors) {
	var err error
	if data.conditions, err = f.conditionsFor(r); err != nil {
		f.fail(w, r, err)
		return
	}
	data.WayBack = page.WayBackOf(r)
	data.Form = page.Form{Fields: []page.Field{{Name: string(registration.FieldConditions)}}, Errors: problems}
	f.show(w, r, status, f.confirm, data.Here, data)
}

func (f *flow) showConfirm(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	f.askConfirm(w, r, http.StatusOK, running, nil)
}

func (f *flow) askConfirm(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, problems page.Errors) {
	entry, ok := f.allowed(w, r, registration.Basis{Person: running.Person, By: running.By})
	if ok {
		f.renderConfirm(w, r, status, f.confirmPage(f.subjectOf(running, "/confirm"), entry, running.By), problems)
	}
}

func (f *flow) takeConfirm(w http.ResponseWriter, r *http.Request) {
	if accepted(r) {
		f.agree(w, r, f.handle(r))
		return
	}
	f.at(registration.StepConfirm, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
		f.askConfirm(w, r, http.StatusUnprocessableEntity, running, f.unaccepted())
	})(w, r)
}

// agree is what both pages end with.
func (f *flow) agree(w http.ResponseWriter, r *http.Request, h registration.Handle) {
	err := f.Procedures.Confirm(r.Context(), h, receipt.CurrentConditions, f.language(r))
	if err != nil {
		f.answered(w, r, err, "", "/confirm")
		return
	}
	f.forwardTo(w, r, h)
}
