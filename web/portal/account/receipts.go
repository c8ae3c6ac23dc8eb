package account

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/mux"

	"clave/broker"
	"clave/census/receipt"
	"clave/identity"
	"clave/web/lang"
	"clave/web/page"
)

// Receipts are what a citizen got for each change of the registration.
type Receipts interface {
	ReceiptsOf(ctx context.Context, person identity.PersonID, before string, limit int) ([]receipt.Receipt, error)
	ReceiptByCode(ctx context.Context, code string) (receipt.Receipt, []receipt.Copy, error)
	receipt.Copies
}

// Papers writes receipts, as files and in words.
type Papers interface {
	HandOut(ctx context.Context, copies receipt.Copies, rc receipt.Receipt, activation string, at time.Time) ([]byte, error)
	Page(rc receipt.Receipt, activation string) receipt.Sheet
	Masked(rc receipt.Receipt, l lang.Language) (title string, facts []receipt.Line)
}

// receiptsShown is how many receipts stand on a page.
const receiptsShown = 20

// receiptsData is a page of receipts, the newest first.
type receiptsData struct {
	here
	Lines []receiptLine
	First bool
	Next  string // address of the next page; empty on the last
}

type receiptLine struct {
	Title, Path string
	At          time.Time
}

func (p *Pages) showReceipts(w http.ResponseWriter, r *http.Request) {
	person := broker.CitizenFrom(r.Context()).Standing.Person
	before := r.URL.Query().Get("before")
	found, err := p.Receipts.ReceiptsOf(r.Context(), person, before, receiptsShown+1)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	data := receiptsData{here: p.at(receiptsPath), First: before == ""}
	if len(found) > receiptsShown {
		found = found[:receiptsShown]
		data.Next = receiptsPath + "?" + url.Values{"before": {found[receiptsShown-1].ID}}.Encode()
	}
	l := p.Engine.Language(r)
	for _, rc := range found {
		title, _ := p.Papers.Masked(rc, l)
		data.Lines = append(data.Lines, receiptLine{Title: title, Path: receiptsPath + "/" + rc.Code, At: rc.At})
	}
	p.Engine.Render(w, r, http.StatusOK, p.receipts, data)
}

// receiptData is a receipt as a page: all that the file says but for the activation code.
type receiptData struct {
	here
	receipt.Sheet
	File string
}

func (p *Pages) showReceipt(w http.ResponseWriter, r *http.Request) {
	rc, ok := p.ownReceipt(w, r)
	if !ok {
		return
	}
	rc.Language = string(p.Engine.Language(r)) // the page speaks one language
	p.Engine.Render(w, r, http.StatusOK, p.receipt, receiptData{
		here: p.at(receiptsPath), Sheet: p.Papers.Page(rc, ""), File: receiptsPath + "/" + rc.Code + "/pdf",
	})
}

func (p *Pages) sendReceipt(w http.ResponseWriter, r *http.Request) {
	rc, ok := p.ownReceipt(w, r)
	if !ok {
		return
	}
	pdf, err := p.Papers.HandOut(r.Context(), p.Receipts, rc, "", p.Now())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	page.Download(w, "application/pdf", rc.FileName(), pdf)
}

// ownReceipt finds the receipt of the address, if it is the citizen's own. Another's is
// answered like none.
func (p *Pages) ownReceipt(w http.ResponseWriter, r *http.Request) (receipt.Receipt, bool) {
	code, ok := receipt.ReadCode(mux.Vars(r)["code"])
	if !ok {
		p.Engine.ErrorPage(w, r, http.StatusNotFound, "route.not_found", "")
		return receipt.Receipt{}, false
	}
	rc, _, err := p.Receipts.ReceiptByCode(r.Context(), code)
	switch {
	case errors.Is(err, receipt.ErrNoReceipt), err == nil && rc.Person != broker.CitizenFrom(r.Context()).Standing.Person:
		p.Engine.ErrorPage(w, r, http.StatusNotFound, "route.not_found", "")
		return receipt.Receipt{}, false
	case err != nil:
		p.fail(w, r, err)
		return receipt.Receipt{}, false
	}
	return rc, true
}
