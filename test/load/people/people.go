// Package people makes up citizens by the million for load tests and benchmarks:
// the same ones for the same seed, each with a valid document of numbers that
// are hardly issued, and a name that nobody bears.
package people

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"clave/census"
	"clave/identity"
)

// Most is how many different citizens there are.
const Most = 90_000_000

// Population gives citizens by number.
type Population struct{ seed uint64 }

// New returns the population of a seed.
func New(seed uint64) Population { return Population{seed} }

var (
	givenNames = []string{"PRUEBA", "EJEMPLA", "FICTICIO", "SINTÉTICA", "SUPUESTO", "IMAGINARIA", "MUESTRA", "DEMOSTRACIÓN"}
	surnames   = []string{"APELLIDO", "DE EJEMPLO", "INVENTADO", "NADIE", "FULÁNEZ", "MENGÁNEZ", "ZUTÁNEZ", "DE LA PRUEBA", "COGNOM", "ABIZENA", "SENSENOMÉ", "NIÑO-FICTICIO"}
	cities     = []string{"VILLAPRUEBA", "SAN EJEMPLO", "PUEBLA DE NADIE", "CIUDAD FICTICIA", "NOU EXEMPLE", "ERAKUSKETA"}
)

// Citizen makes the citizen of a number from 0 to Most-1. One of ten is a
// foreigner, one of fifty has a permanent DNI, one of a hundred is deceased.
func (p Population) Citizen(i int) census.Reference {
	r := rand.New(rand.NewPCG(p.seed, uint64(i)))
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	day := func(first, years int) identity.Date {
		return identity.DateOf(time.Date(first, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(years*365)))
	}
	c := census.Reference{
		Person: identity.Person{
			GivenName: pick(givenNames), FirstSurname: pick(surnames), SecondSurname: pick(surnames), BirthDate: day(1935, 70),
		},
		IssueDate: day(2017, 8), ValidityDate: day(2027, 9),
		Address: census.Address{
			Street:     fmt.Sprintf("CALLE INEXISTENTE %d, %dº", 1+r.IntN(200), 1+r.IntN(9)),
			PostalCode: fmt.Sprintf("%05d", 1000+r.IntN(52000)), City: pick(cities), Province: "PROVINCIA FICTICIA", Country: "ES",
		},
	}
	if r.IntN(100) == 0 {
		c.DeceasedOn = day(2025, 1)
	}
	c.Document = Document(i)
	switch {
	case i%30 == 9:
		c.Kind, c.SupportNumber = identity.ForeignerCard, fmt.Sprintf("E%08d", r.IntN(1e8))
	case i%30 == 19:
		c.Kind, c.SupportNumber = identity.ResidencePermit, fmt.Sprintf("E%08d", r.IntN(1e8))
	case i%30 == 29:
		c.Kind, c.SupportNumber, c.SecondSurname = identity.EUCertificate, fmt.Sprintf("C%08d", r.IntN(1e8)), ""
	default:
		c.Kind, c.SupportNumber = identity.DNI, fmt.Sprintf("ZZZ%06d", r.IntN(1e6))
		if r.IntN(50) == 0 {
			c.ValidityDate = identity.Date{Year: 9999, Month: 1, Day: 1}
		}
	}
	return c
}

// Registration makes the registration of a citizen: with a phone of its own,
// three of four with the advanced level.
func (p Population) Registration(i int) census.Registration {
	r := census.Registration{
		Person: identity.PersonID(fmt.Sprintf("load-%08d", i)), Document: Document(i), State: identity.Registered,
		Level: identity.Advanced, Channel: identity.ByOffice, Phone: phone(i), Language: "es",
		At: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	if i%4 == 0 {
		r.Level, r.Channel = identity.Basic, identity.ByLetter
	}
	r.Email = email(i)
	return r
}

// Document makes the document of a citizen. Neighbours have numbers far apart,
// as people who happen to come at the same time have.
func Document(i int) identity.DocumentID {
	const numbers = 10_000_000
	spread := i % numbers * 7_654_321 % numbers // 7,654,321 and ten have no common divisor
	block := i / numbers
	if i%10 == 9 {
		number := fmt.Sprintf("%07d", spread)
		return must(identity.ParseDocument(string("ZYX"[block%3]) + number + letter((2-block%3)*numbers+spread)))
	}
	number := (9-block)*numbers + spread
	return must(identity.ParseDocument(fmt.Sprintf("%08d", number) + letter(number)))
}

func letter(number int) string { return string("TRWAGMYFPDXBNJZSQVHLCKE"[number%23]) }

func phone(i int) identity.Phone { return must(identity.ParseE164(fmt.Sprintf("+347%08d", i))) }

func email(i int) identity.Email {
	return must(identity.ParseEmail(fmt.Sprintf("load-%d@citizens.example", i)))
}

// must is for values that are made here, so that a mistake is ours.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// File reads as an import file of the first n citizens.
func (p Population) File(n int) io.Reader {
	return &file{population: p, most: n, rest: []byte(census.Header() + "\n")}
}

type file struct {
	population Population
	next, most int
	rest       []byte
	buffer     []byte
}

func (f *file) Read(b []byte) (int, error) {
	if len(f.rest) == 0 {
		if f.next == f.most {
			return 0, io.EOF
		}
		f.buffer = f.buffer[:0]
		for ; len(f.buffer) < 64<<10 && f.next < f.most; f.next++ {
			f.buffer = appendRow(f.buffer, f.population.Citizen(f.next))
		}
		f.rest = f.buffer
	}
	n := copy(b, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func appendRow(dst []byte, r census.Reference) []byte {
	for i, field := range []string{
		r.Document.Reveal(), string(r.Kind), r.GivenName, r.FirstSurname, r.SecondSurname, r.BirthDate.String(), r.SupportNumber,
		r.IssueDate.String(), r.ValidityDate.String(), r.Address.Street, r.Address.PostalCode, r.Address.City, r.Address.Province,
		r.Address.Country, r.DeceasedOn.String(), r.PreviousDocument.Reveal(),
	} {
		if i > 0 {
			dst = append(dst, ',')
		}
		if strings.ContainsAny(field, `,"`) {
			field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
		}
		dst = append(dst, field...)
	}
	return append(dst, '\n')
}
