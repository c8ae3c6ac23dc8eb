package invitation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"clave/audit"
	"clave/census"
	"clave/identity"
	"clave/internal/onetime"
	"clave/notify/letter"
)

// Register says what is known about a document; store.Persons is one.
type Register interface {
	Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error)
}

// Transactor opens transactions; store.DB is one. A transaction inside one joins it.
type Transactor interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Hasher hashes codes with a key that lasts as long as letters; keys.Keyring.Activation
// is one.
type Hasher interface {
	Sum(parts ...string) []byte
	Equal(sum []byte, parts ...string) bool
}

// Config is what Invitations are made from.
type Config struct {
	Tx       Transactor
	Register Register
	Store    Store
	Letters  letter.Queue
	Codes    Hasher
	Trail    audit.Trail
	Now      func() time.Time
}

// Invitations issues and takes the codes of invitation letters.
type Invitations struct{ c Config }

// New returns the invitations of an installation.
func New(c Config) *Invitations { return &Invitations{c} }

// Request queues a letter with a new code to the fiscal address of the document's
// holder, in the language, and voids the former code. The caller has checked the pair
// of document and contrast datum. It joins the transaction in ctx, or opens one, and
// answers *Refused when there is no letter; nothing was changed then.
func (s *Invitations) Request(ctx context.Context, document identity.DocumentID, language string) error {
	return s.c.Tx.Tx(ctx, func(ctx context.Context) error {
		now := s.c.Now().UTC().Truncate(time.Microsecond)
		held, err := s.c.Store.HoldInvitations(ctx, document)
		if err != nil {
			return fmt.Errorf("requesting a letter: %w", err)
		}
		c, err := s.c.Register.Candidate(ctx, document)
		if err != nil {
			return fmt.Errorf("requesting a letter: %w", err)
		}
		if refused := mayRequest(&c, held.Letters, now); refused != nil {
			return refused
		}
		if err := s.issue(ctx, &c, held, language, now); err != nil {
			return fmt.Errorf("requesting a letter: %w", err)
		}
		return nil
	})
}

func (s *Invitations) issue(ctx context.Context, c *census.Candidate, held Held, language string, now time.Time) error {
	document := c.Reference.Document
	for _, old := range held.Invitations {
		if old.Live(now) {
			if err := s.c.Letters.DropLetter(ctx, old.Letter); err != nil {
				return err
			}
		}
	}
	code := onetime.NewPrinted(onetime.InvitationLength)
	issued := Invitation{ID: onetime.NewID(), Letter: letter.NewNumber(), IssuedAt: now, ExpiresAt: now.Add(Life)}
	issued.Sum = s.c.Codes.Sum(hashed, issued.ID, code)
	if err := s.c.Store.AddInvitation(ctx, document, issued); err != nil {
		return err
	}
	letters := held.Letters.With(now, longest(Letters()))
	if err := s.c.Store.KeepTimes(ctx, document, letters, held.Tries); err != nil {
		return err
	}
	if err := s.c.Letters.AddLetter(ctx, letter.Letter{
		Number: issued.Letter, Purpose: letter.Invitation, Language: language, To: recipient(&c.Reference),
		Code: code, QueuedAt: now, ExpiresAt: issued.ExpiresAt,
	}); err != nil {
		return err
	}
	return s.record(ctx, c, audit.InvitationIssued{Letter: issued.Letter, InMonth: len(letters.Times)})
}

// hashed tells codes of letters from other codes under the same key.
const hashed = "invitation"

// recipient is whom the window of the envelope shows.
func recipient(r *census.Reference) letter.Recipient {
	return letter.Recipient{
		Name:   strings.TrimSpace(r.GivenName + " " + r.FamilyName()),
		Street: r.Address.Street, PostalCode: r.Address.PostalCode, City: r.Address.City,
		Province: r.Address.Province, Country: r.Address.Country,
	}
}

// Check tells whether a typed code would be taken now, without using it up. A wrong one
// is counted. It opens a transaction of its own; called inside one it joins it, and the
// caller commits after *Refused, or the try is forgotten.
func (s *Invitations) Check(ctx context.Context, document identity.DocumentID, typed string) error {
	return s.attempt(ctx, document, typed, func(context.Context, *Invitation, time.Time) (bool, error) { return true, nil })
}

