package identity_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"clave/identity"

	"pgregory.net/rapid"
)

// vectors reads a CSV of testdata without its header.
func vectors(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func TestDocumentVectors(t *testing.T) {
	t.Parallel()
	for _, row := range vectors(t, "documents.csv") {
		value, kind, verdict, note := row[0], row[1], row[2], row[3]
		t.Run(fmt.Sprintf("%s %q", kind, value), func(t *testing.T) {
			t.Parallel()
			got, err := identity.ParseDocument(value)
			switch {
			case kind == "normalise":
				if err != nil || got.Reveal() != verdict {
					t.Errorf("got %q, %v, want %q", got.Reveal(), err, verdict)
				}
			case kind == "entity":
				if err == nil {
					t.Error("an organisation logs in as a citizen")
				}
				nif, err := identity.ParseOrganisationNIF(value)
				if (err == nil) != (verdict == "valid") {
					t.Errorf("got %q, %v, want %s", nif, err, verdict)
				}
			case kind == "nif_klm":
				if !errors.Is(err, identity.ErrDocumentFormat) {
					t.Errorf("got %v: only a DNI or NIE logs in", err)
				}
			case verdict == "valid":
				if err != nil || got.Reveal() != value || got.Foreigner() != (kind == "nie") {
					t.Errorf("got %q, foreigner %v, %v", got.Reveal(), got.Foreigner(), err)
				}
			default:
				if err == nil {
					t.Errorf("got %q, want it refused: %s", got.Reveal(), note)
				}
			}
		})
	}
}

func TestParseDocumentTellsWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, typed string
		want        error
	}{
		{"a wrong letter is told", "12345678A", identity.ErrControlLetter},
		{"a wrong letter is told after padding", "1234567Z", identity.ErrControlLetter},
		{"a letter that no number has is told", "12345678I", identity.ErrControlLetter},
		{"a wrong letter of a NIE is told", "X1234567Z", identity.ErrControlLetter},
		{"no letter is another shape", "123456789", identity.ErrDocumentFormat},
		{"nothing is another shape", "", identity.ErrDocumentFormat},
		{"separators alone are another shape", " .-", identity.ErrDocumentFormat},
		{"a letter alone is another shape", "T", identity.ErrDocumentFormat},
		{"a NIE without digits is another shape", "XT", identity.ErrDocumentFormat},
		{"nine digits are another shape", "123456789Z", identity.ErrDocumentFormat},
		{"a NIE with eight digits is another shape", "X12345678L", identity.ErrDocumentFormat},
		{"an unknown prefix is another shape", "W1234567L", identity.ErrDocumentFormat},
		{"letters among the digits are another shape", "1234A678Z", identity.ErrDocumentFormat},
		{"Arabic digits are another shape", "٠٠٠٠٠٠٠٠T", identity.ErrDocumentFormat},
		{"fullwidth digits are another shape", "００００００００T", identity.ErrDocumentFormat},
		{"a Cyrillic letter is another shape", "00000000Т", identity.ErrDocumentFormat},
		{"an accent is another shape", "12345678Ñ", identity.ErrDocumentFormat},
		{"a null byte is another shape", "12345678Z\x00", identity.ErrDocumentFormat},
		{"broken UTF-8 is another shape", "12345678Z\xff", identity.ErrDocumentFormat},
		{"a page of spaces is not read", strings.Repeat(" ", 1<<20) + "12345678Z", identity.ErrDocumentFormat},
		{"a non-breaking space and dash are separators", "12345678\u00a0–Z", nil},
		{"leading zeros of a NIE may be left out", "x1r", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := identity.ParseDocument(test.typed)
			if !errors.Is(err, test.want) || (err != nil) != got.IsZero() {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

// drawDocument makes a valid canonical number.
func drawDocument(t *rapid.T) string {
	const letters = "TRWAGMYFPDXBNJZSQVHLCKE"
	if prefix := rapid.IntRange(0, 3).Draw(t, "prefix"); prefix < 3 {
		n := rapid.IntRange(0, 9_999_999).Draw(t, "number")
		return fmt.Sprintf("%c%07d%c", "XYZ"[prefix], n, letters[(prefix*10_000_000+n)%23])
	}
	n := rapid.IntRange(0, 99_999_999).Draw(t, "number")
	return fmt.Sprintf("%08d%c", n, letters[n%23])
}

func TestTypedSpellingsAreOneDocument(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		canonical := drawDocument(t)
		want, err := identity.ParseDocument(canonical)
		if err != nil || want.Reveal() != canonical {
			t.Fatalf("%q: got %q, %v", canonical, want.Reveal(), err)
		}
		typed := canonical
		if rapid.Bool().Draw(t, "drop zeros") && typed[0] <= '9' {
			if short := strings.TrimLeft(typed, "0"); len(short) > 1 {
				typed = short
			}
		}
		var spelt strings.Builder
		for _, c := range typed {
			spelt.WriteString(rapid.SampledFrom([]string{"", "", " ", ".", "-", "\u00a0", "–"}).Draw(t, "separator"))
			if rapid.Bool().Draw(t, "lower") {
				spelt.WriteString(strings.ToLower(string(c)))
			} else {
				spelt.WriteRune(c)
			}
		}
		got, err := identity.ParseDocument(spelt.String())
		if len(spelt.String()) <= 64 && (err != nil || got != want) {
			t.Fatalf("%q: got %q, %v, want %q", spelt.String(), got.Reveal(), err, canonical)
		}
	})
}

func TestEveryOtherLetterAndEverySingleDigitSlipIsRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		canonical := []byte(drawDocument(t))
		at := rapid.IntRange(1, 8).Draw(t, "at")
		alphabet := "0123456789"
		if at == 8 {
			alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		}
		other := alphabet[rapid.IntRange(0, len(alphabet)-1).Draw(t, "other")]
		if other == canonical[at] {
			return
		}
		canonical[at] = other
		if _, err := identity.ParseDocument(string(canonical)); !errors.Is(err, identity.ErrControlLetter) {
			t.Fatalf("%s: got %v, want ErrControlLetter", canonical, err)
		}
	})
}

