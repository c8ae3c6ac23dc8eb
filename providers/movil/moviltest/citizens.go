package moviltest

import (
	"context"
	"sync"

	"clave/broker"
	"clave/census"
	"clave/census/pair"
	"clave/identity"
	"clave/internal/onetime"
)

// The sample citizens. All are synthetic.
const (
	Advanced  = "12345678Z" // registered at an office
	Second    = "99999999R" // likewise
	Basic     = "00000000T" // registered by letter
	LostPhone = "99999972C" // another citizen has the phone
	Gone      = "22222222J" // withdrew
	Never     = "33333333P" // never registered
	Dead      = "44444444A" // deceased
	Nobody    = "55555555K" // in no register
)

// validity is the datum printed on every sample document.
func validity() identity.Date { return identity.Date{Year: 2030, Month: 1, Day: 31} }

// Document reads a number, or panics.
func Document(number string) identity.DocumentID {
	d, err := identity.ParseDocument(number)
	if err != nil {
		panic(err)
	}
	return d
}

// Pair is the right pair of a document.
func Pair(number string) pair.Pair {
	return pair.Pair{Document: Document(number), Contrast: census.Contrast{Kind: identity.ValidityDate, Value: validity().String()}}
}

// WrongPair has another date.
func WrongPair(number string) pair.Pair {
	p := Pair(number)
	p.Contrast.Value = "2030-02-01"
	return p
}

// Citizens is a register in memory with the sample citizens.
type Citizens struct {
	mu   sync.Mutex
	held map[identity.DocumentID]census.Candidate
}

// NewCitizens returns the sample citizens. They are other persons each time, so that
// worlds over one database do not meet.
func NewCitizens() *Citizens {
	c := &Citizens{held: map[identity.DocumentID]census.Candidate{}}
	for number, phone := range map[string]string{Advanced: "+34600000001", Second: "+34600000002", Basic: "+34600000003"} {
		c.add(number, identity.Registered)
		c.Change(number, func(c *census.Candidate) {
			c.Registration, c.Channel, c.EmailConfirmed = identity.Advanced, identity.ByOffice, true
			c.Phone, _ = identity.ParseE164(phone)
			c.Email, _ = identity.ParseEmail("citizen" + number[len(number)-1:] + "@example.org")
		})
	}
	c.Change(Basic, func(c *census.Candidate) { c.Registration, c.Channel = identity.Basic, identity.ByLetter })
	c.add(LostPhone, identity.PhoneRevoked)
	c.Change(LostPhone, func(c *census.Candidate) { c.Registration, c.Channel = identity.Advanced, identity.ByOffice })
	c.add(Gone, identity.Withdrawn)
	c.add(Never, identity.Unregistered)
	c.add(Dead, identity.Deceased)
	c.Change(Dead, func(c *census.Candidate) { c.Deceased = true })
	return c
}

func (c *Citizens) add(number string, state identity.State) {
	held := census.Candidate{Known: true, State: state, PersonID: identity.PersonID(onetime.NewID()), Language: "en"}
	held.Reference.ValidityDate = validity()
	held.Reference.Person = identity.Person{
		Document: Document(number), Kind: identity.DNI, GivenName: "SAM", FirstSurname: "SAMPLE", SecondSurname: "PERSON",
	}
	c.held[Document(number)] = held
}

// Change changes what is known about a document.
func (c *Citizens) Change(number string, change func(*census.Candidate)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	candidate := c.held[Document(number)]
	change(&candidate)
	c.held[Document(number)] = candidate
}

// Candidate implements movil.Register.
func (c *Citizens) Candidate(_ context.Context, document identity.DocumentID) (census.Candidate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[document], nil
}

// Standing implements movil.Register.
func (c *Citizens) Standing(_ context.Context, person identity.PersonID) (broker.Standing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, held := range c.held {
		if held.PersonID == person {
			return broker.Standing{
				Person: person, Identity: held.Reference.Person, Registration: held.Registration, Channel: held.Channel,
				State: held.State, Language: held.Language,
			}, nil
		}
	}
	return broker.Standing{}, broker.ErrNoPerson
}
