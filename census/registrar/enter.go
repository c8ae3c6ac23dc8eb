package registrar

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"clave/audit"
	"clave/census/receipt"
	"clave/identity"
)

// Application is what somebody registers with. It prints masked.
type Application struct {
	Document identity.DocumentID
	// Phone is proven: the caller spent a code that went to it in the same
	// transaction. Nothing else takes a phone from another citizen.
	Phone identity.Phone
	// Email is what was typed; it is confirmed later.
	Email identity.Email
}

// String returns a masked document.
func (a Application) String() string { return "application of " + a.Document.String() }

// Format prints String for every verb.
func (a Application) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (a Application) LogValue() slog.Value { return slog.StringValue(a.String()) }

// Register registers somebody for the first time or again: with a letter always
// basic, with a certificate or at an office advanced. Whoever had the phone keeps
// their registration without it. ErrNotKnown, ErrDeceased, ErrRevoked, ErrState,
// ErrEvidence, ErrOwnRecord, ErrUnchanged (no phone).
func (r *Registrar) Register(ctx context.Context, a Application, by By) (done Done, err error) {
	err = r.Tx.Tx(ctx, func(ctx context.Context) error {
		done = Done{}
		person, err := r.Store.Ensure(ctx, a.Document, r.clock())
		if err != nil {
			return fmt.Errorf("registering: %w", err)
		}
		return r.proven(ctx, person, a.Phone, by, func(ctx context.Context, h Held, now time.Time) error {
			return r.register(ctx, h, a, by, now, &done)
		})
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

func (r *Registrar) register(ctx context.Context, h Held, a Application, by By, now time.Time, done *Done) (err error) {
	if err := mayRegister(h.Entry, by); err != nil {
		return err
	}
	if a.Phone.IsZero() {
		return ErrUnchanged
	}
	after := h.told(by)
	after.State, after.At = identity.Registered, now
	if after.Level, err = levelBy(by.proof()); err != nil {
		return err
	}
	after.Channel = channelOf(by)
	after.Phone = a.Phone
	after.EmailConfirmed = h.EmailConfirmed && a.Email == h.Email
	after.Email = a.Email
	if done.TookPhone, err = r.takeOver(ctx, h, by, now); err != nil {
		return err
	}
	if err := r.Locks.Unlock(ctx, after.Person); err != nil {
		return fmt.Errorf("unlocking Cl@ve PIN: %w", err)
	}
	if err := r.voidInvitation(ctx, after, now); err != nil {
		return err
	}
	// Whoever registers with a stolen letter does not get in with a password or a device
	// of before, nor does who had it.
	if err := r.Passwords.VoidPassword(ctx, after.Person); err != nil {
		return fmt.Errorf("voiding a password: %w", err)
	}
	if err := r.forgetDevices(ctx, after.Person); err != nil {
		return err
	}
	if done.Activation, err = r.activate(ctx, after.Person, now); err != nil {
		return err
	}
	done.Person = after.Person
	done.Receipt, err = r.conclude(ctx, act{
		change: Registered, by: by, actor: by.Actor(), at: now, before: h.Entry, after: after, fact: receipt.Registered,
	})
	return err
}

// channelOf is the channel that a registration by this proof has.
func channelOf(by By) identity.Channel {
	if by.proof() == byCertificate {
		return identity.ByCertificate
	}
	return by.Channel
}

// takeOver takes the claimed phone from its holder, who stays registered without
// one: nothing that was proven with the phone counts any more.
// Source: BOE-A-2015-14215, annex I, 1.6.
func (r *Registrar) takeOver(ctx context.Context, h Held, by By, now time.Time) (bool, error) {
	if h.Holder.Person == "" {
		return false, nil
	}
	actor := audit.System // it is not the holder's act
	if by.Officer != "" {
		actor = by.Actor()
	}
	after := h.Holder
	after.State, after.Phone = identity.PhoneRevoked, identity.Phone{}
	if err := r.expel(ctx, after.Person, actor, "", string(PhoneTaken), now); err != nil {
		return false, err
	}
	if err := r.forgetDevices(ctx, after.Person); err != nil {
		return false, err
	}
	_, err := r.conclude(ctx, act{
		change: PhoneTaken, by: By{Officer: by.Officer, Office: by.Office}, actor: actor, at: now, before: h.Holder, after: after, other: h.Person,
	})
	return err == nil, err
}

// Raise makes a basic registration advanced. ErrNotHigher, ErrState, ErrRevoked,
// ErrDeceased, ErrEvidence, ErrOwnRecord, ErrNoPerson.
func (r *Registrar) Raise(ctx context.Context, person identity.PersonID, by By) (done Done, err error) {
	err = r.proven(ctx, person, identity.Phone{}, by, func(ctx context.Context, h Held, now time.Time) (err error) {
		if err := mayRaise(h.Entry, by); err != nil {
			return err
		}
		after := h.told(by)
		after.Level, after.Channel = identity.Advanced, channelOf(by)
		if err := r.Locks.Unlock(ctx, person); err != nil {
			return fmt.Errorf("unlocking Cl@ve PIN: %w", err)
		}
		done = Done{Person: person}
		done.Receipt, err = r.conclude(ctx, act{
			change: Raised, by: by, actor: by.Actor(), at: now, before: h.Entry, after: after, fact: receipt.Raised,
		})
		return err
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}
