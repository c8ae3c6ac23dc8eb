package letter

import (
	"fmt"
	"strings"
	"time"

	"clave/internal/onetime"
	"clave/internal/paper"
	"clave/web/lang"
)

// Settings is what all letters of an installation share.
type Settings struct {
	// Name is what the installation is called, such as Cl@ve.
	Name string
	// Sender is who writes, at most 5 lines: body, street, postal code and city.
	Sender []string
	// Redeem is the address of the page where an invitation code is used.
	Redeem string
	// Telephone is for help; may be empty.
	Telephone string
	// Zone is where dates are told.
	Zone *time.Location
	// Window is where the envelope's window is; Right if empty.
	Window Window
}

// Renderer makes letters.
type Renderer struct {
	texts    *lang.Texts
	settings Settings
}

// NewRenderer returns a renderer.
func NewRenderer(texts *lang.Texts, s Settings) *Renderer { return &Renderer{texts, s} }

// Printed is a letter as it goes to the printer. It holds personal data and a secret.
type Printed struct {
	Number string
	PDF    []byte
	// Text is the same words without layout.
	Text string
}

// Where things stand on the sheet, in millimetres.
const (
	side        = 22.0
	firstFold   = 99.0 // a third of the sheet; what stands above it may show
	secondFold  = 198.0
	bodyTop     = 106.0 // well below the fold: the code is inside
	bodyBottom  = 22.0
	qrSide      = 34.0
	sheetFooter = 284.0
	// numberHeight is that of the letter's number above the address.
	numberHeight = 3.2
)

// Render makes the file of a letter: always the same bytes for the same letter.
func (r *Renderer) Render(l Letter) (Printed, error) {
	d, err := r.draw(l)
	if err != nil {
		return Printed{}, fmt.Errorf("rendering letter %s: %w", l.Number, err)
	}
	pdf, err := d.Bytes()
	if err != nil {
		return Printed{}, fmt.Errorf("rendering letter %s: %w", l.Number, err)
	}
	return Printed{Number: l.Number, PDF: pdf, Text: d.Text()}, nil
}

func (r *Renderer) draw(l Letter) (*paper.Document, error) {
	reader, known := lang.Parse(l.Language)
	if !known {
		reader = lang.Default
	}
	d, err := paper.New(
		paper.About{
			Title: r.texts.Text(reader, "letter.title", "name", r.settings.Name), Author: strings.Join(r.settings.Sender, ", "),
			Language: string(reader), Made: l.QueuedAt,
		},
		paper.Margins{Left: side, Top: 26, Right: side, Bottom: bodyBottom},
		func(d *paper.Document, page, pages int) {
			number := r.texts.Text(reader, "letter.number", "number", onetime.Grouped(l.Number))
			d.Note(side, sheetFooter, 100, number, 8)
			d.NoteRight(paper.Width-side, sheetFooter, fmt.Sprintf("%d/%d", page, pages), 8)
		})
	if err != nil {
		return nil, err
	}
	d.Page()
	d.Fold(firstFold)
	d.Fold(secondFold)
	r.head(d, l)
	d.Below(bodyTop)
	r.opening(d, l, reader)
	d.Code(r.texts.Text(reader, "letter.code"), onetime.Grouped(l.Code), r.texts.Text(reader, "letter.until", "day", r.day(reader, l.ExpiresAt)))
	if err := r.how(d, reader); err != nil {
		return nil, err
	}
	if reader != lang.Spanish {
		r.inSpanish(d, l)
	}
	return d, nil
}

// head writes sender and address: all that stands above the fold.
func (r *Renderer) head(d *paper.Document, l Letter) {
	sender := senderBox(r.settings.Window)
	d.Mark(sender.x, sender.y-10, r.settings.Name)
	for i, line := range r.settings.Sender {
		d.Put(sender.x, sender.y+float64(i)*4.2, sender.width, line, paper.Plain, 9)
	}
	// The number shows in the window too: the post returns envelopes that nobody opens.
	address := addressBox(r.settings.Window)
	d.Note(address.x, address.y, address.width, onetime.Grouped(l.Number), 7)
	for i, line := range l.To.lines() {
		y := address.y + numberHeight + float64(i)*(address.height-numberHeight)/addressLines
		d.Put(address.x, y, address.width, line, paper.Plain, 10)
	}
}

func (r *Renderer) opening(d *paper.Document, l Letter, to lang.Language) {
	d.Paragraph(r.day(to, l.QueuedAt), paper.Small)
	d.Title(r.texts.Text(to, "letter.title", "name", r.settings.Name))
	d.Paragraph(r.texts.Text(to, "letter.intro", "name", r.settings.Name), paper.Plain)
}

// how says what to do, with the QR code beside it on the first page.
func (r *Renderer) how(d *paper.Document, to lang.Language) error {
	d.Keep(qrSide + 10)
	d.Heading(r.texts.Text(to, "letter.how"))
	top := d.Y()
	if err := d.QR(paper.Width-side-qrSide, top-2, qrSide, r.settings.Redeem); err != nil {
		return err
	}
	d.Narrow(qrSide+5, func() { d.Steps(r.steps(to)) })
	if low := top + qrSide; d.Y() < low {
		d.Below(low)
	}
	r.closing(d, to)
	return nil
}

func (r *Renderer) steps(to lang.Language) []string {
	return []string{
		r.texts.Text(to, "letter.step1", "address", strings.TrimPrefix(r.settings.Redeem, "https://")),
		r.texts.Text(to, "letter.step2"), r.texts.Text(to, "letter.step3"), r.texts.Text(to, "letter.step4"),
	}
}

func (r *Renderer) closing(d *paper.Document, to lang.Language) {
	d.Heading(r.texts.Text(to, "letter.strange"))
	d.Paragraph(r.texts.Text(to, "letter.strange.text"), paper.Plain)
	if r.settings.Telephone != "" {
		d.Paragraph(r.texts.Text(to, "letter.help", "telephone", r.settings.Telephone), paper.Bold)
	}
}

// inSpanish says it all again on a second page, but for the code.
func (r *Renderer) inSpanish(d *paper.Document, l Letter) {
	const to = lang.Spanish
	d.Page()
	d.Below(26)
	r.opening(d, l, to)
	d.Paragraph(r.texts.Text(to, "letter.see", "day", r.day(to, l.ExpiresAt)), paper.Bold)
	d.Heading(r.texts.Text(to, "letter.how"))
	d.Steps(r.steps(to))
	r.closing(d, to)
}

func (r *Renderer) day(l lang.Language, at time.Time) string {
	return r.texts.Day(l, at.In(r.settings.Zone))
}
