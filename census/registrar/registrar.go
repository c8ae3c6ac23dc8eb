package registrar

import (
	"context"
	"fmt"
	"time"

	"clave/audit"
	"clave/census/receipt"
	"clave/identity"
	"clave/internal/onetime"
	"clave/notify"
)

// Transactor runs a transaction that travels in the context; one inside another
// joins it.
type Transactor interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Store keeps registrations. Everything but HeldByAnother and History is called
// inside a transaction.
type Store interface {
	Reader
	// Ensure gives the person of a document, and makes one, unregistered, for a
	// document that has none. ErrNotKnown when the reference data do not hold it.
	Ensure(ctx context.Context, document identity.DocumentID, now time.Time) (identity.PersonID, error)
	// Hold reads a person and holds the row until the transaction ends. With a phone
	// it first waits for every other claim of that phone, and reads and holds its
	// holder as well, so that two claims come one after the other. ErrNoPerson.
	Hold(ctx context.Context, person identity.PersonID, phone identity.Phone, now time.Time) (Held, error)
	// Save writes the row of an entry that this transaction holds, and adds the line
	// to its history.
	Save(ctx context.Context, e Entry, r Record) error
	// HeldByAnother tells whether a registered citizen with another document has the
	// phone.
	HeldByAnother(ctx context.Context, phone identity.Phone, document identity.DocumentID) (bool, error)
}

// Reader reads for pages, and holds nobody.
type Reader interface {
	// Entry reads a person. ErrNoPerson.
	Entry(ctx context.Context, person identity.PersonID) (Entry, error)
	// History returns the lines of a person, oldest first, or an error when one is
	// missing or was tampered with.
	History(ctx context.Context, person identity.PersonID) ([]Record, error)
}

// Activations keep the one activation code that a person may have, hashed.
type Activations interface {
	// KeepActivation stores the sum of a new code; an older one is void.
	KeepActivation(ctx context.Context, person identity.PersonID, sum []byte, now time.Time) error
	// VoidActivation forgets the code, if there is one.
	VoidActivation(ctx context.Context, person identity.PersonID) error
}

// Passwords of Cl@ve Permanente rest on the registration in which they were set.
type Passwords interface {
	// VoidPassword forgets a person's, if there is one.
	VoidPassword(ctx context.Context, person identity.PersonID) error
}

// Devices of Cl@ve Móvil rest on the registration, and on the phone, with which they
// were activated.
type Devices interface {
	// ForgetDevices forgets a person's, and what is under way for them.
	ForgetDevices(ctx context.Context, person identity.PersonID) error
}

// Codes hashes activation codes under a key that the database does not hold.
type Codes interface {
	Sum(parts ...string) []byte
}

// Sessions are what browsers proved.
type Sessions interface {
	// EndSessions ends all live sessions of a person, but the one that the login
	// made, and names them.
	EndSessions(ctx context.Context, person identity.PersonID, exceptLogin string, now time.Time) ([]string, error)
}

// Grants are what relying parties got.
type Grants interface {
	RevokePerson(ctx context.Context, person identity.PersonID, now time.Time) error
}

// Locks close Cl@ve PIN to citizens after too many wrong ones.
type Locks interface {
	// Hold waits for logins by PIN under way, and lets none go on until the
	// transaction ends.
	Hold(ctx context.Context, person identity.PersonID) error
	// Unlock opens, and voids PINs that were sent before.
	Unlock(ctx context.Context, person identity.PersonID) error
}

// Invitations are codes in letters under way.
type Invitations interface {
	// VoidInvitation voids the code that was sent for a document, if there is one.
	VoidInvitation(ctx context.Context, document identity.DocumentID, now time.Time) error
}

// Receipts keep what citizens got.
type Receipts interface {
	AddReceipt(ctx context.Context, r receipt.Receipt) error
}

// Outbox sends messages with the transaction in ctx.
type Outbox interface {
	Send(ctx context.Context, m notify.Message) error
}

