package registrar

import (
	"context"
	"fmt"
	"time"

	"clave/audit"
	"clave/census/receipt"
	"clave/identity"
)

// ChangePhone gives a person another phone, which is proven as in [Application].
// Whoever lost the phone to somebody else is registered again. Sessions and grants
// end, but for the session in which it is done: the phone of before may be in other
// hands. Cl@ve Permanente stays. ErrUnchanged, ErrState, ErrRevoked, ErrDeceased,
// ErrEvidence, ErrOwnRecord, ErrNoPerson.
func (r *Registrar) ChangePhone(ctx context.Context, person identity.PersonID, phone identity.Phone, by By) (done Done, err error) {
	err = r.proven(ctx, person, phone, by, func(ctx context.Context, h Held, now time.Time) (err error) {
		if err := mayChangePhone(h.Entry, by); err != nil {
			return err
		}
		if phone.IsZero() || phone == h.Phone {
			return ErrUnchanged
		}
		after := h.told(by)
		after.State, after.Phone = identity.Registered, phone
		done = Done{Person: person}
		if done.TookPhone, err = r.takeOver(ctx, h, by, now); err != nil {
			return err
		}
		if err := r.Locks.Unlock(ctx, person); err != nil {
			return fmt.Errorf("unlocking Cl@ve PIN: %w", err)
		}
		if err := r.expel(ctx, person, by.Actor(), by.Login, string(PhoneChanged), now); err != nil {
			return err
		}
		done.Receipt, err = r.conclude(ctx, act{
			change: PhoneChanged, by: by, actor: by.Actor(), at: now, before: h.Entry, after: after, fact: receipt.Changed,
		})
		return err
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// ChangeEmail gives a person another e-mail address, to be confirmed. proven is the
// phone whose code the caller spent in the same transaction; see [NeedsPhone]. The
// address of before gets a notice. ErrUnchanged, ErrPhone, ErrState, ErrRevoked,
// ErrDeceased, ErrEvidence, ErrOwnRecord, ErrNoPerson.
func (r *Registrar) ChangeEmail(ctx context.Context, person identity.PersonID, email identity.Email, proven identity.Phone, by By) (done Done, err error) {
	err = r.on(ctx, person, identity.Phone{}, by, func(ctx context.Context, h Held, now time.Time) (err error) {
		if err := mayChangeEmail(h.Entry, by); err != nil {
			return err
		}
		if email.IsZero() || email == h.Email {
			return ErrUnchanged
		}
		if err := inHands(h.Entry, by, proven); err != nil {
			return err
		}
		after := h.told(by)
		after.Email, after.EmailConfirmed = email, false
		done = Done{Person: person}
		done.Receipt, err = r.conclude(ctx, act{
			change: EmailChanged, by: by, actor: by.Actor(), at: now, before: h.Entry, after: after, fact: receipt.Changed,
		})
		return err
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// ConfirmEmail notes that a code which went to the address came back. It is no
// change of the citizen's data: there is no receipt and no notice. ErrOtherEmail,
// ErrConfirmed, ErrState, ErrRevoked, ErrDeceased, ErrEvidence, ErrOwnRecord,
// ErrNoPerson.
func (r *Registrar) ConfirmEmail(ctx context.Context, person identity.PersonID, email identity.Email, by By) error {
	return r.on(ctx, person, identity.Phone{}, by, func(ctx context.Context, h Held, now time.Time) error {
		if err := mayConfirmEmail(h.Entry, email, by); err != nil {
			return err
		}
		after := h.Entry
		after.EmailConfirmed = true
		_, err := r.conclude(ctx, act{change: EmailConfirmed, by: by, actor: by.Actor(), at: now, before: h.Entry, after: after})
		return err
	})
}

// Regenerate issues a new activation code for Cl@ve Permanente; the one of before is
// void. ErrState, ErrRevoked, ErrDeceased, ErrEvidence, ErrOwnRecord, ErrNoPerson.
func (r *Registrar) Regenerate(ctx context.Context, person identity.PersonID, by By) (done Done, err error) {
	err = r.on(ctx, person, identity.Phone{}, by, func(ctx context.Context, h Held, now time.Time) (err error) {
		if err := mayRegenerate(h.Entry, by); err != nil {
			return err
		}
		done = Done{Person: person}
		if done.Activation, err = r.activate(ctx, person, now); err != nil {
			return err
		}
		done.Receipt, err = r.conclude(ctx, act{
			change: Regenerated, by: by, actor: by.Actor(), at: now, before: h.Entry, after: h.told(by), fact: receipt.Regenerated,
		})
		return err
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// Followed notes that an import gave the person another document number. The
// register has moved the person already, in the same transaction.
func (r *Registrar) Followed(ctx context.Context, person identity.PersonID, actor audit.Actor) error {
	return r.on(ctx, person, identity.Phone{}, By{}, func(ctx context.Context, h Held, now time.Time) error {
		err := r.Trail.Record(ctx, audit.Event{Actor: actor, Person: person, Data: audit.DocumentFollowed{}})
		if err != nil {
			return err
		}
		_, err = r.conclude(ctx, act{change: DocumentChanged, actor: actor, at: now, before: h.Entry, after: h.Entry})
		return err
	})
}