func TestDocumentPrintsMasked(t *testing.T) {
	t.Parallel()
	doc, err := identity.ParseDocument("12345678Z")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(map[string]any{"d": doc})
	if err != nil {
		t.Fatal(err)
	}
	hidden := struct{ inner identity.DocumentID }{doc}
	for _, got := range []string{
		doc.String(), fmt.Sprint(doc), fmt.Sprintf("%s %q %v %+v %#v %d %x", doc, doc, doc, doc, doc, doc, doc),
		fmt.Sprintf("%v %+v %#v", hidden, hidden, hidden), doc.LogValue().String(), string(encoded),
	} {
		if strings.Contains(got, "12345") || strings.Contains(strings.ToLower(got), "3132333435") {
			t.Errorf("the number is in %s", got)
		}
	}
	if got, want := doc.String(), "•••••678Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := (identity.DocumentID{}).String(); got != "" {
		t.Errorf("no document prints %q", got)
	}
}

func TestOrganisationNIFTellsWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, typed, nif string
		want             error
	}{
		{"a company", "a-58818501", "A58818501", nil},
		{"a town hall", "P2807900B", "P2807900B", nil},
		{"a wrong control digit is told", "A58818502", "", identity.ErrControlLetter},
		{"a wrong control letter is told", "P2807900C", "", identity.ErrControlLetter},
		{"a town hall with a digit has another shape", "P28079002", "", identity.ErrOrganisationFormat},
		{"a company with a letter has another shape", "A5881850A", "", identity.ErrOrganisationFormat},
		{"a citizen is no organisation", "12345678Z", "", identity.ErrOrganisationFormat},
		{"a NIE is no organisation", "X1234567L", "", identity.ErrOrganisationFormat},
		{"nothing is no organisation", "", "", identity.ErrOrganisationFormat},
		{"eight characters are no organisation", "A5881850", "", identity.ErrOrganisationFormat},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := identity.ParseOrganisationNIF(test.typed)
			if string(got) != test.nif || !errors.Is(err, test.want) {
				t.Errorf("got %q, %v, want %q, %v", got, err, test.nif, test.want)
			}
		})
	}
}

func FuzzParseDocument(f *testing.F) {
	for _, s := range []string{"12345678Z", " x-1234567-l", "1T", "٠٠٠٠٠٠٠٠T", "\xff", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		doc, err := identity.ParseDocument(typed)
		if err != nil {
			return
		}
		again, err := identity.ParseDocument(doc.Reveal())
		if err != nil || again != doc || len(doc.Reveal()) != 9 {
			t.Errorf("%q became %q, which is not canonical: %v", typed, doc.Reveal(), err)
		}
	})
}

func FuzzParseOrganisationNIF(f *testing.F) {
	f.Add("A58818501")
	f.Add("p-2807900-b")
	f.Fuzz(func(t *testing.T, typed string) {
		nif, err := identity.ParseOrganisationNIF(typed)
		if err != nil {
			return
		}
		if again, err := identity.ParseOrganisationNIF(string(nif)); err != nil || again != nif {
			t.Errorf("%q became %q, which is not canonical: %v", typed, nif, err)
		}
	})
}