// Config is what a Registrar needs. Every field is required.
type Config struct {
	Tx          Transactor
	Store       Store
	Activations Activations
	Passwords   Passwords
	Devices     Devices
	Codes       Codes
	Sessions    Sessions
	Grants      Grants
	Locks       Locks
	Invitations Invitations
	Receipts    Receipts
	Outbox      Outbox
	Notices     *Notices
	Trail       audit.Trail
	Now         func() time.Time
}

// Registrar changes registrations, each time with all that follows. Its methods
// join the caller's transaction and may be run again with it; callers do not hold
// persons' rows before. It is safe for concurrent use.
type Registrar struct{ Config }

// New returns a registrar.
func New(c Config) *Registrar { return &Registrar{c} }

// Done is what the citizen gets.
type Done struct {
	Person  identity.PersonID
	Receipt receipt.Receipt
	// Activation is the new activation code in three groups of four, to be shown
	// once; empty when none was issued.
	Activation string
	// TookPhone: the phone was another citizen's until now.
	TookPhone bool
}

// Holds tells whether the phone is registered to another document, for the page
// that explains what proving it will do.
func (r *Registrar) Holds(ctx context.Context, phone identity.Phone, document identity.DocumentID) (heldByAnother bool, err error) {
	heldByAnother, err = r.Store.HeldByAnother(ctx, phone, document)
	if err != nil {
		return false, fmt.Errorf("asking who holds a phone: %w", err)
	}
	return heldByAnother, nil
}

// History returns everything that happened to a person's registration, oldest first.
func (r *Registrar) History(ctx context.Context, person identity.PersonID) ([]Record, error) {
	return r.Store.History(ctx, person)
}

// act is one change under way.
type act struct {
	change Change
	by     By
	actor  audit.Actor
	at     time.Time
	before Entry
	after  Entry
	// fact is what the receipt says; empty for a change without one.
	fact receipt.Fact
	// other is who has the phone since, of PhoneTaken.
	other identity.PersonID
}

// clock is now as the database keeps it.
func (r *Registrar) clock() time.Time { return r.Now().UTC().Truncate(time.Microsecond) }

// on holds a person and a claimed phone and changes the entry as decide says.
func (r *Registrar) on(ctx context.Context, person identity.PersonID, phone identity.Phone, by By, do func(ctx context.Context, h Held, now time.Time) error) error {
	return r.Tx.Tx(ctx, func(ctx context.Context) error {
		now := r.clock()
		held, err := r.Store.Hold(ctx, person, phone, now)
		if err != nil {
			return fmt.Errorf("holding person %s: %w", person, err)
		}
		if err := own(held.Entry, by); err != nil {
			return err
		}
		return do(ctx, held, now)
	})
}

// proven is on for who proves otherwise than by PIN who they are, which opens Cl@ve PIN
// when the act succeeds. A login by PIN holds the count of wrong ones and then the
// person: in another order the two would wait for each other.
func (r *Registrar) proven(ctx context.Context, person identity.PersonID, phone identity.Phone, by By, do func(ctx context.Context, h Held, now time.Time) error) error {
	return r.Tx.Tx(ctx, func(ctx context.Context) error {
		if err := r.Locks.Hold(ctx, person); err != nil {
			return fmt.Errorf("waiting for logins by PIN: %w", err)
		}
		return r.on(ctx, person, phone, by, do)
	})
}

