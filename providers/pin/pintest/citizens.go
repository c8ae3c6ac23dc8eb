package pintest

import (
	"context"
	"sync"

	"clave/census"
	"clave/census/pair"
	"clave/identity"
)

// The sample citizens. All are synthetic.
const (
	Advanced   = "12345678Z" // DNI, registered at an office
	Basic      = "00000000T" // permanent DNI, registered by letter
	Foreigner  = "X1234567L" // foreigner card
	European   = "Y1234567X" // EU citizen certificate
	Stranger   = "99999999R" // in the population register only
	NoPhone    = "11111111H" // the phone belongs to somebody else now
	Gone       = "22222222J" // withdrew
	Expelled   = "33333333P" // revoked ex officio
	Dead       = "44444444A" // deceased, and still registered
	Nobody     = "55555555K" // in no register
	AnyPIN     = "AAA"
	OtherDates = "2030-01-01"
)

// Document reads a number, or panics.
func Document(number string) identity.DocumentID {
	d, err := identity.ParseDocument(number)
	if err != nil {
		panic(err)
	}
	return d
}

// Citizens is a register in memory with the sample citizens. It notes each
// question in Note.
type Citizens struct {
	Note func(call string)

	mu   sync.Mutex
	held map[identity.DocumentID]census.Candidate
}

// NewCitizens returns the sample citizens.
func NewCitizens() *Citizens {
	c := &Citizens{held: map[identity.DocumentID]census.Candidate{}}
	day := func(s string) identity.Date {
		d, err := identity.ParseDate(s)
		if err != nil {
			panic(err)
		}
		return d
	}
	dni := func(validity, issue string) census.Reference {
		return census.Reference{Person: identity.Person{Kind: identity.DNI}, ValidityDate: day(validity), IssueDate: day(issue), SupportNumber: "AAA000111"}
	}
	card := func(kind identity.DocumentKind, support string) census.Reference {
		return census.Reference{Person: identity.Person{Kind: kind}, SupportNumber: support, ValidityDate: day("2030-06-01")}
	}
	add := func(number string, reference census.Reference, state identity.State, registration identity.Registration, phone string) {
		reference.Document = Document(number)
		candidate := census.Candidate{Known: true, Reference: reference, State: state, Language: "en"}
		if state != identity.Unregistered {
			candidate.PersonID = identity.PersonID("person-of-" + number[len(number)-1:])
		}
		if state == identity.Registered || state == identity.PhoneRevoked {
			candidate.Registration, candidate.Channel = registration, identity.ByOffice
			candidate.Phone, _ = identity.ParseE164(phone)
		}
		c.held[reference.Document] = candidate
	}
	add(Advanced, dni("2031-10-01", "2021-10-01"), identity.Registered, identity.Advanced, "+34600000001")
	add(Basic, dni("9999-01-01", "2019-03-05"), identity.Registered, identity.Basic, "+34600000002")
	add(Foreigner, card(identity.ForeignerCard, "E12345678"), identity.Registered, identity.Advanced, "+34600000003")
	add(European, card(identity.EUCertificate, "C01234567"), identity.Registered, identity.Advanced, "+33600000004")
	add(Stranger, dni("2031-10-01", "2021-10-01"), identity.Unregistered, identity.NoRegistration, "")
	add(NoPhone, dni("2031-10-01", "2021-10-01"), identity.PhoneRevoked, identity.Advanced, "+34600000005")
	add(Gone, dni("2031-10-01", "2021-10-01"), identity.Withdrawn, identity.NoRegistration, "")
	add(Expelled, dni("2031-10-01", "2021-10-01"), identity.Revoked, identity.NoRegistration, "")
	add(Dead, dni("2031-10-01", "2021-10-01"), identity.Registered, identity.Advanced, "+34600000006")
	c.Change(Dead, func(c *census.Candidate) { c.Deceased = true })
	return c
}

// Change changes what is known about a document.
func (c *Citizens) Change(number string, change func(*census.Candidate)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	candidate := c.held[Document(number)]
	change(&candidate)
	c.held[Document(number)] = candidate
}

// Candidate tells what is known about a document.
func (c *Citizens) Candidate(_ context.Context, document identity.DocumentID) (census.Candidate, error) {
	if c.Note != nil {
		c.Note("candidate")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[document], nil
}

// Pair is the right pair of a document that is known.
func (c *Citizens) Pair(number string) pair.Pair {
	c.mu.Lock()
	defer c.mu.Unlock()
	candidate := c.held[Document(number)]
	return pair.Pair{Document: Document(number), Contrast: candidate.Reference.Contrast()}
}

// WrongPair is a pair with the document and a date that is nobody's.
func WrongPair(number string) pair.Pair {
	return pair.Pair{Document: Document(number), Contrast: census.Contrast{Kind: identity.ValidityDate, Value: OtherDates}}
}
