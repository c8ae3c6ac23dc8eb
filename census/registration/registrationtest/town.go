package registrationtest

import (
	"context"
	"sync"
	"time"

	"clave/census"
	"clave/census/invitation"
	"clave/census/receipt"
	"clave/census/receipt/receipttest"
	"clave/census/registrar"
	"clave/identity"
	"clave/internal/onetime"
)

// Town issues letters and registers citizens, in memory and by the rules that those
// who do it in the product have: a letter in 24 hours, five tries in ten minutes, a
// code used once; a phone that is another citizen's leaves them.
type Town struct {
	register *Register
	now      func() time.Time
	// Receipts are those of finished registrations.
	Receipts *receipttest.Memory

	mu        sync.Mutex
	letters   map[identity.DocumentID]*posted
	confirmed map[identity.PersonID]identity.Email
}

// Confirmed is the address that somebody confirmed; none for who did not.
func (w *Town) Confirmed(person identity.PersonID) identity.Email {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.confirmed[person]
}

// confirm implements the confirmation of an address.
func (w *Town) confirm(ctx context.Context, c census.Candidate, email identity.Email) error {
	if err := w.mayConfirm(c, email); err != nil {
		return err
	}
	OnCommit(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.confirmed[c.PersonID] = email
	})
	return nil
}

func (w *Town) mayConfirm(c census.Candidate, email identity.Email) error {
	switch {
	case !c.Email.Same(email):
		return registrar.ErrOtherEmail
	case w.Confirmed(c.PersonID).Same(email):
		return registrar.ErrConfirmed
	}
	return nil
}

type posted struct {
	at    time.Time
	code  string
	spent bool
	wrong []time.Time
}

// Letter is the code of the last letter to a document, which must have been sent.
func (w *Town) Letter(number string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l := w.letters[Document(number)]; l != nil {
		return l.code
	}
	panic("registrationtest: no letter was sent")
}

// Sent tells whether a letter was sent to a document.
func (w *Town) Sent(number string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.letters[Document(number)] != nil
}

// Request implements registration.Invitations.
func (w *Town) Request(ctx context.Context, document identity.DocumentID, _ string) error {
	c, err := w.register.Candidate(ctx, document)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last := w.letters[document]
	switch {
	case !invitation.Eligible(c.State):
		return &invitation.Refused{Cause: invitation.NotEligible, State: c.State}
	case c.Reference.Address == census.Address{}:
		return &invitation.Refused{Cause: invitation.NoAddress}
	case last != nil && w.now().Before(last.at.Add(24*time.Hour)):
		return &invitation.Refused{Cause: invitation.TooSoon, Until: last.at.Add(24 * time.Hour)}
	}
	code := onetime.NewPrinted(onetime.InvitationLength)
	OnCommit(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.letters[document] = &posted{at: w.now(), code: code}
	})
	return nil
}

// Check implements registration.Invitations.
func (w *Town) Check(ctx context.Context, document identity.DocumentID, typed string) error {
	return w.attempt(ctx, document, typed, false)
}

// Spend implements registration.Invitations.
func (w *Town) Spend(ctx context.Context, document identity.DocumentID, typed string) error {
	return w.attempt(ctx, document, typed, true)
}

func (w *Town) attempt(ctx context.Context, document identity.DocumentID, typed string, use bool) error {
	c, err := w.register.Candidate(ctx, document)
	if err != nil {
		return err
	}
	if !invitation.Eligible(c.State) {
		return &invitation.Refused{Cause: invitation.NotEligible, State: c.State}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.letters[document] == nil {
		w.letters[document] = &posted{}
	}
	l := w.letters[document]
	recent := 0
	for _, at := range l.wrong {
		if w.now().Before(at.Add(10 * time.Minute)) {
			recent++
		}
	}
	if recent >= 5 {
		return &invitation.Refused{Cause: invitation.TooManyTries, Until: l.wrong[len(l.wrong)-5].Add(10 * time.Minute)}
	}
	code, ok := onetime.ReadPrinted(typed, onetime.InvitationLength)
	if !ok {
		return &invitation.Refused{Cause: invitation.WrongCode, Left: 5 - recent}
	}
	if code != l.code || l.spent {
		l.wrong = append(l.wrong, w.now())
		cause := invitation.WrongCode
		if code == l.code {
			cause = invitation.OldCode
		}
		return &invitation.Refused{Cause: cause, Left: 4 - recent}
	}
	if use {
		OnCommit(ctx, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			l.spent = true
		})
	}
	return nil
}

