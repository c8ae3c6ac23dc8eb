package receipt_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clave/census/receipt"
	"clave/census/receipt/receipttest"
	"clave/identity"
	"clave/internal/paper/papertest"
	"clave/web/lang"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden texts")

func renderer(t testing.TB) *receipt.Renderer {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	return receipt.NewRenderer(texts, "https://clave.example", receipt.About{
		Name: "Cl@ve", Responsible: "Ayuntamiento de Ejemplo", Zone: zone,
	})
}

// printed is a receipt with codes that do not change.
func printed(t testing.TB, fact receipt.Fact, l lang.Language) receipt.Receipt {
	r := receipttest.Sample(t)
	r.ID, r.Code, r.Fact, r.Language = "receipt", "ABCDEFGHJKLMNPQR", fact, string(l)
	switch fact {
	case receipt.Withdrawn, receipt.Revoked, receipt.Lifted:
		r.Phone, r.Email, r.Level = identity.Phone{}, identity.Email{}, identity.NoRegistration
	case receipt.Registered, receipt.Raised, receipt.Changed, receipt.Regenerated:
	}
	if fact == receipt.Revoked {
		r.Channel, r.Office, r.Conditions = identity.ByOffice, "Oficina de la Plaza Mayor", ""
	}
	return r
}

const activation = "STUVWXYZ2345"

// asText writes a sheet as its golden text.
func asText(s receipt.Sheet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[%s]\n%s\n\n%s\n\n", s.Language, s.Title, s.Lead)
	for _, line := range s.Facts {
		fmt.Fprintf(&b, "%s: %s\n", line.Label, line.Value)
	}
	fmt.Fprintf(&b, "\n%s\n", s.Next)
	if a := s.Activation; a != nil {
		fmt.Fprintf(&b, "\n%s: %s\n%s\n\n%s\n", a.Label, a.Code, a.Note, a.Title)
		for i, step := range a.Steps {
			fmt.Fprintf(&b, "%d. %s\n", i+1, step)
		}
	}
	if s.Later != "" {
		fmt.Fprintf(&b, "\n%s\n", s.Later)
	}
	v := s.Verification
	fmt.Fprintf(&b, "\n%s\n%s\n%s: %s\n%s\n", v.Title, v.Text, v.Label, v.Code, v.URL)
	if len(s.Conditions) > 0 {
		fmt.Fprintf(&b, "\n%s\n", s.ConditionsTitle)
	}
	for _, c := range s.Conditions {
		fmt.Fprintf(&b, "\n%s\n%s\n", c.Title, c.Text)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s changed; review it and run with -update:\n%s", file, diff)
	}
}

func TestWhatReceiptsSay(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, l := range lang.All() {
		golden(t, "registered_"+string(l), asText(r.Page(printed(t, receipt.Registered, l), activation)))
	}
	golden(t, "registered_later_copy", asText(r.Page(printed(t, receipt.Registered, lang.English), "")))
	for _, fact := range receipt.Facts()[1:] {
		code := ""
		if fact == receipt.Regenerated {
			code = activation
		}
		golden(t, string(fact), asText(r.Page(printed(t, fact, lang.Spanish), code)))
	}
}

func TestTheActivationCodeIsGroupedOnce(t *testing.T) {
	t.Parallel()
	r, rc := renderer(t), printed(t, receipt.Registered, lang.Spanish)
	for _, code := range []string{activation, "STUV-WXYZ-2345"} {
		if got := r.Page(rc, code).Activation.Code; got != "STUV-WXYZ-2345" {
			t.Errorf("got %q", got)
		}
	}
}

func TestAReceiptInAnUnknownLanguageIsInSpanish(t *testing.T) {
	t.Parallel()
	if got := renderer(t).Page(printed(t, receipt.Changed, "xx"), "").Language; got != lang.Spanish {
		t.Errorf("got %s", got)
	}
}

func TestTheFileIsValidAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, l := range lang.All() {
		for _, fact := range receipt.Facts() {
			if l != lang.Basque && fact != receipt.Registered {
				continue // the longest words, and every language once
			}
			rc := printed(t, fact, l)
			pdf, err := r.PDF(rc, "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := papertest.Pages(pdf); err != nil {
				t.Errorf("%s in %s: %v", fact, l, err)
			}
			again, err := r.PDF(rc, "")
			if err != nil || !bytes.Equal(pdf, again) {
				t.Errorf("%s in %s: a second copy is another file, %v", fact, l, err)
			}
			first, err := r.PDF(rc, activation)
			if err != nil || fact == receipt.Registered && receipt.DigestOf(first) == receipt.DigestOf(pdf) {
				t.Errorf("%s in %s: the copy with the activation code is the same file, %v", fact, l, err)
			}
			if pages, err := papertest.Pages(first); err != nil || pages > 2 {
				t.Errorf("%s in %s: %d pages, %v; a sheet has two", fact, l, pages, err)
			}
		}
	}
}

func TestTheMaskedReceiptNamesNobody(t *testing.T) {
	t.Parallel()
	title, facts := renderer(t).Masked(printed(t, receipt.Registered, lang.Spanish), lang.English)
	said := fmt.Sprint(title, facts)
	for _, secret := range []string{"12345678Z", "MARÍA", "EJEMPLO", "600000001", "maria@", "correo"} {
		if strings.Contains(said, secret) {
			t.Errorf("it says %s", secret)
		}
	}
	for _, want := range []string{"Receipt of registration", "M. E. D. L. P.", "•••••678Z", "m•••@c•••.example", "21 November 2026, at 10:30", "Advanced"} {
		if !strings.Contains(said, want) {
			t.Errorf("it lacks %q in %s", want, said)
		}
	}
}

func TestReceiptsPrintMasked(t *testing.T) {
	t.Parallel()
	r := printed(t, receipt.Registered, lang.Spanish)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, r); got != "receipt receipt registered" {
			t.Errorf("%s shows %s", verb, got)
		}
	}
}

func TestEveryVersionOfTheConditionsIsThereInEveryLanguage(t *testing.T) {
	t.Parallel()
	versions, err := os.ReadDir("conditions")
	if err != nil {
		t.Fatal(err)
	}
	current := false
	for _, version := range versions {
		current = current || version.Name() == receipt.CurrentConditions
		want := 0
		for _, l := range lang.All() {
			all, err := receipt.Conditions(version.Name(), l)
			if err != nil {
				t.Error(err)
			}
			if want == 0 {
				want = len(all)
			}
			if len(all) != want || want == 0 {
				t.Errorf("version %s in %s has %d conditions, want %d", version.Name(), l, len(all), want)
			}
		}
	}
	if !current {
		t.Errorf("there is no version %s", receipt.CurrentConditions)
	}
	for _, bad := range []string{"", "1999-01", "../2026-11", "2026-11/es.txt\x00"} {
		if _, err := receipt.Conditions(bad, lang.Spanish); err == nil {
			t.Errorf("there are conditions of version %q", bad)
		}
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	for _, fact := range receipt.Facts() {
		if got, err := receipt.ParseFact(string(fact)); err != nil || got != fact {
			t.Errorf("got %s, %v", got, err)
		}
	}
	if _, err := receipt.ParseFact("married"); err == nil {
		t.Error("an unknown fact is read")
	}
}

func BenchmarkPDF(b *testing.B) {
	r, rc := renderer(b), printed(b, receipt.Registered, lang.Spanish)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.PDF(rc, activation); err != nil {
			b.Fatal(err)
		}
	}
}