// Spend uses a code up, in the transaction that ctx carries: that of the registration. It
// answers *Refused when the code is not taken; a caller who has not called Check commits
// then, or the try is forgotten.
func (s *Invitations) Spend(ctx context.Context, document identity.DocumentID, typed string) error {
	return s.attempt(ctx, document, typed, func(ctx context.Context, i *Invitation, now time.Time) (bool, error) {
		return s.c.Store.SpendInvitation(ctx, i.ID, now)
	})
}

// attempt looks for the typed code among the document's and lets use have it.
func (s *Invitations) attempt(ctx context.Context, document identity.DocumentID, typed string,
	use func(ctx context.Context, i *Invitation, now time.Time) (bool, error),
) error {
	var refused *Refused
	err := s.c.Tx.Tx(ctx, func(ctx context.Context) error {
		refused = nil // the transaction may be run again
		now := s.c.Now().UTC().Truncate(time.Microsecond)
		held, err := s.c.Store.HoldInvitations(ctx, document)
		if err != nil {
			return err
		}
		if until := held.Tries.Full(Tries(), now); !until.IsZero() {
			refused = &Refused{Cause: TooManyTries, Until: until}
			return nil
		}
		c, err := s.c.Register.Candidate(ctx, document)
		if err != nil {
			return err
		}
		if !c.Known || c.Deceased || !Eligible(c.State) {
			refused = &Refused{Cause: NotEligible, State: c.State}
			return nil
		}
		code, ok := onetime.ReadPrinted(typed, onetime.InvitationLength)
		if !ok { // a slip of the fingers is no try
			refused = &Refused{Cause: WrongCode, Left: Tries()[0].Most - held.Tries.Count(longest(Tries()), now)}
			return nil
		}
		cause := WrongCode
		if found := s.find(held.Invitations, code); found != nil {
			cause = OldCode
			if found.Live(now) {
				used, err := use(ctx, found, now)
				if err != nil || used {
					return err
				}
			}
		}
		tries := held.Tries.With(now, longest(Tries()))
		refused = &Refused{Cause: cause, Left: max(0, Tries()[0].Most-len(tries.Times))}
		if err := s.c.Store.KeepTimes(ctx, document, held.Letters, tries); err != nil {
			return err
		}
		return s.record(ctx, &c, audit.InvitationWrong{InTenMinutes: len(tries.Times)})
	})
	if err != nil {
		return fmt.Errorf("taking an invitation code: %w", err)
	}
	if refused != nil {
		return refused
	}
	return nil
}

// find returns the invitation with the code, or nil.
func (s *Invitations) find(invitations []Invitation, code string) *Invitation {
	for i := range invitations {
		if s.c.Codes.Equal(invitations[i].Sum, hashed, invitations[i].ID, code) {
			return &invitations[i]
		}
	}
	return nil
}

// Returned notes that the post brought a letter back and voids its code: whoever lives
// at that address now has seen the envelope. It answers false for a number that names no
// letter that was handed over, or one that came back before. It joins the transaction in
// ctx, or opens one; actor is who says so.
func (s *Invitations) Returned(ctx context.Context, number string, actor audit.Actor) (bool, error) {
	known := false
	err := s.c.Tx.Tx(ctx, func(ctx context.Context) error {
		now := s.c.Now().UTC().Truncate(time.Microsecond)
		purpose, found, err := s.c.Letters.ReturnLetter(ctx, number, now)
		if known = found; err != nil || !found {
			return err
		}
		voided := false
		if purpose == letter.Invitation {
			if voided, err = s.c.Store.ReturnInvitation(ctx, number, now); err != nil {
				return err
			}
		}
		return s.c.Trail.Record(ctx, audit.Event{Actor: actor, Data: audit.LetterReturned{Letter: number, Voided: voided}})
	})
	if err != nil {
		return false, fmt.Errorf("taking letter %s back: %w", number, err)
	}
	return known, nil
}

func (s *Invitations) record(ctx context.Context, c *census.Candidate, data audit.Data) error {
	e := audit.Event{Actor: audit.Citizen, Person: c.PersonID, Data: data}
	if c.PersonID == "" {
		e.Personal.Document = c.Reference.Document
	}
	return s.c.Trail.Record(ctx, e)
}