// Holds implements registration.Registrar.
func (w *Town) Holds(_ context.Context, phone identity.Phone, document identity.DocumentID) (bool, error) {
	holder := w.register.Holder(phone)
	return !holder.IsZero() && holder != document, nil
}

// Allows implements registration.Registrar, by the state alone.
func (w *Town) Allows(_ context.Context, change registrar.Change, person identity.PersonID, by registrar.By) (registrar.Entry, error) {
	c := w.register.Person(person)
	e := registrar.Entry{Identity: c.Reference.Person, Deceased: c.Deceased}
	e.Person, e.Document, e.State, e.Level, e.Phone, e.Email = person, c.Reference.Document, c.State, c.Registration, c.Phone, c.Email
	enters := change == registrar.Registered
	switch {
	case by.Officer != "" && by.Officer == person:
		return e, registrar.ErrOwnRecord
	case c.State == identity.Revoked:
		return e, registrar.ErrRevoked
	case enters != invitation.Eligible(c.State) && c.State != identity.PhoneRevoked:
		return e, registrar.StateError{State: c.State}
	case !strong(by) && (enters || change == registrar.PhoneChanged || change == registrar.Raised):
		return e, registrar.ErrEvidence
	case change == registrar.Raised && c.Registration == identity.Advanced:
		return e, registrar.ErrNotHigher
	case change == registrar.EmailConfirmed:
		return e, w.mayConfirm(c, c.Email)
	}
	return e, nil
}

// Do implements registration.Registrar.
func (w *Town) Do(ctx context.Context, o registrar.Order, by registrar.By) (registrar.Done, error) {
	c, err := w.register.Candidate(ctx, o.Document)
	if err != nil {
		return registrar.Done{}, err
	}
	if o.Change == registrar.Registered && !invitation.Eligible(c.State) {
		return registrar.Done{}, registrar.StateError{State: c.State}
	}
	if o.Change == registrar.EmailConfirmed {
		return registrar.Done{Person: o.Person}, w.confirm(ctx, c, o.Email)
	}
	asked := o.Change == registrar.EmailChanged || o.Change == registrar.Withdrawn
	if asked && by.Officer == "" && c.State == identity.Registered && o.Phone != c.Phone {
		return registrar.Done{}, registrar.ErrPhone
	}
	holder := w.register.Holder(o.Phone)
	took := !o.Phone.IsZero() && !holder.IsZero() && holder != o.Document
	was := c
	enter(&c, o, by)
	done := registrar.Done{
		Person: c.PersonID, TookPhone: took,
		Receipt: receipt.New(receipt.Receipt{
			Person: c.PersonID, Fact: fact(o.Change), At: w.now(), Identity: c.Reference.Person, Phone: c.Phone, Email: c.Email,
			Channel: by.Channel, Level: c.Registration, Language: by.Language, Conditions: by.Conditions,
		}),
	}
	if o.Change == registrar.Registered || o.Change == registrar.Regenerated {
		done.Activation = "AAAA-BBBB-CCCC"
	}
	if err := w.Receipts.AddReceipt(ctx, done.Receipt); err != nil {
		return registrar.Done{}, err
	}
	OnCommit(ctx, func() {
		if took {
			w.register.Change(holder, func(c *census.Candidate) { c.State, c.Phone = identity.PhoneRevoked, identity.Phone{} })
		}
		w.register.Change(was.Reference.Document, func(held *census.Candidate) { *held = c })
	})
	return done, nil
}

// strong tells whether somebody has a certificate, or stands at a desk.
func strong(by registrar.By) bool { return by.Method == identity.Certificate || by.Officer != "" }

// enter is a candidate after a change.
func enter(c *census.Candidate, o registrar.Order, by registrar.By) {
	switch o.Change {
	case registrar.Registered:
		c.State, c.Registration, c.Channel, c.Phone, c.Email = identity.Registered, identity.Basic, by.Channel, o.Phone, o.Email
		c.PersonID = "new"
		if strong(by) {
			c.Registration = identity.Advanced
		}
	case registrar.PhoneChanged:
		c.State, c.Phone = identity.Registered, o.Phone
	case registrar.EmailChanged:
		c.Email = o.Email
	case registrar.Raised:
		c.Registration = identity.Advanced
	case registrar.Withdrawn:
		c.State, c.Registration = identity.Withdrawn, identity.NoRegistration
	}
}

func fact(change registrar.Change) receipt.Fact {
	switch change {
	case registrar.Registered:
		return receipt.Registered
	case registrar.Raised:
		return receipt.Raised
	case registrar.Regenerated:
		return receipt.Regenerated
	case registrar.Withdrawn:
		return receipt.Withdrawn
	}
	return receipt.Changed
}
