package office_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clave/census/office"

	"github.com/google/go-cmp/cmp"
)

// shelf keeps a directory in memory.
type shelf struct {
	offices []office.Office
	version int64
	reads   int
	err     error
}

func (s *shelf) Version(context.Context) (int64, error) { return s.version, s.err }

func (s *shelf) Offices(context.Context) ([]office.Office, int64, error) {
	s.reads++
	return s.offices, s.version, s.err
}

func (s *shelf) ReplaceOffices(_ context.Context, offices []office.Office, _ time.Time) error {
	s.offices, s.version = offices, s.version+1
	return nil
}

func at(code, postal, city, province string) office.Office {
	return office.Office{Code: code, Name: "Oficina " + code, Address: "Calle de Vigo 1", PostalCode: postal, City: city, Province: province}
}

func spain() *shelf {
	return &shelf{version: 1, offices: []office.Office{
		at("mad1", "28001", "Madrid", "Madrid"), at("mad2", "28020", "Madrid", "Madrid"), at("alc", "28801", "Alcalá de Henares", "Madrid"),
		at("mal", "29001", "Málaga", "Málaga"), at("cor", "15001", "A Coruña", "A Coruña"), at("oca", "45300", "Ocaña", "Toledo"),
		at("hos", "08901", "L'Hospitalet de Llobregat", "Barcelona"), at("bcn", "08001", "Barcelona", "Barcelona"),
		at("bil", "48001", "Bilbao", "Bizkaia"), at("gij", "33201", "Gijón", "Asturias"), at("leo", "24001", "León", "León"),
		at("leg", "28911", "Leganés", "Madrid"),
	}}
}

func TestSearchFindsWhatPeopleType(t *testing.T) {
	t.Parallel()
	directory := office.NewDirectory(spain())
	for _, test := range []struct{ name, typed, want string }{
		{"a city", "Málaga", "mal"},
		{"without accents and capitals", "malaga", "mal"},
		{"in capitals", "GIJÓN", "gij"},
		{"with N for Ñ", "ocana", "oca"},
		{"the beginning of a name", "Alcal", "alc"},
		{"words of a name", "alcala henares", "alc"},
		{"an article that the name has not", "La Coruña", "cor"},
		{"an article that was left out", "Coruña", "cor"},
		{"an apostrophe", "l’hospitalet", "hos"},
		{"the other language of the country", "Vizcaya", "bil"},
		{"the other language, of the city", "bilbo", "bil"},
		{"the city before its province", "madrid", "mad1 mad2 alc leg"},
		{"a beginning of several names", "le", "leo leg"},
		{"a street is no place", "Vigo", ""},
		{"the name of the office", "oficina leg", "leg"},
		{"a word that nobody has", "madrid marte", ""},
		{"nothing", "", ""},
		{"nothing but a small word", "de", "hos alc"},
		{"signs", "%_'\"--", ""},
		{"a novel", strings.Repeat("madrid ", 20), ""},

		{"a postal code", "28001", "mad1 mad2 alc leg"},
		{"a postal code that has no office", "28900", "leg alc mad2 mad1"},
		{"with a space", "28 801", "alc leg mad2 mad1"},
		{"the nearest from both sides", "28850", "alc leg mad2 mad1"},
		{"the neighbour province is not near", "29900", "mal"},
		{"without the zero in front", "8001", "bcn hos"},
		{"the two digits of a province", "08", "bcn hos"},
		{"the beginning of a postal code", "288", "alc"},
		{"one digit is no postal code", "2", ""},
		{"a province without offices", "50001", ""},
		{"no province", "99999", ""},
		{"too many digits", "280011", ""},
		{"Arabic digits are no postal code", "٢٨٠٠١", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found, err := directory.Search(t.Context(), test.typed, 1)
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, o := range found.Offices {
				codes = append(codes, o.Code)
			}
			if got := strings.Join(codes, " "); got != test.want || found.Total != len(codes) {
				t.Errorf("got %q, %d in all, want %q", got, found.Total, test.want)
			}
		})
	}
}

func TestSearchGivesPages(t *testing.T) {
	t.Parallel()
	var many []office.Office
	for i := range 23 {
		many = append(many, at(fmt.Sprintf("o%02d", i), fmt.Sprintf("280%02d", i), "Madrid", "Madrid"))
	}
	directory := office.NewDirectory(&shelf{version: 1, offices: many})
	for _, test := range []struct {
		asked, page, first, length int
	}{{1, 1, 0, 10}, {2, 2, 10, 10}, {3, 3, 20, 3}, {4, 3, 20, 3}, {0, 1, 0, 10}, {-7, 1, 0, 10}, {1 << 62, 3, 20, 3}} {
		found, err := directory.Search(t.Context(), "madrid", test.asked)
		if err != nil {
			t.Fatal(err)
		}
		if found.Page != test.page || found.Pages != 3 || found.Total != 23 || len(found.Offices) != test.length ||
			found.Offices[0].Code != many[test.first].Code {
			t.Errorf("page %d: got page %d of %d with %d offices", test.asked, found.Page, found.Pages, len(found.Offices))
		}
	}
	none, err := directory.Search(t.Context(), "nowhere", 5)
	if err != nil || none.Page != 1 || none.Pages != 0 || none.Total != 0 {
		t.Errorf("nothing found: got %+v, %v", none, err)
	}
}

func TestTheDirectoryIsReadAgainOnlyWhenItWasReplaced(t *testing.T) {
	t.Parallel()
	kept := spain()
	directory := office.NewDirectory(kept)
	provinces := func() []office.Province {
		t.Helper()
		p, err := directory.Provinces(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	want := []office.Province{
		{Name: "A Coruña", Offices: 1}, {Name: "Asturias", Offices: 1}, {Name: "Barcelona", Offices: 2}, {Name: "Bizkaia", Offices: 1},
		{Name: "León", Offices: 1}, {Name: "Madrid", Offices: 4}, {Name: "Málaga", Offices: 1}, {Name: "Toledo", Offices: 1},
	}
	for range 3 {
		if diff := cmp.Diff(provinces(), want); diff != "" {
			t.Fatal(diff)
		}
	}
	if kept.reads != 1 {
		t.Errorf("it was read %d times", kept.reads)
	}
	if err := kept.ReplaceOffices(t.Context(), []office.Office{at("ceu", "51001", "Ceuta", "Ceuta")}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(provinces(), []office.Province{{Name: "Ceuta", Offices: 1}}); diff != "" {
		t.Error(diff)
	}
	kept.err = errors.New("the database is gone")
	if _, err := directory.Search(t.Context(), "Ceuta", 1); !errors.Is(err, kept.err) {
		t.Errorf("without a database: got %v", err)
	}
}

// The largest directory that a file may have, and a question that most of it answers.
func BenchmarkSearch(b *testing.B) {
	var many []office.Office
	for i := range 20_000 {
		many = append(many, at(fmt.Sprintf("o%d", i), fmt.Sprintf("%05d", 1001+i*2), "Santa María de la Villa", "Álava/Araba"))
	}
	directory := office.NewDirectory(&shelf{version: 1, offices: many})
	if _, err := directory.Provinces(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, typed := range []string{"santa maria", "28013", "nowhere"} {
		b.Run(typed, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := directory.Search(b.Context(), typed, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
