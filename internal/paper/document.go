package paper

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Width and Height of the sheet, in millimetres. Source: ISO 216.
const (
	Width  = 210.0
	Height = 297.0
)

// About is what the file says of itself.
type About struct {
	Title  string
	Author string
	// Language is a BCP 47 tag, for screen readers.
	Language string
	// Made is the document's date. It is not that of rendering: the same document gives
	// the same bytes.
	Made time.Time
}

// Margins of the text, in millimetres.
type Margins struct{ Left, Top, Right, Bottom float64 }

// Document is a document in the making. Not for concurrent use.
type Document struct {
	pdf     *fpdf.Fpdf
	letters *letters
	text    strings.Builder
	foot    func(d *Document, page, pages int)
}

// fonts by what they are for.
const (
	family     = "text"
	codeFamily = "code"
	regular    = ""
	bold       = "B"
)

// accent is the colour of titles and lines: that of the pages, in light mode.
func accent() (r, g, b int) { return 13, 82, 102 }

// New begins a document without pages. foot, if not nil, is called for each page in the
// end, with its number from 1 and how many there are, to draw what stands below the text.
func New(about About, m Margins, foot func(d *Document, page, pages int)) (*Document, error) {
	letters, err := newLetters()
	if err != nil {
		return nil, err
	}
	pdf := fpdf.New("P", "mm", "A4", "")
	d := &Document{pdf: pdf, letters: letters, foot: foot}
	pdf.SetMargins(m.Left, m.Top, m.Right)
	pdf.SetAutoPageBreak(true, m.Bottom)
	pdf.SetCellMargin(0)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(about.Made.UTC())
	pdf.SetModificationDate(about.Made.UTC())
	pdf.SetProducer("Cl@ve", true)
	pdf.SetTitle(about.Title, true)
	pdf.SetAuthor(about.Author, true)
	pdf.SetLang(about.Language)
	// Each document has its own copies: while cutting a font down, fpdf appends to
	// slices of its bytes and so writes into them.
	pdf.AddUTF8FontFromBytes(family, regular, bytes.Clone(goregular.TTF))
	pdf.AddUTF8FontFromBytes(family, bold, bytes.Clone(gobold.TTF))
	pdf.AddUTF8FontFromBytes(codeFamily, bold, bytes.Clone(gomonobold.TTF))
	return d, nil
}

// Page begins a new page.
func (d *Document) Page() {
	d.pdf.AddPage()
	d.ink()
}

// Bytes ends the document and gives the file.
func (d *Document) Bytes() ([]byte, error) {
	pages := d.pdf.PageCount()
	for page := 1; d.foot != nil && page <= pages; page++ {
		d.pdf.SetPage(page)
		d.pdf.SetFont(codeFamily, bold, 1) // so that the next one is written into this page
		d.foot(d, page, pages)
	}
	var b bytes.Buffer
	if err := d.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("laying out a document: %w", err)
	}
	return b.Bytes(), nil
}

// Text gives the words so far, in the order of reading.
func (d *Document) Text() string { return d.text.String() }

func (d *Document) ink() { d.pdf.SetTextColor(28, 36, 39) }

func (d *Document) muted() { d.pdf.SetTextColor(76, 90, 96) }

func (d *Document) coloured() { d.pdf.SetTextColor(accent()) }

// say notes words for Text.
func (d *Document) say(words string) {
	d.text.WriteString(words)
	d.text.WriteByte('\n')
}
