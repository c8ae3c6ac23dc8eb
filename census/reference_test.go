package census

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"clave/identity"

	"pgregory.net/rapid"
)

func dateOf(t time.Time) identity.Date { return identity.DateOf(t.Add(24 * time.Hour)) }

// rowOf writes reference data as the fields of the import file.
func rowOf(r *Reference) []string {
	return []string{
		r.Document.Reveal(), string(r.Kind), r.GivenName, r.FirstSurname, r.SecondSurname, r.BirthDate.String(), r.SupportNumber,
		r.IssueDate.String(), r.ValidityDate.String(), r.Address.Street, r.Address.PostalCode, r.Address.City, r.Address.Province,
		r.Address.Country, r.DeceasedOn.String(), r.PreviousDocument.Reveal(),
	}
}

// anyReference draws reference data that the import lets in.
func anyReference(t *rapid.T) Reference {
	text := func(label string, limit int) string {
		return strings.TrimSpace("Ñ" + rapid.StringOfN(rapid.RuneFrom([]rune("abcáéíñç'\"·-,. ЖΩ漢")), 0, limit-1, -1).Draw(t, label))
	}
	date := func(label string, from, to int) identity.Date {
		if rapid.Bool().Draw(t, label+"?") {
			return identity.Date{}
		}
		day := rapid.IntRange(from*365, to*365).Draw(t, label)
		return identity.DateOf(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day))
	}
	r := Reference{
		Person: identity.Person{
			GivenName: text("given_name", maxName), FirstSurname: text("first_surname", maxName),
			BirthDate: date("birth_date", 1900, 1999),
		},
		IssueDate: date("issue_date", 2000, 2020), ValidityDate: date("expiry_date", 2022, 2040), DeceasedOn: date("deceased_on", 2001, 2020),
		Address: Address{
			Street: text("address", maxStreet), PostalCode: fmt.Sprintf("%05d", rapid.IntRange(0, 99999).Draw(t, "postal_code")),
			City: text("city", maxPlace), Province: text("province", maxPlace), Country: rapid.SampledFrom([]string{"ES", "FR", "XK"}).Draw(t, "country"),
		},
	}
	if rapid.Bool().Draw(t, "second_surname?") {
		r.SecondSurname = text("second_surname", maxName)
	}
	if rapid.Bool().Draw(t, "foreigner") {
		r.Document, r.Kind = document(t, "X", 7), rapid.SampledFrom(kinds[2:]).Draw(t, "kind")
		letter := "E"
		if r.Kind == identity.EUCertificate {
			letter = "C"
		}
		r.SupportNumber = fmt.Sprintf("%s%08d", letter, rapid.IntRange(0, 99999999).Draw(t, "support_number"))
	} else {
		r.Document, r.Kind = document(t, "", 8), identity.DNI
		r.PreviousDocument = document(t, "Y", 7)
	}
	return r
}

func document(t *rapid.T, prefix string, digits int) identity.DocumentID {
	number := fmt.Sprintf("%0*d", digits, rapid.IntRange(0, 9999999).Draw(t, "document"))
	for letter := 'A'; letter <= 'Z'; letter++ {
		if d, err := identity.ParseDocument(prefix + number + string(letter)); err == nil {
			return d
		}
	}
	t.Fatal("no letter fits")
	return identity.DocumentID{}
}

func TestReferenceComesBackAsItWent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyReference(t)
		blob := AppendReference([]byte("before"), &r)[len("before"):]
		got, err := ParseReference(blob)
		if err != nil || got != r {
			t.Fatalf("got %s, %v, want %s", reveal(got), err, reveal(r))
		}
		for cut := range blob {
			if _, err := ParseReference(blob[:cut]); err == nil {
				t.Fatalf("the first %d bytes of %d are read as a row", cut, len(blob))
			}
		}
		if _, err := ParseReference(append(blob, 0)); err == nil {
			t.Fatal("a byte more is read as a row")
		}
	})
}

func TestMatches(t *testing.T) {
	t.Parallel()
	dni := func(change func(c *Candidate)) Candidate {
		c := Candidate{Known: true, Reference: Reference{
			Person: identity.Person{Kind: identity.DNI}, SupportNumber: "BAA000589",
			IssueDate: identity.Date{Year: 2021, Month: 10, Day: 1}, ValidityDate: identity.Date{Year: 2031, Month: 10, Day: 1},
		}}
		change(&c)
		return c
	}
	card := func(kind identity.DocumentKind, support string) Candidate {
		return Candidate{Known: true, Reference: Reference{
			Person: identity.Person{Kind: kind}, SupportNumber: support, ValidityDate: identity.Date{Year: 2031, Month: 10, Day: 1},
		}}
	}
	same := func(*Candidate) {}
	validity, issue := identity.ValidityDate, identity.IssueDate
	support := identity.SupportNumber
	permanent := func(c *Candidate) { c.Reference.ValidityDate = identity.Date{Year: 9999, Month: 1, Day: 1} }
	for _, test := range []struct {
		name      string
		candidate Candidate
		typed     Contrast
		want      bool
	}{
		{"the validity date of a DNI", dni(same), Contrast{validity, "2031-10-01"}, true},
		{"another validity date", dni(same), Contrast{validity, "2031-10-02"}, false},
		{"the issue date of a DNI that is not permanent", dni(same), Contrast{issue, "2021-10-01"}, false},
		{"the issue date as if it were the validity", dni(same), Contrast{validity, "2021-10-01"}, false},
		{"the support number of a DNI", dni(same), Contrast{support, "BAA000589"}, false},
		{"no datum", dni(same), Contrast{validity, ""}, false},
		{"no kind", dni(same), Contrast{"", "2031-10-01"}, false},
		{"the issue date of a permanent DNI", dni(permanent), Contrast{issue, "2021-10-01"}, true},
		{"what every permanent DNI shows as validity", dni(permanent), Contrast{validity, "9999-01-01"}, false},
		{"a support number as people type it", card(identity.ForeignerCard, "E12345678"), Contrast{support, "e 1234-5678"}, true},
		{"another support number", card(identity.ForeignerCard, "E12345678"), Contrast{support, "E12345679"}, false},
		{"an EU certificate's support number without C and zeros", card(identity.EUCertificate, "C01234567"), Contrast{support, "1234567"}, true},
		{"the same digits of a card", card(identity.ResidencePermit, "E01234567"), Contrast{support, "1234567"}, false},
		{"an empty datum where the register has none", card(identity.ForeignerCard, ""), Contrast{support, ""}, false},
		{"an empty date where the register has none", dni(func(c *Candidate) { c.Reference.ValidityDate = identity.Date{} }), Contrast{validity, ""}, false},
		{"the zero candidate and the zero datum", Candidate{}, Contrast{}, false},
		{"the zero candidate and an empty date", Candidate{}, Contrast{validity, ""}, false},
		{"the zero candidate and a support number", Candidate{}, Contrast{support, "E12345678"}, false},
		{"a deceased person's document with the right datum", dni(func(c *Candidate) { c.Deceased = true }), Contrast{validity, "2031-10-01"}, false},
		{"a candidate that is not marked as known", dni(func(c *Candidate) { c.Known = false }), Contrast{validity, "2031-10-01"}, false},
		{"a longer datum that begins right", card(identity.ForeignerCard, "E12345678"), Contrast{support, "E12345678" + strings.Repeat("0", 20)}, false},
	} {
		if got := test.candidate.Matches(test.typed); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
