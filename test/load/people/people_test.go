package people_test

import (
	"io"
	"strings"
	"testing"

	"clave/census"
	"clave/identity"
	"clave/test/load/people"
)

func TestPopulation(t *testing.T) {
	t.Parallel()
	p := people.New(1)
	t.Run("the same seed gives the same citizens, another one others", func(t *testing.T) {
		t.Parallel()
		if p.Citizen(7) != people.New(1).Citizen(7) || p.Citizen(7) == people.New(2).Citizen(7) {
			t.Error("citizen 7 is not the one of the seed")
		}
	})
	t.Run("nobody shares a document or a phone, and all kinds are there", func(t *testing.T) {
		t.Parallel()
		documents, phones, kinds := map[identity.DocumentID]bool{}, map[identity.Phone]bool{}, map[identity.DocumentKind]int{}
		const each = 5000
		for _, start := range []int{0, 10_000_000 - each, 10_000_000, people.Most - each} {
			for i := start; i < start+each; i++ {
				c, r := p.Citizen(i), p.Registration(i)
				if c.Document != r.Document || c.Document.Foreigner() == (c.Kind == identity.DNI) {
					t.Fatalf("citizen %d has another document or kind", i)
				}
				documents[c.Document], phones[r.Phone], kinds[c.Kind] = true, true, kinds[c.Kind]+1
				if support, err := identity.ParseSupport(c.SupportNumber, c.Kind); err != nil || support != c.SupportNumber {
					t.Fatalf("citizen %d has no support number: %v", i, err)
				}
			}
		}
		if len(documents) != 4*each || len(phones) != 4*each || len(kinds) != 4 {
			t.Errorf("got %d documents, %d phones, %d kinds", len(documents), len(phones), len(kinds))
		}
	})
	t.Run("the file has a row for each", func(t *testing.T) {
		t.Parallel()
		text, err := io.ReadAll(p.File(1000))
		if err != nil || strings.Count(string(text), "\n") != 1001 || !strings.HasPrefix(string(text), census.Header()+"\n") {
			t.Errorf("got %d lines, %v", strings.Count(string(text), "\n"), err)
		}
	})
}