// conclude writes what happened: row, history, receipt, audit event and notices.
func (r *Registrar) conclude(ctx context.Context, a act) (receipt.Receipt, error) {
	var given receipt.Receipt
	if a.fact != "" {
		phone, email := a.after.Phone, a.after.Email
		if a.change == Withdrawn && a.by.proof() == byLetter {
			// Whoever stole a letter must not learn from the receipt what they never typed.
			phone, email = identity.Phone{}, identity.Email{}
		}
		given = receipt.New(receipt.Receipt{
			Person: a.after.Person, Fact: a.fact, At: a.at, Identity: a.after.Identity,
			Phone: phone, Email: email, Channel: a.after.Channel, Level: a.after.present(),
			Office: a.by.Office, Officer: string(a.by.Officer), Language: a.after.Language, Conditions: a.after.Conditions,
		})
		if err := r.Receipts.AddReceipt(ctx, given); err != nil {
			return given, fmt.Errorf("giving a receipt of %s: %w", a.change, err)
		}
	}
	record := Record{
		Number: a.after.Changes + 1, Change: a.change, At: a.at, Actor: a.actor, By: a.by,
		State: a.after.State, Level: a.after.present(), Channel: a.after.Channel, Document: a.after.Document,
		Phone: a.after.Phone, Email: a.after.Email, Conditions: a.after.Conditions, Receipt: given.ID, Other: a.other,
	}
	if err := r.Store.Save(ctx, a.after, record); err != nil {
		return given, fmt.Errorf("saving that person %s was %s: %w", a.after.Person, a.change, err)
	}
	err := r.Trail.Record(ctx, audit.Event{
		Actor: a.actor, Person: a.after.Person, Login: a.by.Login,
		Data: audit.RegistrationChanged{
			Change: string(a.change), State: a.after.State, Channel: a.after.Channel, Level: a.after.present(),
			Method: a.by.Method, Office: a.by.Office, Seen: a.by.Seen.Words(), Reason: a.by.Reason, Proposer: a.by.Proposer,
			Receipt: given.ID, Other: a.other,
		},
		Personal: audit.Personal{Guardian: a.by.Seen.Guardian},
	})
	if err != nil {
		return given, err
	}
	return given, r.notify(ctx, a)
}

// activate issues a new activation code; the one of before is void.
func (r *Registrar) activate(ctx context.Context, person identity.PersonID, now time.Time) (code string, err error) {
	code = onetime.NewPrinted(onetime.ActivationLength)
	if err := r.Activations.KeepActivation(ctx, person, r.Codes.Sum(ActivationParts(person, code)...), now); err != nil {
		return "", fmt.Errorf("issuing an activation code: %w", err)
	}
	return onetime.Grouped(code), nil
}

// ActivationParts are what the sum of an activation code is made of: the code
// without groups, as onetime.ReadPrinted gives it.
func ActivationParts(person identity.PersonID, code string) []string {
	return []string{"activation", string(person), code}
}

// expel ends what rests on the phone or the registration of before: sessions, but
// the one of the login named, and what relying parties were given.
func (r *Registrar) expel(ctx context.Context, person identity.PersonID, actor audit.Actor, exceptLogin, why string, now time.Time) error {
	ended, err := r.Sessions.EndSessions(ctx, person, exceptLogin, now)
	if err != nil {
		return fmt.Errorf("ending the sessions of person %s: %w", person, err)
	}
	for _, session := range ended {
		err := r.Trail.Record(ctx, audit.Event{Actor: actor, Person: person, Data: audit.SessionEnded{Session: session, Reason: why}})
		if err != nil {
			return err
		}
	}
	return r.Grants.RevokePerson(ctx, person, now)
}

// bury ends everything that a registration gave: what expel does, and codes on paper.
func (r *Registrar) bury(ctx context.Context, e Entry, actor audit.Actor, why string, now time.Time) error {
	if err := r.expel(ctx, e.Person, actor, "", why, now); err != nil {
		return err
	}
	if err := r.Activations.VoidActivation(ctx, e.Person); err != nil {
		return fmt.Errorf("voiding an activation code: %w", err)
	}
	if err := r.Passwords.VoidPassword(ctx, e.Person); err != nil {
		return fmt.Errorf("voiding a password: %w", err)
	}
	if err := r.forgetDevices(ctx, e.Person); err != nil {
		return err
	}
	return r.voidInvitation(ctx, e, now)
}

func (r *Registrar) forgetDevices(ctx context.Context, person identity.PersonID) error {
	if err := r.Devices.ForgetDevices(ctx, person); err != nil {
		return fmt.Errorf("forgetting the devices of person %s: %w", person, err)
	}
	return nil
}

func (r *Registrar) voidInvitation(ctx context.Context, e Entry, now time.Time) error {
	if e.Document.IsZero() {
		return nil // came through eIDAS: no letter was ever sent
	}
	if err := r.Invitations.VoidInvitation(ctx, e.Document, now); err != nil {
		return fmt.Errorf("voiding an invitation: %w", err)
	}
	return nil
}
