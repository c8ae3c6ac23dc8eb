// Package papers is the page where anybody checks a receipt: /verify. It answers who
// holds the paper, and therefore its code, with what was issued, masked; and it tells
// whether a PDF is one of the copies that were handed out.
//
// A code has 80 random bits, so nobody finds one; that each client may ask only so often
// keeps a program from trying all the same, and the database from its questions.
package papers

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"

	"clave/census/receipt"
	"clave/internal/onetime"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/route"
)

//go:embed templates
var templates embed.FS

// Receipts finds receipts; store.Receipts is one.
type Receipts interface {
	ReceiptByCode(ctx context.Context, code string) (receipt.Receipt, []receipt.Copy, error)
}

// Words says what was issued; receipt.Renderer is one.
type Words interface {
	Masked(rc receipt.Receipt, l lang.Language) (title string, facts []receipt.Line)
}

// Config is what the pages need. All of it is required.
type Config struct {
	Engine   *page.Engine
	Receipts Receipts
	Words    Words
	// Slow stands before every look-up: it refuses a client that asks too often.
	Slow route.Middleware
	Log  *slog.Logger
}

// Pages are the pages about receipts.
type Pages struct {
	Config
	verify, found *page.Template
}

// New makes the pages. It panics when a template is broken, which is a mistake of ours.
func New(c Config) *Pages {
	return &Pages{
		Config: c,
		verify: c.Engine.Parse(templates, "templates/verify.html"),
		found:  c.Engine.Parse(templates, "templates/found.html"),
	}
}

// fileBytes is the largest file that is compared. A receipt has a tenth of it.
const fileBytes = 1 << 20

// Routes serve the pages.
func (p *Pages) Routes() []route.Route {
	return []route.Route{
		{Method: http.MethodGet, Path: receipt.VerifyPath, Access: route.Public, Handler: p.show},
		{Method: http.MethodPost, Path: receipt.VerifyPath, Access: route.Public, BodyLimit: fileBytes + 64<<10,
			Handler: p.Slow(http.HandlerFunc(p.compare)).ServeHTTP},
	}
}

// show asks for a code, or answers the one in the address: it is public, and the QR code
// of a receipt holds it.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) {
	typed, asked := r.URL.Query()["code"]
	if !asked {
		p.ask(w, r, http.StatusOK, "", nil)
		return
	}
	p.Slow(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a, ok := p.find(w, r, typed[0]); ok {
			p.answer(w, r, http.StatusOK, a)
		}
	})).ServeHTTP(w, r)
}

// answerPage says what was issued.
type answerPage struct {
	page.Form
	Code   string // in groups
	Kind   string
	Facts  []receipt.Line
	Copies []copyLine
	// Compared tells whether a file was sent: Same is the copy that it is, if any, and
	// Digest its fingerprint.
	Compared bool
	Same     *copyLine
	Digest   string
	copies   []receipt.Copy
}

// copyLine is a copy that was handed out.
type copyLine struct{ Day, Time, Digest string }

// find looks for the receipt with a typed code. Otherwise it has answered.
func (p *Pages) find(w http.ResponseWriter, r *http.Request, typed string) (*answerPage, bool) {
	code, ok := receipt.ReadCode(typed)
	if !ok {
		key := "papers.verify.shape"
		if typed == "" {
			key = "papers.verify.missing"
		}
		p.ask(w, r, http.StatusUnprocessableEntity, typed, page.Errors{{Field: "code", Key: key}})
		return nil, false
	}
	rc, copies, err := p.Receipts.ReceiptByCode(r.Context(), code)
	switch {
	case errors.Is(err, receipt.ErrNoReceipt):
		p.ask(w, r, http.StatusNotFound, typed, page.Errors{{Field: "code", Key: "papers.verify.unknown"}})
		return nil, false
	case err != nil:
		p.fail(w, r, err)
		return nil, false
	}
	l := p.Engine.Language(r)
	a := &answerPage{
		Form: page.Form{Fields: []page.Field{{Name: "file", Label: "papers.files.choose", Hint: "papers.files.choose.hint"}}},
		Code: onetime.Grouped(code), copies: copies,
	}
	a.Kind, a.Facts = p.Words.Masked(rc, l)
	for _, c := range copies {
		a.Copies = append(a.Copies, p.line(l, c))
	}
	return a, true
}

func (p *Pages) line(l lang.Language, c receipt.Copy) copyLine {
	return copyLine{p.Engine.Day(l, c.At), p.Engine.Clock(c.At), c.Digest.String()}
}

// askPage asks for a code.
type askPage struct {
	page.Form
	Name string
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request, status int, typed string, problems page.Errors) {
	p.Engine.Render(w, r, status, p.verify, askPage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "code", Label: "papers.verify.code", Hint: "papers.verify.code.hint", Value: typed, Code: true, MaxLength: 40, Size: 22,
			}},
			Errors: problems,
		},
		Name: p.Engine.Frame().Name,
	})
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request, status int, a *answerPage) {
	p.Engine.Render(w, r, status, p.found, a)
}

// fail shows an error of ours to a person and logs it once.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Engine.Failed(w, r, p.Log, "receipt not verified", err)
}
