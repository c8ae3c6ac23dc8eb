package registrationtest

import (
	"context"
	"sync"

	"clave/census"
	"clave/identity"
)

// The sample citizens. All are synthetic.
const (
	Stranger   = "12345678Z" // in the population register only
	Permanent  = "00000000T" // likewise, with a permanent DNI
	Foreigner  = "X1234567L" // likewise, with a foreigner card
	Gone       = "22222222J" // withdrew
	NoPhone    = "11111111H" // the phone belongs to somebody else now
	Member     = "99999999R" // registered, with MemberPhone
	Expelled   = "33333333P" // revoked ex officio
	Dead       = "44444444A" // deceased
	Nobody     = "55555555K" // in no register
	Vagabond   = "66666666Q" // without an address
	OtherDates = "2030-01-01"

	MemberPhone = "+34600000009"
	MemberEmail = "member@example.org"
)

// Document reads a number, or panics.
func Document(number string) identity.DocumentID {
	d, err := identity.ParseDocument(number)
	if err != nil {
		panic(err)
	}
	return d
}

func address(typed string) identity.Email {
	e, err := identity.ParseEmail(typed)
	if err != nil {
		panic(err)
	}
	return e
}

// Phone reads a number as +34600000001, or panics.
func Phone(e164 string) identity.Phone {
	p, err := identity.ParseE164(e164)
	if err != nil {
		panic(err)
	}
	return p
}

// Register is a register in memory with the sample citizens.
type Register struct {
	mu   sync.Mutex
	held map[identity.DocumentID]census.Candidate
}

func newRegister() *Register {
	r := &Register{held: map[identity.DocumentID]census.Candidate{}}
	day := func(s string) identity.Date {
		d, err := identity.ParseDate(s)
		if err != nil {
			panic(err)
		}
		return d
	}
	add := func(number string, state identity.State, change func(*census.Candidate)) {
		c := census.Candidate{Known: true, State: state}
		c.Reference.Person = identity.Person{Document: Document(number), Kind: identity.DNI, GivenName: "Sam", FirstSurname: "Sample"}
		c.Reference.ValidityDate, c.Reference.IssueDate = day("2031-10-01"), day("2021-10-01")
		c.Reference.SupportNumber = "AAA000111"
		c.Reference.Address = census.Address{Street: "Calle de la Prueba 1", PostalCode: "28001", City: "Madrid", Country: "ES"}
		if state != identity.Unregistered {
			c.PersonID = identity.PersonID("person-of-" + number[len(number)-1:])
		}
		if change != nil {
			change(&c)
		}
		r.held[c.Reference.Document] = c
	}
	add(Stranger, identity.Unregistered, nil)
	add(Permanent, identity.Unregistered, func(c *census.Candidate) { c.Reference.ValidityDate = day("9999-01-01") })
	add(Foreigner, identity.Unregistered, func(c *census.Candidate) {
		c.Reference.Kind, c.Reference.SupportNumber = identity.ForeignerCard, "E12345678"
	})
	add(Gone, identity.Withdrawn, nil)
	add(NoPhone, identity.PhoneRevoked, func(c *census.Candidate) { c.Registration = identity.Basic })
	add(Member, identity.Registered, func(c *census.Candidate) {
		c.Registration, c.Phone, c.Email = identity.Advanced, Phone(MemberPhone), address(MemberEmail)
	})
	add(Expelled, identity.Revoked, nil)
	add(Dead, identity.Deceased, func(c *census.Candidate) { c.Deceased = true })
	add(Vagabond, identity.Unregistered, func(c *census.Candidate) { c.Reference.Address = census.Address{} })
	return r
}

// Candidate tells what is known about a document.
func (r *Register) Candidate(_ context.Context, document identity.DocumentID) (census.Candidate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held[document], nil
}

// Person tells what is known about a person.
func (r *Register) Person(id identity.PersonID) census.Candidate {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.held {
		if c.PersonID == id {
			return c
		}
	}
	return census.Candidate{}
}

// Change changes what is known about a document.
func (r *Register) Change(document identity.DocumentID, change func(*census.Candidate)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.held[document]
	change(&c)
	r.held[document] = c
}

// Contrast is the datum that a document demands.
func (r *Register) Contrast(number string) census.Contrast {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.held[Document(number)]
	return c.Reference.Contrast()
}

// Holder is the document of who is registered with the phone; zero for none.
func (r *Register) Holder(phone identity.Phone) identity.DocumentID {
	r.mu.Lock()
	defer r.mu.Unlock()
	for document, c := range r.held {
		if c.State == identity.Registered && c.Phone == phone {
			return document
		}
	}
	return identity.DocumentID{}
}
