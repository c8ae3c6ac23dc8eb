package paper

import "strconv"

// What flows from top to bottom. Sizes are in points, heights in millimetres.

const (
	titleSize   = 17.0
	headingSize = 11.5
	textSize    = 10.0
	smallSize   = 8.5
	// lineHeight is that of a text of a size, in millimetres per point: 1.35 times it.
	lineHeight = 0.3528 * 1.35
)

// Style is how a paragraph is set.
type Style int

// The styles.
const (
	Plain Style = iota
	Bold
	Small // for conditions and notes
)

func (s Style) font() (style string, size float64) {
	switch s {
	case Bold:
		return bold, textSize
	case Small:
		return regular, smallSize
	case Plain:
	}
	return regular, textSize
}

// Title writes the document's title.
func (d *Document) Title(words string) {
	d.coloured()
	d.block(words, bold, titleSize)
	d.ink()
	d.pdf.Ln(2)
}

// Heading writes a heading and keeps it with the lines that follow.
func (d *Document) Heading(words string) {
	d.need(3 * textSize * lineHeight)
	d.pdf.Ln(2.5)
	d.coloured()
	d.block(words, bold, headingSize)
	d.ink()
	d.pdf.Ln(0.8)
}

// Subheading is a small heading, as between conditions.
func (d *Document) Subheading(words string) {
	d.need(3 * smallSize * lineHeight)
	d.pdf.Ln(1)
	d.block(words, bold, smallSize)
}

// Paragraph writes a paragraph.
func (d *Document) Paragraph(words string, s Style) {
	style, size := s.font()
	d.block(words, style, size)
	d.pdf.Ln(size * lineHeight * 0.35)
}

// Steps writes a numbered list.
func (d *Document) Steps(steps []string) {
	left, _, _, _ := d.pdf.GetMargins()
	for i, step := range steps {
		d.need(textSize * lineHeight)
		number := strconv.Itoa(i+1) + "."
		d.pdf.SetFont(family, bold, textSize)
		d.pdf.CellFormat(6, textSize*lineHeight, number, "", 0, "L", false, 0, "")
		d.pdf.SetLeftMargin(left + 6)
		d.text.WriteString(number + " ")
		d.block(step, regular, textSize)
		d.pdf.SetLeftMargin(left)
		d.pdf.SetX(left)
		d.pdf.Ln(1)
	}
}

// Fact is a line with a label.
type Fact struct{ Label, Value string }

// Facts writes lines with labels, in two columns.
func (d *Document) Facts(facts []Fact) {
	left, _, right, _ := d.pdf.GetMargins()
	const column, gap = 52.0, 3.0
	height := textSize * lineHeight
	for _, f := range facts {
		label, value := d.letters.fold(f.Label), d.letters.fold(f.Value)
		d.say(f.Label + ": " + f.Value)
		d.pdf.SetFont(family, regular, textSize)
		labels := d.pdf.SplitText(label, column)
		d.pdf.SetFont(family, bold, textSize)
		values := d.pdf.SplitText(value, Width-left-right-column-gap)
		lines := max(len(labels), len(values))
		d.need(float64(lines)*height + 2)
		top := d.pdf.GetY() + 1
		for i := range lines {
			y := top + float64(i)*height
			if i < len(labels) {
				d.muted()
				d.line(left, y, labels[i], regular, textSize)
				d.ink()
			}
			if i < len(values) {
				d.line(left+column+gap, y, values[i], bold, textSize)
			}
		}
		bottom := top + float64(lines)*height + 1
		d.pdf.SetDrawColor(213, 220, 223)
		d.pdf.SetLineWidth(0.15)
		d.pdf.Line(left, bottom, Width-right, bottom)
		d.pdf.SetXY(left, bottom)
	}
	d.pdf.Ln(2)
}

// Code writes a code in large type in a box, with what it is above and a note below.
func (d *Document) Code(label, code, note string) {
	left, _, right, _ := d.pdf.GetMargins()
	width := Width - left - right
	const size, pad = 21.0, 4.0
	d.pdf.SetFont(family, regular, smallSize)
	notes := d.pdf.SplitText(d.letters.fold(note), width-2*pad)
	height := 2*pad + headingSize*lineHeight + 1 + size*lineHeight + 1 + float64(len(notes))*smallSize*lineHeight
	d.need(height + 4)
	top := d.pdf.GetY() + 1
	d.pdf.SetFillColor(230, 240, 243)
	d.pdf.SetDrawColor(accent())
	d.pdf.SetLineWidth(0.4)
	d.pdf.RoundedRect(left, top, width, height, 2, "1234", "FD")
	y := top + pad
	d.line(left+pad, y, d.letters.fold(label), bold, headingSize)
	y += headingSize*lineHeight + 1
	d.pdf.SetFont(codeFamily, bold, size)
	d.pdf.SetXY(left+pad, y)
	d.pdf.CellFormat(width-2*pad, size*lineHeight, code, "", 0, "L", false, 0, "")
	y += size*lineHeight + 1
	for i, line := range notes {
		d.line(left+pad, y+float64(i)*smallSize*lineHeight, line, regular, smallSize)
	}
	d.pdf.SetXY(left, top+height+3)
	d.say(label + ": " + code)
	if note != "" {
		d.say(note)
	}
}

// Keep begins a new page unless there is room for a height: what follows stays together.
func (d *Document) Keep(height float64) { d.need(height) }

// Narrow makes the right margin wider by so much for what write writes.
func (d *Document) Narrow(by float64, write func()) {
	_, _, right, _ := d.pdf.GetMargins()
	d.pdf.SetRightMargin(right + by)
	write()
	d.pdf.SetRightMargin(right)
}

// block writes a text over the width between the margins.
func (d *Document) block(words, style string, size float64) {
	d.say(words)
	d.pdf.SetFont(family, style, size)
	d.pdf.MultiCell(0, size*lineHeight, d.letters.fold(words), "", "L", false)
}

// line writes one line at a place.
func (d *Document) line(x, y float64, words, style string, size float64) {
	d.pdf.SetFont(family, style, size)
	d.pdf.SetXY(x, y)
	d.pdf.CellFormat(0, size*lineHeight, words, "", 0, "L", false, 0, "")
}

// need begins a new page unless that height is left.
func (d *Document) need(height float64) {
	_, _, _, bottom := d.pdf.GetMargins()
	if d.pdf.GetY()+height > Height-bottom {
		d.pdf.AddPage()
		d.ink()
	}
}
