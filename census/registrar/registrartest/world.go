package registrartest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/audit"
	"clave/census"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/identity"
	"clave/keys"
	"clave/notify"
	"clave/web/lang"
)

// Parts are what a registrar stands on, and what tests look at. They are shared by
// many worlds, which do not meet: each has citizens of its own.
type Parts struct {
	Tx          registrar.Transactor
	Store       registrar.Store
	Activations registrar.Activations
	Passwords   registrar.Passwords
	Devices     registrar.Devices
	Codes       *keys.MAC
	Sessions    registrar.Sessions
	Grants      registrar.Grants
	Locks       registrar.Locks
	Invitations registrar.Invitations
	Receipts    receipt.Store
	Trail       audit.Trail
	Outbox      registrar.Outbox
	Probe       Probe
}

// Probe sets up and looks at what the registrar does not show.
type Probe interface {
	// Know imports reference data.
	Know(t testing.TB, references ...census.Reference) census.Replaced
	// Candidate is what a login method would learn.
	Candidate(t testing.TB, document identity.DocumentID) census.Candidate
	// LogIn gives a person a session made by the login, and a grant.
	LogIn(t testing.TB, person identity.PersonID, login string)
	// Live counts live sessions and grants.
	Live(t testing.TB, person identity.PersonID) (sessions, grants int)
	// Activation is the sum of the activation code, nil for none.
	Activation(t testing.TB, person identity.PersonID) []byte
	// SetPassword gives a person a password; HasPassword tells whether there is one.
	SetPassword(t testing.TB, person identity.PersonID)
	HasPassword(t testing.TB, person identity.PersonID) bool
	// AddDevice activates a device for a person; HasDevice tells whether there is one.
	AddDevice(t testing.TB, person identity.PersonID)
	HasDevice(t testing.TB, person identity.PersonID) bool
	// Lock closes Cl@ve PIN; Locked tells whether it is.
	Lock(t testing.TB, person identity.PersonID)
	Locked(t testing.TB, person identity.PersonID) bool
	// Invite sends a letter; Invited tells whether its code is live.
	Invite(t testing.TB, document identity.DocumentID)
	Invited(t testing.TB, document identity.DocumentID) bool
}

// World is a registrar with everything around it.
type World struct {
	*registrar.Registrar
	Parts
	Clock *Clock
	noted *noted
}

// Clock is a time that moves by a second each time it is asked.
type Clock struct{ seconds atomic.Int64 }

// Now tells the time.
func (c *Clock) Now() time.Time {
	return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).Add(time.Duration(c.seconds.Add(1)) * time.Second)
}

// loaded are the texts, which do not change and take a while to read.
var loaded = sync.OnceValues(lang.Load)

// New returns a world over the parts.
func New(t testing.TB, p Parts) *World {
	t.Helper()
	texts, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Parts: p, Clock: &Clock{}, noted: &noted{}}
	w.Registrar = registrar.New(registrar.Config{
		Tx: w, Store: p.Store, Activations: p.Activations, Passwords: p.Passwords, Devices: p.Devices, Codes: p.Codes, Sessions: p.Sessions, Grants: p.Grants,
		Locks: p.Locks, Invitations: p.Invitations, Receipts: p.Receipts, Notices: registrar.NewNotices(texts, "060", time.UTC),
		Outbox: outbox{p.Outbox}, Trail: trail{p.Trail}, Now: w.Clock.Now,
	})
	return w
}

// noted is what committed transactions sent and recorded.
type noted struct {
	mu       sync.Mutex
	messages []notify.Message
	events   []audit.Event
}

type notedKey struct{}

// Tx implements registrar.Transactor; what a transaction sends and records is noted
// when it is committed.
func (w *World) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(notedKey{}) != nil {
		return w.Parts.Tx.Tx(ctx, fn)
	}
	var this *noted
	err := w.Parts.Tx.Tx(ctx, func(ctx context.Context) error {
		this = &noted{} // the transaction may be run again
		return fn(context.WithValue(ctx, notedKey{}, this))
	})
	if err == nil {
		w.noted.mu.Lock()
		defer w.noted.mu.Unlock()
		w.noted.messages = append(w.noted.messages, this.messages...)
		w.noted.events = append(w.noted.events, this.events...)
	}
	return err
}

type outbox struct{ registrar.Outbox }

// Send implements registrar.Outbox.
func (o outbox) Send(ctx context.Context, m notify.Message) error {
	this := ctx.Value(notedKey{}).(*noted)
	this.messages = append(this.messages, m)
	return o.Outbox.Send(ctx, m)
}

type trail struct{ audit.Trail }

