package receipt

import (
	"strconv"

	"clave/internal/onetime"
	"clave/internal/paper"
	"clave/web/lang"
)

// Where things stand on the sheet, in millimetres.
const (
	sideMargin   = 22.0
	topMargin    = 26.0
	bottomMargin = 24.0
	qrSide       = 30.0
)

// PDF makes the file of a receipt: always the same bytes for the same receipt and code.
// activation is the code on the first copy, with or without groups, and empty on later ones.
func (r *Renderer) PDF(rc Receipt, activation string) ([]byte, error) {
	d, err := r.draw(rc, activation)
	if err != nil {
		return nil, err
	}
	return d.Bytes()
}

func (r *Renderer) draw(rc Receipt, activation string) (*paper.Document, error) {
	s := r.Page(rc, activation)
	width := paper.Width - 2*sideMargin
	d, err := paper.New(
		paper.About{Title: s.Title, Author: r.about.Responsible, Language: string(s.Language), Made: rc.At},
		paper.Margins{Left: sideMargin, Top: topMargin, Right: sideMargin, Bottom: bottomMargin},
		func(d *paper.Document, page, pages int) {
			d.Mark(sideMargin, 10, r.about.Name)
			d.NoteRight(paper.Width-sideMargin, 12.5, r.about.Responsible, 9)
			d.Rule(sideMargin, paper.Width-sideMargin, 20)
			d.Note(sideMargin, 282, width-30, r.foot(rc, s.Language), 8)
			d.NoteRight(paper.Width-sideMargin, 282, r.texts.Text(s.Language, "receipt.page", "page", strconv.Itoa(page), "pages", strconv.Itoa(pages)), 8)
		})
	if err != nil {
		return nil, err
	}
	d.Page()
	d.Title(s.Title)
	d.Paragraph(s.Lead, paper.Plain)
	facts := make([]paper.Fact, len(s.Facts))
	for i, line := range s.Facts {
		facts[i] = paper.Fact(line)
	}
	d.Facts(facts)
	d.Paragraph(s.Next, paper.Plain)
	if a := s.Activation; a != nil {
		d.Code(a.Label, a.Code, a.Note)
		d.Heading(a.Title)
		d.Steps(a.Steps)
	}
	if s.Later != "" {
		d.Paragraph(s.Later, paper.Plain)
	}
	if err := r.verification(d, s.Verification); err != nil {
		return nil, err
	}
	if len(s.Conditions) > 0 {
		d.Heading(s.ConditionsTitle)
	}
	for _, c := range s.Conditions {
		d.Subheading(c.Title)
		d.Paragraph(c.Text, paper.Small)
	}
	return d, nil
}

// verification puts the QR code beside the words.
func (r *Renderer) verification(d *paper.Document, v Verification) error {
	d.Keep(qrSide + 14)
	d.Heading(v.Title)
	top := d.Y()
	if err := d.QR(paper.Width-sideMargin-qrSide, top, qrSide, v.URL); err != nil {
		return err
	}
	d.Narrow(qrSide+4, func() {
		d.Paragraph(v.Text, paper.Plain)
		d.Paragraph(v.Label+": "+v.Code, paper.Bold)
	})
	if low := top + qrSide + 1; d.Y() < low {
		d.Below(low)
	}
	return nil
}

func (r *Renderer) foot(rc Receipt, l lang.Language) string {
	return r.texts.Text(l, "receipt.foot", "code", onetime.Grouped(rc.Code), "address", bare(r.issuer+VerifyPath))
}
