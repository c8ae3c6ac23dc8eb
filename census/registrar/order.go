package registrar

import (
	"context"
	"fmt"

	"clave/identity"
)

// Order is one change that a citizen asks for.
type Order struct {
	Change Change
	// Person whose registration it is; empty for who registers with a letter and may
	// have none yet.
	Person identity.PersonID
	// Application is what the change needs: the document to register, a new address.
	// The phone is proven: the new one to register it, the one of the registration
	// otherwise; see [NeedsPhone].
	Application
}

// Do carries out an order: Registered, Raised, PhoneChanged, EmailChanged,
// EmailConfirmed, Regenerated or Withdrawn. Its errors are those of the method for that change.
func (r *Registrar) Do(ctx context.Context, o Order, by By) (Done, error) {
	switch o.Change {
	case Registered:
		return r.Register(ctx, o.Application, by)
	case Raised:
		return r.Raise(ctx, o.Person, by)
	case PhoneChanged:
		return r.ChangePhone(ctx, o.Person, o.Phone, by)
	case EmailChanged:
		return r.ChangeEmail(ctx, o.Person, o.Email, o.Phone, by)
	case EmailConfirmed:
		return Done{Person: o.Person}, r.ConfirmEmail(ctx, o.Person, o.Email, by)
	case Regenerated:
		return r.Regenerate(ctx, o.Person, by)
	case Withdrawn:
		return r.Withdraw(ctx, o.Person, o.Phone, by)
	case Revoked, Lifted, Died, PhoneTaken, DocumentChanged:
	}
	return Done{}, fmt.Errorf("ordering %q: nobody asks for that", o.Change)
}

// Allows tells whether somebody may ask for a change now, before they are asked for
// anything: the entry, or why not. What is proven and typed later is looked at in Do,
// which holds the person; a page that is looked at makes nobody wait. Errors as of the
// method for that change.
func (r *Registrar) Allows(ctx context.Context, change Change, person identity.PersonID, by By) (Entry, error) {
	e, err := r.Store.Entry(ctx, person)
	if err != nil {
		return Entry{}, fmt.Errorf("reading the entry of person %s: %w", person, err)
	}
	return e, allowed(e, change, by)
}

// allowed is the rule of each change, as far as it depends on nothing else.
func allowed(e Entry, change Change, by By) error {
	if err := own(e, by); err != nil {
		return err
	}
	switch change {
	case Registered:
		return mayRegister(e, by)
	case Raised:
		return mayRaise(e, by)
	case PhoneChanged:
		return mayChangePhone(e, by)
	case EmailChanged:
		return mayChangeEmail(e, by)
	case EmailConfirmed:
		return mayConfirmEmail(e, e.Email, by)
	case Regenerated:
		return mayRegenerate(e, by)
	case Withdrawn:
		return mayWithdraw(e, by)
	case Revoked:
		return mayRevoke(e, by)
	case Lifted:
		return mayLift(e, by)
	case Died, PhoneTaken, DocumentChanged:
	}
	return ErrEvidence
}
