package paper

import (
	"fmt"

	"rsc.io/qr"
)

// What stands at a place of its own. Places are millimetres from the sheet's upper left
// corner.

// Put writes a line whose upper left corner is there, in points, in bold or not, made
// smaller if need be to fit into a width. It does not end a page.
func (d *Document) Put(x, y, width float64, words string, s Style, size float64) {
	style, _ := s.font()
	words = d.letters.fold(words)
	d.say(words)
	d.pdf.SetFont(family, style, size)
	if wide := d.pdf.GetStringWidth(words); wide > width {
		size *= width / wide
	}
	d.at(func() { d.line(x, y, words, style, size) })
}

// Note is Put in the muted colour, for what is read last. It is not part of Text.
func (d *Document) Note(x, y, width float64, words string, size float64) {
	words = d.letters.fold(words)
	d.pdf.SetFont(family, regular, size)
	if wide := d.pdf.GetStringWidth(words); wide > width {
		size *= width / wide
	}
	d.muted()
	d.at(func() { d.line(x, y, words, regular, size) })
	d.ink()
}

// NoteRight is Note with its right end at x.
func (d *Document) NoteRight(x, y float64, words string, size float64) {
	words = d.letters.fold(words)
	d.pdf.SetFont(family, regular, size)
	d.Note(x-d.pdf.GetStringWidth(words), y, x, words, size)
}

// Below writes on from a height.
func (d *Document) Below(y float64) {
	left, _, _, _ := d.pdf.GetMargins()
	d.pdf.SetXY(left, y)
}

// Y is how far down the flowing text is.
func (d *Document) Y() float64 { return d.pdf.GetY() }

// Rule draws a thin line across.
func (d *Document) Rule(x1, x2, y float64) {
	d.pdf.SetDrawColor(accent())
	d.pdf.SetLineWidth(0.3)
	d.pdf.Line(x1, y, x2, y)
}

// Fold draws a short mark at the left edge, where the sheet is folded.
func (d *Document) Fold(y float64) {
	d.pdf.SetDrawColor(107, 122, 129)
	d.pdf.SetLineWidth(0.2)
	d.pdf.Line(4, y, 8, y)
}

// Mark writes the name in which a document is issued, as its letterhead.
func (d *Document) Mark(x, y float64, name string) {
	d.coloured()
	d.at(func() { d.line(x, y, d.letters.fold(name), bold, titleSize) })
	d.ink()
}

// quiet is the empty border around a QR code, in modules. Source: ISO/IEC 18004, section 6.3.8.
const quiet = 4

// QR draws a QR code with its quiet zone into a square.
func (d *Document) QR(x, y, side float64, text string) error {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return fmt.Errorf("drawing a QR code: %w", err)
	}
	module := side / float64(code.Size+2*quiet)
	d.pdf.SetFillColor(0, 0, 0)
	for row := range code.Size {
		for column := 0; column < code.Size; column++ {
			first := column
			for column < code.Size && code.Black(column, row) {
				column++
			}
			if column > first { // a run is one rectangle: no hairlines between modules
				d.pdf.Rect(x+float64(first+quiet)*module, y+float64(row+quiet)*module, float64(column-first)*module, module, "F")
			}
		}
	}
	return nil
}

// at draws something without moving the flow and without ending the page.
func (d *Document) at(draw func()) {
	x, y := d.pdf.GetXY()
	auto, margin := d.pdf.GetAutoPageBreak()
	d.pdf.SetAutoPageBreak(false, 0)
	draw()
	d.pdf.SetAutoPageBreak(auto, margin)
	d.pdf.SetXY(x, y)
}
