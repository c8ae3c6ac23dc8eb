// Package procedure shows the procedures of census/registration: a page for each
// step, and one flow of pages for each procedure. The pages of a step are the same in
// every flow that has it.
//
// A page asks, and what is decided is decided there; a page that does not belong to
// where the procedure stands leads to the one that does. Everything works without
// scripts, keeps what was typed, and tells a wrong pair of document and datum in one
// text.
package procedure

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"clave/broker"
	"clave/census/receipt"
	"clave/census/registration"
	"clave/web/lang"
	"clave/web/page"
)

//go:embed templates
var templates embed.FS

// Receipts are the receipts of finished registrations.
type Receipts interface {
	ReceiptByCode(ctx context.Context, code string) (receipt.Receipt, []receipt.Copy, error)
	receipt.Copies
}

// Papers writes a receipt as a file, with the activation code when there is one.
type Papers interface {
	HandOut(ctx context.Context, copies receipt.Copies, rc receipt.Receipt, activation string, at time.Time) ([]byte, error)
}

// Config is what the pages need. Every field is required; the zero Jar is right in
// the sandbox alone.
type Config struct {
	Procedures *registration.Procedures
	Receipts   Receipts
	Papers     Papers
	Engine     *page.Engine
	Jar        broker.CookieJar
	// Offered are the procedures of who is logged in that there are.
	Offered Offered
	// Mails says that mails go out, so that addresses can be confirmed.
	Mails bool
	Log   *slog.Logger
	Now   func() time.Time
}

// Pages are the pages of the procedures.
type Pages struct {
	Config
	document, contrast, choice, requested, code, contact, claim, sms, done, stopped, standing *page.Template
	certificate, wishes, printed, confirm, address, mail, confirmed, leaving                  *page.Template
}

// New makes the pages. It panics when a template is broken, which is a mistake of
// ours.
func New(c Config) *Pages {
	parse := func(name string) *page.Template {
		return c.Engine.Parse(templates, "templates/"+name+".html", "templates/parts.html")
	}
	return &Pages{
		Config: c, document: parse("document"), contrast: parse("contrast"), choice: parse("choice"), requested: parse("requested"),
		code: parse("code"), contact: parse("contact"), claim: parse("claim"), sms: parse("sms"), done: parse("done"),
		stopped: parse("stopped"), standing: parse("standing"),
		certificate: parse("certificate"), wishes: parse("wishes"), printed: parse("printed"), confirm: parse("confirm"),
		address: parse("address"), mail: parse("mail"), confirmed: parse("confirmed"), leaving: parse("leaving"),
	}
}

// language is the one of the page, in which messages are written too.
func (p *Pages) language(r *http.Request) lang.Language {
	around := page.From(r.Context())
	return p.Engine.LanguageFor(r, around.LoginID, around.Locales)
}

// fail shows an error of ours to a person and logs it once.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Engine.Failed(w, r, p.Log, "registration step failed", err)
}
