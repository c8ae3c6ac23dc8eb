package procedure

import (
	"net/http"
	"time"

	"clave/census/receipt"
	"clave/census/registration"
	"clave/internal/onetime"
	"clave/web/page"
)

// donePage says that the citizen is registered: it is the receipt as a page.
type donePage struct {
	page.WayBack
	place
	Receipt    receipt.Receipt
	Name       string
	Document   string
	Phone      string
	Email      string
	Code       string // of the receipt, in groups
	Activation string
	TookPhone  bool
}

// At is the moment of the registration.
func (d donePage) At() time.Time { return d.Receipt.At }

func (f *flow) showDone(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	rc, _, err := f.Receipts.ReceiptByCode(r.Context(), running.Done.Receipt)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	who := rc.Identity
	f.show(w, r, http.StatusOK, f.done, f.path+"/done", donePage{
		WayBack: page.WayBackOf(r), place: f.place(), Receipt: rc, Name: who.GivenName + " " + who.FamilyName(), Document: who.Document.Reveal(),
		Phone: rc.Phone.Reveal(), Email: rc.Email.Reveal(), Code: onetime.Grouped(rc.Code),
		Activation: running.Done.Activation, TookPhone: running.Done.TookPhone,
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
	pdf, err := f.Papers.PDF(rc, running.Done.Activation)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	if err := f.Receipts.NoteCopy(r.Context(), rc.ID, receipt.DigestOf(pdf), f.Now()); err != nil {
		f.fail(w, r, err)
		return
	}
	page.Download(w, "application/pdf", "clave-"+rc.Code+".pdf", pdf)
}
