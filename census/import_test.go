package census

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"clave/identity"

	"github.com/google/go-cmp/cmp"
)

// shelf is a Store in memory: the index is the document itself and nothing is
// sealed.
type shelf struct {
	held map[string]Row
	// each is called for every row that comes in.
	each func()
}

func (s *shelf) Seal(r *Reference) Row {
	return Row{Document: []byte(r.Document.Reveal()), Previous: []byte(r.PreviousDocument.Reveal()), Sealed: AppendReference(nil, r), Deceased: r.Deceased()}
}

func (s *shelf) Replace(_ context.Context, _ time.Time, next func() (*Row, error)) (Replaced, error) {
	staged := map[string]Row{}
	for {
		row, err := next()
		if err != nil {
			return Replaced{}, err
		}
		if row == nil {
			break
		}
		if s.each != nil {
			s.each()
			continue
		}
		if before, again := staged[string(row.Document)]; !again || before.Line < row.Line {
			staged[string(row.Document)] = *row
		}
	}
	result := Replaced{Documents: int64(len(staged))}
	for document, row := range staged {
		if _, held := s.held[document]; held {
			result.Held++
		}
		s.held[document] = row
	}
	return result, nil
}

func newShelf() *shelf { return &shelf{held: map[string]Row{}} }

func (s *shelf) reference(t *testing.T, document string) Reference {
	t.Helper()
	r, err := ParseReference(s.held[document].Sealed)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var importDay = time.Date(2026, 5, 4, 23, 30, 0, 0, time.UTC)

// imported imports the lines below a header.
func imported(t *testing.T, s Store, lines ...string) (Result, string) {
	t.Helper()
	var rejects bytes.Buffer
	result, err := Import(context.Background(), s, strings.NewReader(Header()+"\n"+strings.Join(lines, "\n")), Options{Rejects: &rejects, Now: importDay})
	if err != nil {
		t.Fatal(err)
	}
	return result, rejects.String()
}

const (
	goodDNI  = "12345678Z,dni,María,Ejemplo,De la Prueba,1980-02-29,BAA000589,2021-10-01,2031-10-01,Calle Inventada 1,28001,Madrid,Madrid,ES,,"
	goodCard = "X1234567L,foreigner_card,ANA,SMITH,,1990-01-02,E12345678,2022-01-01,2027-01-01,1 Any Street,SW1A,London,,GB,,"
)

func TestImportReadsRows(t *testing.T) {
	t.Parallel()
	document := func(s string) identity.DocumentID {
		d, err := identity.ParseDocument(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	maria := Reference{
		Person: identity.Person{
			Document: document("12345678Z"), Kind: identity.DNI, GivenName: "María", FirstSurname: "Ejemplo",
			SecondSurname: "De la Prueba", BirthDate: identity.Date{Year: 1980, Month: 2, Day: 29},
		},
		SupportNumber: "BAA000589", IssueDate: identity.Date{Year: 2021, Month: 10, Day: 1},
		ValidityDate: identity.Date{Year: 2031, Month: 10, Day: 1},
		Address:      Address{"Calle Inventada 1", "28001", "Madrid", "Madrid", "ES"},
	}
	for _, test := range []struct {
		name, line, document string
		change               func(r *Reference)
	}{
		{"a row as it should be", goodDNI, "12345678Z", func(*Reference) {}},
		{"a carriage return ends no field", goodDNI + "\r", "12345678Z", func(*Reference) {}},
		{"a document as people type it", strings.Replace(goodDNI, "12345678Z", " 12.345.678-z ", 1), "12345678Z", func(*Reference) {}},
		{"a quoted address with a comma and quotes", strings.Replace(goodDNI, "Calle Inventada 1", `"Calle ""Inventada"", 1"`, 1), "12345678Z",
			func(r *Reference) { r.Address.Street = `Calle "Inventada", 1` }},
		{"spaces around a name", strings.Replace(goodDNI, "María", "  María ", 1), "12345678Z", func(*Reference) {}},
		{"all that may be empty is", "12345678Z,dni,María,Ejemplo,,,,,,Calle Inventada 1,28001,Madrid,Madrid,ES,,", "12345678Z",
			func(r *Reference) {
				r.SecondSurname, r.SupportNumber = "", ""
				r.BirthDate, r.IssueDate, r.ValidityDate = identity.Date{}, identity.Date{}, identity.Date{}
			}},
		{"a permanent DNI", strings.Replace(goodDNI, "2031-10-01", "9999-01-01", 1), "12345678Z",
			func(r *Reference) { r.ValidityDate = identity.Date{Year: 9999, Month: 1, Day: 1} }},
		{"somebody deceased who was a foreigner before", strings.TrimSuffix(goodDNI, ",") + "2026-05-04,X1234567L", "12345678Z",
			func(r *Reference) {
				r.DeceasedOn = identity.Date{Year: 2026, Month: 5, Day: 4}
				r.PreviousDocument = document("X1234567L")
			}},
		{"a support number of an EU certificate without C", "Y1234567X,eu_certificate,María,Ejemplo,De la Prueba,1980-02-29,1234567,2021-10-01,2031-10-01,Calle Inventada 1,28001,Madrid,Madrid,ES,,", "Y1234567X",
			func(r *Reference) {
				r.Document, r.Kind, r.SupportNumber = document("Y1234567X"), identity.EUCertificate, "C01234567"
			}},
		{"what happened tomorrow, for it is tomorrow somewhere", strings.Replace(goodDNI, "2021-10-01", "2026-05-05", 1), "12345678Z",
			func(r *Reference) { r.IssueDate = identity.Date{Year: 2026, Month: 5, Day: 5} }},
		{"an address abroad without postal code and province", strings.Replace(goodDNI, "28001,Madrid,Madrid,ES", ",Dubai,,AE", 1), "12345678Z",
			func(r *Reference) { r.Address = Address{"Calle Inventada 1", "", "Dubai", "", "AE"} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, want := newShelf(), maria
			test.change(&want)
			result, rejects := imported(t, s, test.line)
			if diff := cmp.Diff(result, Result{Imported: 1}); diff != "" || rejects != "" {
				t.Fatal(diff, rejects)
			}
			if got := s.reference(t, test.document); got != want {
				t.Errorf("got %s, want %s", reveal(got), reveal(want))
			}
		})
	}
}

// reveal prints what the types mask.
func reveal(r Reference) string {
	type address Address
	return fmt.Sprint(r.Person.Attributes(), r.Document.Reveal(), r.GivenName, r.SupportNumber, r.IssueDate, r.ValidityDate,
		address(r.Address), r.DeceasedOn, r.PreviousDocument.Reveal())
}

func TestImportRejectsRows(t *testing.T) {
	t.Parallel()
	change := func(old, now string) string {
		if !strings.Contains(goodDNI, old) {
			t.Fatalf("%q is not in the row", old)
		}
		return strings.Replace(goodDNI, old, now, 1)
	}
	for _, test := range []struct{ name, line, reason string }{
		{"no document", change("12345678Z", ""), "document: missing"},
		{"a wrong letter", change("12345678Z", "12345678A"), "document: the control letter does not belong to the number"},
		{"no document at all", change("12345678Z", "PASSPORT"), "document: not the number of a DNI or NIE"},
		{"the tax number of a minor", change("12345678Z", "K1234567L"), "document: not the number of a DNI or NIE"},
		{"no kind", change("dni", ""), "kind: missing"},
		{"an unknown kind", change("dni", "passport"), "kind: not dni, foreigner_card, residence_permit or eu_certificate"},
		{"a kind in capitals", change("dni", "DNI"), "kind: not dni, foreigner_card, residence_permit or eu_certificate"},
		{"a DNI number with a foreigner's card", strings.Replace(change("dni", "foreigner_card"), "BAA000589", "E12345678", 1), "kind: a DNI number goes with dni, a NIE with the others"},
		{"a NIE with a DNI", change("12345678Z", "X1234567L"), "kind: a DNI number goes with dni, a NIE with the others"},
		{"no given name", change("María", ""), "given_name: missing"},
		{"a given name of spaces", change("María", "   "), "given_name: missing"},
		{"no first surname", change("Ejemplo", ""), "first_surname: missing"},
		{"a tabulator in a name", change("María", "Mar\tía"), "given_name: has control characters"},
		{"an escape sequence in a name", change("De la Prueba", "\x1b[31m"), "second_surname: has control characters"},
		{"a null byte", change("Madrid", "Mad\x00rid"), "city: has control characters"},
		{"a carriage return inside a line", change("Madrid", "Mad\rrid"), "city: has control characters"},
		{"a very long name", change("María", strings.Repeat("Ñ", 101)), "given_name: too long"},
		{"a birth date as people write it", change("1980-02-29", "29/02/1980"), "birth_date: not a date as 1980-12-31"},
		{"a day that the calendar has not", change("1980-02-29", "1981-02-29"), "birth_date: not a date as 1980-12-31"},
		{"a birth in the future", change("1980-02-29", "2026-05-06"), "birth_date: in the future"},
		{"a card issued in the future", change("2021-10-01", "2026-05-06"), "issue_date: in the future"},
		{"a card that ends before it begins", change("2031-10-01", "2021-09-30"), "expiry_date: before issue_date"},
		{"a time instead of a date", change("2031-10-01", "2031-10-01T00:00:00"), "expiry_date: not a date as 1980-12-31"},
		{"a foreigner's support number on a DNI", change("BAA000589", "E12345678"), "support_number: not that of a dni"},
		{"a DNI's support number on a card", strings.Replace(goodCard, "E12345678", "BAA000589", 1), "support_number: not that of a foreigner_card"},
		{"no address", change("Calle Inventada 1", ""), "address: missing"},
		{"a very long address", change("Calle Inventada 1", strings.Repeat("x", 201)), "address: too long"},
		{"no postal code in Spain", change("28001", ""), "postal_code: missing"},
		{"four digits in Spain", change("28001", "8001"), "postal_code: not five digits"},
		{"a letter in a Spanish postal code", change("28001", "2800A"), "postal_code: not five digits"},
		{"no city", change("Madrid", ""), "city: missing"},
		{"no province in Spain", change("28001,Madrid,Madrid", "28001,Madrid,"), "province: missing"},
		{"no country", change(",ES,", ",,"), "country: missing"},
		{"a country of three letters", change(",ES,", ",ESP,"), "country: not a code of ISO 3166-1 as ES"},
		{"a country in lower case", change(",ES,", ",es,"), "country: not a code of ISO 3166-1 as ES"},
		{"a country that does not exist", change(",ES,", ",ZZ,"), "country: not a code of ISO 3166-1 as ES"},
		{"two letters that two codes make", change(",ES,", ", A,"), "country: not a code of ISO 3166-1 as ES"},
		{"a death in the future", change(",ES,,", ",ES,2026-05-06,"), "deceased_on: in the future"},
		{"a death before birth", change(",ES,,", ",ES,1979-01-01,"), "deceased_on: before birth_date"},
		{"a previous document with a wrong letter", goodDNI + "X1234567A", "previous_document: the control letter does not belong to the number"},
		{"a previous document that is the present one", goodDNI + "12345678z", "previous_document: the same as document"},
		{"several mistakes are told at once", strings.Replace(change("María", ""), ",ES,", ",XX,", 1), "given_name: missing; country: not a code of ISO 3166-1 as ES"},
		{"a field too few", strings.TrimSuffix(goodDNI, ","), "15 fields instead of 16"},
		{"a field too many", goodDNI + ",", "17 fields instead of 16"},
		{"an address with a comma and without quotes", change("Calle Inventada 1", "Calle Inventada, 1"), "17 fields instead of 16"},
		{"a line of another kind", "hello", "1 fields instead of 16"},
		{"another header further down", Header(), "document: not the number of a DNI or NIE; kind: not dni, foreigner_card, residence_permit or eu_certificate; " +
			"birth_date: not a date as 1980-12-31; issue_date: not a date as 1980-12-31; expiry_date: not a date as 1980-12-31; " +
			"country: not a code of ISO 3166-1 as ES; deceased_on: not a date as 1980-12-31; previous_document: not the number of a DNI or NIE"},
		{"Latin-1", change("María", "Mar\xeda"), "the line is not UTF-8"},
		{"a quote inside a field", change("Calle Inventada 1", `Calle "Inventada" 1`), "a quote inside a field that does not begin with one"},
		{"text behind a quoted field", change("Calle Inventada 1", `"Calle" 1`), "text behind the closing quote of a field"},
		{"a quoted field that does not end", change("Calle Inventada 1", `"Calle Inventada 1`), "a quoted field does not end on its line"},
		{"a line without end", change("Calle Inventada 1", strings.Repeat("x", maxLineBytes)), "the line is too long"},
		{"a line longer than the buffer", change("Calle Inventada 1", strings.Repeat("x", 3*blockBytes)), "the line is too long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			result, rejects := imported(t, s, goodCard, test.line, strings.Replace(goodCard, "X1234567L", "Y1234567X", 1))
			if diff := cmp.Diff(result, Result{Imported: 2, Rejected: 1}); diff != "" {
				t.Error(diff)
			}
			records, err := csv.NewReader(strings.NewReader(rejects)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if len(records) != 2 || len(records[0]) != columnCount+2 {
				t.Fatalf("got %d records of %d fields", len(records), len(records[0]))
			}
			if got, want := records[1][:2], []string{"3", test.reason}; !cmp.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestRejectsCanBePutRight(t *testing.T) {
	t.Parallel()
	_, rejects := imported(t, newShelf(), goodDNI, strings.Replace(goodDNI, "Calle Inventada 1,28001", `"Calle ""X"", 1",2800`, 1))
	records, err := csv.NewReader(strings.NewReader(rejects)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(records[0][2:], columnNames[:]) {
		t.Errorf("got %q", records[0])
	}
	records[1][2+colPostalCode] = "28001"
	var again bytes.Buffer
	w := csv.NewWriter(&again)
	for _, record := range records {
		if err := w.Write(record[2:]); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	s := newShelf()
	result, err := Import(context.Background(), s, &again, Options{Now: importDay})
	if err != nil || result.Imported != 1 || s.reference(t, "12345678Z").Address.Street != `Calle "X", 1` {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestImportCounts(t *testing.T) {
	t.Parallel()
	s := newShelf()
	if result, _ := imported(t, s, goodDNI, "", goodCard, "\r", goodDNI+" ", "bad"); countsOf(result) != (counts{2, 0, 1, 1}) {
		t.Errorf("got %+v", result)
	}
	second := strings.Replace(goodDNI, "María", "Second", 1)
	third := strings.Replace(goodDNI, "María", "Third", 1)
	if result, _ := imported(t, s, second, strings.Replace(goodCard, "X1234567L", "Y1234567X", 1), third); countsOf(result) != (counts{2, 1, 0, 1}) {
		t.Errorf("got %+v", result)
	}
	if got := s.reference(t, "12345678Z").GivenName; got != "Third" {
		t.Errorf("got %q, want the last row", got)
	}
	if result, _ := imported(t, s); countsOf(result) != (counts{}) {
		t.Errorf("got %+v", result)
	}
}

type counts struct{ imported, replaced, rejected, repeated int64 }

func countsOf(r Result) counts { return counts{r.Imported, r.Replaced, r.Rejected, r.Repeated} }

func TestImportChecksTheHeader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, want string }{
		{"an empty file", "", "the file is empty"},
		{"no header", goodDNI + "\n" + goodCard, "there is none"},
		{"semicolons", strings.ReplaceAll(Header(), ",", ";"), "separated by commas"},
		{"tabulators", strings.ReplaceAll(Header(), ",", "\t"), "separated by commas"},
		{"a missing column", strings.Replace(Header(), ",country", "", 1), "missing country"},
		{"another name", strings.Replace(Header(), "expiry_date", "validity", 1), "missing expiry_date"},
		{"another order", strings.Replace(Header(), "document,kind", "kind,document", 1), "another order"},
		{"a column more", Header() + ",phone", "17 columns instead of 16"},
		{"capitals", strings.ToUpper(Header()), "there is none"},
		{"UTF-16", "\xff\xfed\x00o\x00c\x00", "UTF-16"},
		{"a compressed file", "\x1f\x8b\x08\x00", "compressed"},
		{"a spreadsheet", "PK\x03\x04", "spreadsheet"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Import(context.Background(), newShelf(), strings.NewReader(test.file), Options{Now: importDay})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			for _, secret := range []string{"12345678", "María", "BAA000589"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error quotes the file: %v", err)
				}
			}
		})
	}
	for _, test := range []struct{ name, header string }{
		{"a byte order mark", "\ufeff" + Header() + "\n"},
		{"a carriage return", Header() + "\r\n"},
		{"quoted names", `"` + strings.ReplaceAll(Header(), ",", `","`) + "\"\n"},
	} {
		t.Run(test.name+" is fine", func(t *testing.T) {
			t.Parallel()
			result, err := Import(context.Background(), newShelf(), strings.NewReader(test.header+goodDNI), Options{Now: importDay})
			if err != nil || result.Imported != 1 {
				t.Errorf("got %+v, %v", result, err)
			}
		})
	}
}

func TestImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(goodDNI+"\n", 20_000)
	t.Run("a file that cannot be read to its end", func(t *testing.T) {
		t.Parallel()
		s, broken := newShelf(), errors.New("disk on fire")
		file := io.MultiReader(strings.NewReader(Header()+"\n"+many), iotest.ErrReader(broken))
		_, err := Import(context.Background(), s, file, Options{Now: importDay})
		if !errors.Is(err, broken) || len(s.held) > 0 || !strings.Contains(err.Error(), "after line ") {
			t.Errorf("got %v and %d rows", err, len(s.held))
		}
	})
	t.Run("a cancelled import", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(context.Background())
		s := newShelf()
		_, err := Import(ctx, s, strings.NewReader(Header()+"\n"+many), Options{Now: importDay, Progress: func(p Progress) {
			if p.Rows > 5000 {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) || len(s.held) > 0 {
			t.Errorf("got %v and %d rows", err, len(s.held))
		}
	})
	t.Run("rejects that cannot be written", func(t *testing.T) {
		t.Parallel()
		s, full := newShelf(), errors.New("no space left")
		_, err := Import(context.Background(), s, strings.NewReader(Header()+"\nbad\n"+many), Options{Now: importDay, Rejects: brokenWriter{full}})
		if !errors.Is(err, full) || len(s.held) > 0 {
			t.Errorf("got %v and %d rows", err, len(s.held))
		}
	})
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestImportReadsInPieces(t *testing.T) {
	t.Parallel()
	s := newShelf()
	file := iotest.OneByteReader(strings.NewReader(Header() + "\n" + goodDNI + "\nbad\n" + goodCard))
	var rejects bytes.Buffer
	result, err := Import(context.Background(), s, file, Options{Now: importDay, Rejects: &rejects})
	if err != nil || result.Imported != 2 || !strings.Contains(rejects.String(), "\n3,1 fields") {
		t.Errorf("got %+v, %v, %q", result, err, rejects.String())
	}
}

func TestLineNumbersAcrossBlocks(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString(Header() + "\n")
	var want []string
	for line := 2; line < 20_000; line++ {
		switch {
		case line%997 == 0:
			file.WriteString("bad\n")
			want = append(want, fmt.Sprint(line))
		case line%1999 == 0:
			file.WriteString(strings.Repeat("x", blockBytes+line) + "\n")
			want = append(want, fmt.Sprint(line))
		case line%31 == 0:
			file.WriteString("\r\n")
		default:
			file.WriteString(goodDNI + "\n")
		}
	}
	var rejects bytes.Buffer
	if _, err := Import(context.Background(), newShelf(), strings.NewReader(file.String()), Options{Now: importDay, Rejects: &rejects}); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&rejects).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, record := range records[1:] {
		got = append(got, record[0])
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
}

// repeated is a file of a header and the same line over and over.
type repeated struct {
	header io.Reader
	line   string
	left   int
	rest   string
}

func (r *repeated) Read(p []byte) (int, error) {
	if n, err := r.header.Read(p); n > 0 || !errors.Is(err, io.EOF) {
		return n, err
	}
	if r.rest == "" {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.left--
		r.rest = r.line
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	largest := func(rows int) (most uint64) {
		n := 0
		s := &shelf{each: func() {
			if n++; n%(rows/20) == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}}
		bad := strings.Replace(goodDNI, "28001", "", 1)
		file := &repeated{header: strings.NewReader(Header() + "\n"), line: goodDNI + "\n" + bad + "\n", left: rows / 2}
		if _, err := Import(context.Background(), s, file, Options{Now: importDay, Rejects: io.Discard}); err != nil {
			t.Fatal(err)
		}
		return most
	}
	small, large := largest(20_000), largest(400_000)
	if large > small+8<<20 {
		t.Errorf("20,000 rows hold %d bytes, 400,000 hold %d", small, large)
	}
}
