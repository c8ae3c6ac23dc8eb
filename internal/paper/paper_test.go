package paper_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/internal/paper"
	"clave/internal/paper/papertest"
)

// sample uses everything that a document can have.
func sample(t testing.TB, name string) (*paper.Document, []byte) {
	t.Helper()
	d, err := paper.New(paper.About{
		Title: "Justificante", Author: "Ayuntamiento de Ejemplo", Language: "es", Made: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC),
	}, paper.Margins{Left: 22, Top: 20, Right: 22, Bottom: 25}, func(d *paper.Document, page, pages int) {
		d.Note(22, 280, 100, fmt.Sprintf("page %d of %d", page, pages), 8)
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Page()
	d.Mark(22, 10, "Cl@ve")
	d.Fold(99)
	d.Rule(22, 188, 18)
	d.Below(25)
	d.Title("Justificante de registro")
	d.Paragraph("Párrafo.", paper.Plain)
	d.Facts([]paper.Fact{{Label: "Nombre", Value: name}, {Label: "Dirección", Value: strings.Repeat("una calle muy larga ", 20)}})
	d.Code("Código", "ABCD-EFGH-JKLM", "No lo dé a nadie.")
	d.Heading("Pasos")
	d.Steps([]string{"Uno.", strings.Repeat("Dos, y muy largo. ", 30)})
	for range 12 {
		d.Subheading("Condición")
		d.Paragraph(strings.Repeat("Texto de la condición. ", 30), paper.Small)
	}
	d.Put(112, 56, 76, strings.Repeat("ancho ", 30), paper.Plain, 11)
	if err := d.QR(150, 240, 30, "https://clave.example/verify"); err != nil {
		t.Fatal(err)
	}
	pdf, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return d, pdf
}

func TestADocumentIsValid(t *testing.T) {
	t.Parallel()
	d, pdf := sample(t, "MARÍA L·LULL ÑANDÚ İŞIK Żółć")
	if pages, err := papertest.Pages(pdf); err != nil || pages < 2 {
		t.Errorf("got %d pages, %v; want the text to flow over", pages, err)
	}
	if size := len(pdf); size > 120<<10 {
		t.Errorf("the file has %d bytes: are the fonts embedded whole?", size)
	}
	for _, want := range []string{"Justificante de registro", "Nombre: MARÍA L·LULL ÑANDÚ İŞIK Żółć", "Código: ABCD-EFGH-JKLM", "1. Uno."} {
		if !strings.Contains(d.Text(), want) {
			t.Errorf("the text lacks %q", want)
		}
	}
}

func TestTheSameDocumentIsTheSameFile(t *testing.T) {
	t.Parallel()
	_, want := sample(t, "MARÍA")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, got := sample(t, "MARÍA"); !bytes.Equal(got, want) {
				t.Error("another file")
			}
		})
	}
	group.Wait()
	if _, got := sample(t, "MARIA"); bytes.Equal(got, want) {
		t.Error("another name makes no difference")
	}
}

// Names come from outside: no spelling may keep a document from being made.
func TestStrangeCharactersDoNoHarm(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"ȘTEFAN ȚEPEȘ", "NGUYỄN VĂN", "李小龙", "محمد", "\u202eABC\u202c", "😀", "a\x00b\tc\r\nd", "\xff\xfe", strings.Repeat("A", 500), "",
	} {
		_, pdf := sample(t, name)
		if _, err := papertest.Pages(pdf); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sample(b, "MARÍA")
	}
}
