package registrar

import (
	"context"
	"time"

	"clave/audit"
	"clave/census/receipt"
	"clave/identity"
)

// Withdraw ends a registration at the citizen's will: sessions and grants end, codes
// are void, and nothing but certificate and eIDAS logs them in. They may register
// again at any time. proven is the phone whose code the caller spent in the same
// transaction; see [NeedsPhone]. ErrPhone, ErrState, ErrRevoked, ErrDeceased,
// ErrEvidence, ErrOwnRecord, ErrNoPerson.
func (r *Registrar) Withdraw(ctx context.Context, person identity.PersonID, proven identity.Phone, by By) (Done, error) {
	may := func(e Entry, by By) error {
		if err := mayWithdraw(e, by); err != nil {
			return err
		}
		return inHands(e, by, proven)
	}
	return r.leave(ctx, person, by, may, act{change: Withdrawn, fact: receipt.Withdrawn}, identity.Withdrawn)
}

// Revoke ends a registration ex officio, with the same effects; nothing at all logs
// the person in, and they may not register again until it is lifted. That a second
// person approved is the caller's matter. ErrReason, ErrState, ErrRevoked,
// ErrDeceased, ErrEvidence, ErrOwnRecord, ErrNoPerson.
func (r *Registrar) Revoke(ctx context.Context, person identity.PersonID, by By) (Done, error) {
	return r.leave(ctx, person, by, mayRevoke, act{change: Revoked, fact: receipt.Revoked}, identity.Revoked)
}

func (r *Registrar) leave(ctx context.Context, person identity.PersonID, by By, may func(Entry, By) error, a act, into identity.State) (done Done, err error) {
	err = r.on(ctx, person, identity.Phone{}, by, func(ctx context.Context, h Held, now time.Time) (err error) {
		if err := may(h.Entry, by); err != nil {
			return err
		}
		if err := r.bury(ctx, h.Entry, by.Actor(), string(a.change), now); err != nil {
			return err
		}
		a.by, a.actor, a.at, a.before, a.after = by, by.Actor(), now, h.Entry, h.told(by)
		a.after.State = into
		done = Done{Person: person}
		done.Receipt, err = r.conclude(ctx, a)
		return err
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// Lift ends a revocation: the person may register again, and a certificate logs
// them in. ErrReason, ErrState, ErrDeceased, ErrEvidence, ErrOwnRecord, ErrNoPerson.
func (r *Registrar) Lift(ctx context.Context, person identity.PersonID, by By) (done Done, err error) {
	err = r.on(ctx, person, identity.Phone{}, by, func(ctx context.Context, h Held, now time.Time) (err error) {
		if err := mayLift(h.Entry, by); err != nil {
			return err
		}
		after := h.told(by)
		after.State = identity.Withdrawn
		if after.At.IsZero() {
			after.State = identity.Unregistered
		}
		done = Done{Person: person}
		done.Receipt, err = r.conclude(ctx, act{
			change: Lifted, by: by, actor: by.Actor(), at: now, before: h.Entry, after: after, fact: receipt.Lifted,
		})
		return err
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// Died ends what somebody had whom the reference data say to be dead since, with the
// effects of a withdrawal. Nobody is left to get a receipt or a notice. Should the
// register correct itself, the person has withdrawn and may register again.
// ErrState for who is alive, ErrNoPerson.
func (r *Registrar) Died(ctx context.Context, person identity.PersonID, actor audit.Actor) error {
	return r.on(ctx, person, identity.Phone{}, By{}, func(ctx context.Context, h Held, now time.Time) error {
		if !h.Deceased {
			return StateError{h.State}
		}
		if err := r.bury(ctx, h.Entry, actor, string(Died), now); err != nil {
			return err
		}
		after := h.Entry
		if after.present() != identity.NoRegistration {
			after.State = identity.Withdrawn
		}
		_, err := r.conclude(ctx, act{change: Died, actor: actor, at: now, before: h.Entry, after: after})
		return err
	})
}
