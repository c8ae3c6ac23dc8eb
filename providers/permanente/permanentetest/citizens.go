package permanentetest

import (
	"context"
	"sync"

	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/internal/onetime"
)

// The sample citizens. All are synthetic.
const (
	Advanced = "12345678Z" // registered at an office, has a password
	Second   = "X1234567L" // likewise
	Basic    = "00000000T" // registered by letter, has a password
	NoPass   = "99999999R" // registered at an office, has an activation code only
	Unproven = "99999972C" // likewise; the address was never confirmed
	Dead     = "44444444A" // deceased, and had a password
	Gone     = "22222222J" // withdrew
	Nobody   = "55555555K" // in no register
)

// Password is that of who has one, and Activation the activation code of everybody.
const (
	Password   = "vuelcO7k-mimbre"
	Activation = "STUVWXYZ2345"
)

// Document reads a number, or panics.
func Document(number string) identity.DocumentID {
	d, err := identity.ParseDocument(number)
	if err != nil {
		panic(err)
	}
	return d
}

// Email is the address of a sample citizen.
func Email(number string) identity.Email {
	e, err := identity.ParseEmail("citizen" + number[len(number)-1:] + "@example.org")
	if err != nil {
		panic(err)
	}
	return e
}

// Citizens is a register in memory with the sample citizens. It notes each question in
// Note.
type Citizens struct {
	Note func(call string)

	mu   sync.Mutex
	held map[identity.DocumentID]census.Candidate
}

// NewCitizens returns the sample citizens. They are other persons each time, so that
// worlds over one database do not meet.
func NewCitizens() *Citizens {
	c := &Citizens{held: map[identity.DocumentID]census.Candidate{}}
	phones := map[string]string{
		Advanced: "+34600000001", Second: "+34600000002", Basic: "+34600000003", NoPass: "+34600000004",
		Unproven: "+34600000005", Dead: "+34600000006",
	}
	for number, phone := range phones {
		held := census.Candidate{
			Known: true, State: identity.Registered, Registration: identity.Advanced, Channel: identity.ByOffice,
			PersonID: identity.PersonID(onetime.NewID()), Language: "en", Email: Email(number), EmailConfirmed: number != Unproven,
		}
		held.Phone, _ = identity.ParseE164(phone)
		held.Reference.Person = identity.Person{Document: Document(number), GivenName: "SAM", FirstSurname: "SAMPLE", SecondSurname: "PERSON"}
		c.held[Document(number)] = held
	}
	c.Change(Basic, func(c *census.Candidate) { c.Registration, c.Channel = identity.Basic, identity.ByLetter })
	c.Change(Dead, func(c *census.Candidate) { c.Deceased, c.State = true, identity.Deceased })
	c.held[Document(Gone)] = census.Candidate{Known: true, State: identity.Withdrawn, PersonID: identity.PersonID(onetime.NewID()), Email: Email(Gone), EmailConfirmed: true}
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

// Standing implements permanente.Register.
func (c *Citizens) Standing(_ context.Context, person identity.PersonID) (broker.Standing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, held := range c.held {
		if held.PersonID == person && person != "" {
			return broker.Standing{Person: person, Identity: held.Reference.Person, Registration: held.Registration, Channel: held.Channel, State: held.State}, nil
		}
	}
	return broker.Standing{}, broker.ErrNoPerson
}

// Candidate implements permanente.Register.
func (c *Citizens) Candidate(_ context.Context, document identity.DocumentID) (census.Candidate, error) {
	if c.Note != nil {
		c.Note("candidate")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[document], nil
}
