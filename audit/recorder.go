package audit

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"clave/identity"
)

// EventStore keeps rows.
type EventStore interface {
	// AddEvent inserts the row in the transaction that ctx carries, without
	// waiting for the answer.
	AddEvent(ctx context.Context, r Row) error
}

// Cipher seals and opens personal values; [keys.Sealer] is one.
type Cipher interface {
	Seal(plain []byte, aad ...string) []byte
	Open(sealed []byte, aad ...string) ([]byte, error)
}

// Recorder is the Trail of an installation.
type Recorder struct {
	store  EventStore
	cipher Cipher
	now    func() time.Time
}

// NewRecorder returns a Trail that keeps its events in the store.
func NewRecorder(store EventStore, cipher Cipher, now func() time.Time) *Recorder {
	return &Recorder{store, cipher, now}
}

// Record implements Trail.
func (t *Recorder) Record(ctx context.Context, e Event) error {
	if e.Actor == "" || e.Data == nil {
		return errors.New("recording an audit event: it has no actor or no data")
	}
	data, err := json.Marshal(e.Data)
	if err != nil {
		return fmt.Errorf("recording the audit event %s: %w", e.Data.Kind(), err)
	}
	r := Row{
		ID: rand.Text(), At: t.now().UTC().Truncate(time.Microsecond), Kind: e.Data.Kind(), Actor: e.Actor,
		Person: string(e.Person), RelyingParty: e.RelyingParty, Login: e.Login, Data: string(data),
	}
	if !e.Personal.Address.IsValid() {
		from := RequesterFrom(ctx)
		e.Personal.Address, e.Personal.Browser = from.Address, BrowserOf(from.Agent)
	}
	if r.Personal, err = r.seal(t.cipher, e.Personal); err != nil {
		return fmt.Errorf("recording the audit event %s: %w", r.Kind, err)
	}
	if err := t.store.AddEvent(ctx, r); err != nil {
		return fmt.Errorf("recording the audit event %s: %w", r.Kind, err)
	}
	return nil
}

// clearPersonal is Personal inside the seal.
type clearPersonal struct {
	Document    string     `json:"document,omitempty"`
	Guardian    string     `json:"guardian,omitempty"`
	Certificate string     `json:"certificate,omitempty"`
	Address     netip.Addr `json:"address,omitzero"`
	Browser     Browser    `json:"browser,omitempty"`
}

// seal binds the personal values to all other columns: nobody without the
// sealing key can make a row that the sealer takes, not even one without
// personal values.
func (r Row) seal(c Cipher, p Personal) ([]byte, error) {
	inside := clearPersonal{Certificate: p.Certificate, Address: p.Address, Browser: p.Browser}
	if !p.Document.IsZero() {
		inside.Document = p.Document.Reveal() // goes only into the seal
	}
	if !p.Guardian.IsZero() {
		inside.Guardian = p.Guardian.Reveal() // likewise
	}
	plain, err := json.Marshal(inside)
	if err != nil {
		return nil, err
	}
	return c.Seal(plain, r.aad()...), nil
}

func (r Row) open(c Cipher) (inside clearPersonal, err error) {
	plain, err := c.Open(r.Personal, r.aad()...)
	if err != nil {
		return inside, err
	}
	return inside, json.Unmarshal(plain, &inside)
}

func (r Row) aad() []string {
	r.Personal = nil
	columns := r.Hash()
	return []string{"audit_events", "personal", r.ID, string(columns[:])}
}

// Reveal opens what identifies somebody in a row.
func (r Row) Reveal(c Cipher) (Personal, error) {
	inside, err := r.open(c)
	if err != nil {
		return Personal{}, fmt.Errorf("opening the personal values of audit event %s: %w", r.ID, err)
	}
	p := Personal{Certificate: inside.Certificate, Address: inside.Address, Browser: inside.Browser}
	for into, number := range map[*identity.DocumentID]string{&p.Document: inside.Document, &p.Guardian: inside.Guardian} {
		if number == "" {
			continue
		}
		if *into, err = identity.ParseDocument(number); err != nil {
			return Personal{}, fmt.Errorf("opening the personal values of audit event %s: %w", r.ID, err)
		}
	}
	return p, nil
}
