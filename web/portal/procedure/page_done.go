package procedure

import (
	"net/http"
	"time"

	"clave/census/receipt"
	"clave/census/registration"
	"clave/internal/onetime"
	"clave/web/page"
)

// donePage says what was done: it is the receipt as a page.
type donePage struct {
	page.WayBack
	place
	Receipt    receipt.Receipt
	Person     string
	Document   string
	Phone      string
	Email      string
	Code       string // of the receipt, in groups
	Activation string
	TookPhone  bool
	Finish     string // the address that forgets the procedure
	// Confirm is where the address can be confirmed; empty where it cannot, or need not.
	Confirm string
}

// Title and Text are the keys of what the page says first.
func (d donePage) Title() string { return d.key("title") }

// Text says what changes from now on.
func (d donePage) Text() string { return d.key("text") }

func (d donePage) key(what string) string {
	switch d.Name {
	case registration.Letter, registration.Certificate:
		return "procedure.done." + what
	case registration.LeaveByLetter:
		return "procedure.my.withdraw.done." + what
	}
	return "procedure.my." + string(d.Name) + ".done." + what
}

// Enters tells whether the citizen registered.
func (d donePage) Enters() bool {
	return d.Name == registration.Letter || d.Name == registration.Certificate
}

// At is the moment of the change.
func (d donePage) At() time.Time { return d.Receipt.At }

func (f *flow) showDone(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	rc, _, err := f.Receipts.ReceiptByCode(r.Context(), running.Done.Receipt)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	who := rc.Identity
	f.show(w, r, http.StatusOK, f.done, f.path+"/done", donePage{
		WayBack: page.WayBackOf(r), place: f.place(), Receipt: rc, Person: who.GivenName + " " + who.FamilyName(), Document: who.Document.Reveal(),
		Phone: rc.Phone.Reveal(), Email: rc.Email.Reveal(), Code: onetime.Grouped(rc.Code),
		Activation: running.Done.Activation, TookPhone: running.Done.TookPhone, Finish: f.finish(),
		Confirm: f.offersConfirm(r, running),
	})
}

// sendReceipt gives the receipt as a file: with the activation code, for as long as
// this browser's procedure lasts.
func (f *flow) sendReceipt(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	rc, _, err := f.Receipts.ReceiptByCode(r.Context(), running.Done.Receipt)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	pdf, err := f.Papers.HandOut(r.Context(), f.Receipts, rc, running.Done.Activation, f.Now())
	if err != nil {
		f.fail(w, r, err)
		return
	}
	page.Download(w, "application/pdf", rc.FileName(), pdf)
}
