package registration

import (
	"context"
	"errors"
	"fmt"

	"clave/audit"
	"clave/census/registrar"
	"clave/identity"
	"clave/web/lang"
)

// ErrCode says that what was typed cannot be a code, so that it is no try.
var ErrCode = errors.New("a code has six digits")

// ReadCode reads a code as people type it, with spaces or hyphens anywhere. ErrCode
// when it cannot be one.
func ReadCode(typed string) (string, error) {
	code, ok := identity.Digits(typed, CodeLength)
	if !ok {
		return "", ErrCode
	}
	return code, nil
}

// Prove compares the code that came to the phone or the address. When it is right, what the
// procedure is for happens in the same transaction: the invitation code is spent, the
// phone theirs, and the receipt written. Denied: WrongCode, TriesSpent, CodeExpired,
// as TryInvitation when the letter stopped being good meanwhile, and as Start when
// the registration did. ErrCode for what cannot be a code.
func (s *Procedures) Prove(ctx context.Context, h Handle, typed string, l lang.Language) error {
	code, err := ReadCode(typed)
	if err != nil {
		return err
	}
	try := func(ctx context.Context, r *Running) (*Denied, error) {
		if no := r.Possession.mayTry(s.Now()); no != nil {
			return no, nil
		}
		if !s.Codes.Equal(r.Possession.Secret, r.secretParts(code)...) {
			return s.miss(ctx, r)
		}
		if err := s.record(ctx, r, audit.PossessionProven{Procedure: r.ID}); err != nil {
			return nil, err
		}
		return s.finish(ctx, r, l)
	}
	_, err = s.change(ctx, h, func(ctx context.Context, r *Running) (*Denied, error) { return r.answer(ctx, r.codeStep(), nil, try) })
	return err
}

func (s *Procedures) miss(ctx context.Context, r *Running) (*Denied, error) {
	var said *Denied
	r.Possession, said = r.Possession.missed()
	return said, s.record(ctx, r, audit.PossessionWrong{Procedure: r.ID, Wrong: r.Possession.Wrong})
}

// finish does what the procedure is for. An invitation that is refused here has
// changed since its step was answered, so that the procedure goes back there.
func (s *Procedures) finish(ctx context.Context, r *Running, l lang.Language) (*Denied, error) {
	if r.Has(Invited) {
		denied, err := refused(s.Invitations.Spend(ctx, r.Document(), r.Typed[FieldInvitation]))
		if denied != nil {
			r.drop(restsOn(Invited))
			return denied, nil
		}
		if err != nil {
			return nil, err
		}
	}
	order := registrar.Order{Change: r.table.Change, Person: r.Person, Application: registrar.Application{Document: r.Document()}}
	var err error
	if r.State.Phone != "" {
		if order.Phone, err = identity.ParseE164(r.State.Phone); err != nil {
			return nil, fmt.Errorf("reading the phone of procedure %s: %w", r.ID, err)
		}
	}
	if r.State.Email != "" {
		if order.Email, err = identity.ParseEmail(r.State.Email); err != nil {
			return nil, fmt.Errorf("reading the address of procedure %s: %w", r.ID, err)
		}
	}
	by := r.By
	by.Language, by.Conditions = string(l), r.Typed[FieldConditions]
	done, err := s.Registrar.Do(ctx, order, by)
	if err != nil {
		return nil, overtaken(err)
	}
	r.Done = &Outcome{Receipt: done.Receipt.Code, Activation: done.Activation, TookPhone: done.TookPhone}
	r.add(Finished)
	r.forget()
	if r.table.Change == registrar.Withdrawn && !r.table.served() {
		r.hand(r.handle.Token()) // nobody is logged in any more to see the end
	}
	s.Log.InfoContext(ctx, "registration changed", "procedure", r.ID, "change", string(r.table.Change))
	return nil, nil
}

// overtaken says why the registrar refuses: how it stands when an office, a
// revocation or an import was quicker than the last step. It is an error, so that
// nothing is spent.
func overtaken(err error) error {
	var state registrar.StateError
	switch {
	case errors.As(err, &state):
		return &Denied{Cause: NotEligible, State: state.State}
	case errors.Is(err, registrar.ErrRevoked):
		return &Denied{Cause: NotEligible, State: identity.Revoked}
	case errors.Is(err, registrar.ErrDeceased):
		return &Denied{Cause: NotEligible, State: identity.Deceased}
	case errors.Is(err, registrar.ErrNotKnown):
		return &Denied{Cause: NotKnown}
	case errors.Is(err, registrar.ErrEvidence):
		return &Denied{Cause: NotEnough}
	case errors.Is(err, registrar.ErrNotHigher):
		return &Denied{Cause: AdvancedAlready}
	case errors.Is(err, registrar.ErrUnchanged):
		return &Denied{Cause: Unchanged}
	case errors.Is(err, registrar.ErrOtherEmail):
		return &Denied{Cause: EmailMoved}
	case errors.Is(err, registrar.ErrConfirmed):
		return &Denied{Cause: ConfirmedAlready}
	case errors.Is(err, registrar.ErrPhone):
		return &Denied{Cause: PhoneMoved}
	case errors.Is(err, registrar.ErrOwnRecord):
		return &Denied{Cause: OwnRecord}
	}
	return fmt.Errorf("changing a registration: %w", err)
}

// forget erases what is of no more use: the page of the end shows the receipt.
func (s *State) forget() {
	s.Possession = s.Possession.void()
	s.Typed = map[Field]string{FieldDocument: s.Typed[FieldDocument]}
	s.Phone, s.Email = "", ""
}