// Record implements audit.Trail.
func (r trail) Record(ctx context.Context, e audit.Event) error {
	this := ctx.Value(notedKey{}).(*noted)
	this.events = append(this.events, e)
	return r.Trail.Record(ctx, e)
}

// Messages are what went to a phone or an address, oldest first.
func (w *World) Messages(to string) []notify.Message {
	w.noted.mu.Lock()
	defer w.noted.mu.Unlock()
	var found []notify.Message
	for _, m := range w.noted.messages {
		if m.To == to {
			found = append(found, m)
		}
	}
	return found
}

// Purposes are the notices that went to a phone or an address.
func (w *World) Purposes(to string) []string {
	purposes := []string{}
	for _, m := range w.Messages(to) {
		purposes = append(purposes, m.Purpose)
	}
	return purposes
}

// Sent counts all messages.
func (w *World) Sent() int {
	w.noted.mu.Lock()
	defer w.noted.mu.Unlock()
	return len(w.noted.messages)
}

// Events are what the trail holds about a person, of the registration or of another
// kind.
func (w *World) Events(person identity.PersonID, kind audit.Kind) []audit.Event {
	w.noted.mu.Lock()
	defer w.noted.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.noted.events), func(e audit.Event) bool {
		return e.Person != person || e.Data.Kind() != kind
	})
}

// people numbers citizens and phones, so that no two worlds of a run meet.
var people atomic.Int64

// Citizen is a made-up person in the reference data.
type Citizen struct {
	Reference census.Reference
	Document  identity.DocumentID
	Email     identity.Email
}

// Citizens makes people and lets the register know them.
func (w *World) Citizens(t testing.TB, n int) []Citizen {
	t.Helper()
	citizens := make([]Citizen, n)
	references := make([]census.Reference, n)
	for i := range citizens {
		number := people.Add(1)
		citizens[i] = Citizen{Document: Document(t, number), Email: Email(t, fmt.Sprintf("citizen%d@correo.example", number))}
		citizens[i].Reference = census.Reference{
			Person: identity.Person{
				Document: citizens[i].Document, Kind: identity.DNI, GivenName: "PRUEBA", FirstSurname: "INVENTADA",
				BirthDate: identity.Date{Year: 1980, Month: 2, Day: 29},
			},
			SupportNumber: "BAA000589", IssueDate: identity.Date{Year: 2021, Month: 10, Day: 1}, ValidityDate: identity.Date{Year: 2031, Month: 10, Day: 1},
			Address: census.Address{Street: "CALLE INVENTADA 1", PostalCode: "28001", City: "MADRID", Province: "MADRID", Country: "ES"},
		}
		references[i] = citizens[i].Reference
	}
	w.Probe.Know(t, references...)
	return citizens
}

// Document is the DNI of a number.
func Document(t testing.TB, number int64) identity.DocumentID {
	t.Helper()
	d, err := identity.ParseDocument(fmt.Sprintf("%08d%c", number, "TRWAGMYFPDXBNJZSQVHLCKE"[number%23]))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Phones are Spanish mobile numbers that nobody else gets.
func Phones(t testing.TB, n int) []identity.Phone {
	t.Helper()
	phones := make([]identity.Phone, n)
	for i := range phones {
		p, err := identity.ParseE164(fmt.Sprintf("+346%08d", people.Add(1)))
		if err != nil {
			t.Fatal(err)
		}
		phones[i] = p
	}
	return phones
}

// Email is an address.
func Email(t testing.TB, address string) identity.Email {
	t.Helper()
	e, err := identity.ParseEmail(address)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Register registers a citizen or fails the test.
func (w *World) Register(t testing.TB, c Citizen, phone identity.Phone, by registrar.By) registrar.Done {
	t.Helper()
	done, err := w.Registrar.Register(context.Background(), registrar.Application{Document: c.Document, Phone: phone, Email: c.Email}, by)
	if err != nil {
		t.Fatalf("registering: %v", err)
	}
	return done
}

// Candidate is what a login method learns about a citizen.
func (w *World) Candidate(t testing.TB, c Citizen) census.Candidate {
	t.Helper()
	return w.Probe.Candidate(t, c.Document)
}

// Past is the history of a person.
func (w *World) Past(t testing.TB, person identity.PersonID) []registrar.Record {
	t.Helper()
	past, err := w.History(context.Background(), person)
	if err != nil {
		t.Fatal(err)
	}
	return past
}

// Given are the receipts of a person, oldest first.
func (w *World) Given(t testing.TB, person identity.PersonID) []receipt.Receipt {
	t.Helper()
	given, err := w.Parts.Receipts.ReceiptsOf(context.Background(), person, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(given)
	return given
}
