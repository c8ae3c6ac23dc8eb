package letter_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clave/internal/paper/papertest"
	"clave/notify/letter"
	"clave/notify/letter/lettertest"
	"clave/web/lang"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden texts")

func renderer(t testing.TB, w letter.Window) *letter.Renderer {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	return letter.NewRenderer(texts, letter.Settings{
		Name: "Cl@ve", Sender: []string{"Ayuntamiento de Ejemplo", "Registro Cl@ve", "Plaza Mayor, 1", "28001 Madrid"},
		Redeem: "https://clave.example/register/letter", Telephone: "060", Zone: time.UTC, Window: w,
	})
}

const secret = "ABCDEFGHJKLMNPQR"

func sample(l lang.Language) letter.Letter {
	s := lettertest.Sample("12345678901237", secret)
	s.Language = string(l)
	return s
}

func TestWhatLettersSay(t *testing.T) {
	t.Parallel()
	r := renderer(t, letter.Right)
	for _, l := range lang.All() {
		printed, err := r.Render(sample(l))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "invitation_"+string(l)+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(printed.Text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), printed.Text); diff != "" {
			t.Errorf("%s changed; review it and run with -update:\n%s", file, diff)
		}
		if got := strings.Count(printed.Text, "ABCD-EFGH-JKLM-NPQR"); got != 1 {
			t.Errorf("in %s the code stands %d times, want once", l, got)
		}
		if !strings.Contains(printed.Text, "Cómo registrarse") {
			t.Errorf("in %s the letter does not speak Spanish", l)
		}
	}
}

func TestALetterIsValidAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	for _, window := range []letter.Window{letter.Right, letter.Left} {
		r := renderer(t, window)
		for _, l := range lang.All() {
			printed, err := r.Render(sample(l))
			if err != nil {
				t.Fatal(err)
			}
			want := 2
			if l == lang.Spanish {
				want = 1
			}
			if pages, err := papertest.Pages(printed.PDF); err != nil || pages != want {
				t.Errorf("%s, %s: %d pages, %v; want %d", window, l, pages, err, want)
			}
			if again, err := r.Render(sample(l)); err != nil || !bytes.Equal(again.PDF, printed.PDF) {
				t.Errorf("%s, %s: another file for the same letter, %v", window, l, err)
			}
		}
	}
}

// Reference data come from outside: no name and no address may stop a batch.
func TestStrangeRecipientsAreRendered(t *testing.T) {
	t.Parallel()
	r := renderer(t, letter.Right)
	for _, to := range []letter.Recipient{
		{},
		{Name: strings.Repeat("LARGUÍSIMO ", 30), Street: strings.Repeat("AVENIDA DE LA CONSTITUCIÓN ", 30), City: strings.Repeat("X", 300)},
		{Name: "李小龙", Street: "a\nb\r\n\tc", City: "\u202e", Country: "ZZ"},
		{Name: "O'BRIEN", Street: "1 MAIN STREET", PostalCode: "D01 F5P2", City: "DUBLIN", Country: "IE"},
	} {
		l := sample(lang.English)
		l.To, l.Language = to, "xx"
		printed, err := r.Render(l)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := papertest.Pages(printed.PDF); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	r := renderer(b, letter.Right)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Render(sample(lang.Catalan)); err != nil {
			b.Fatal(err)
		}
	}
}
