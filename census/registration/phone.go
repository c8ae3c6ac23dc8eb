package registration

import (
	"context"
	"fmt"

	"clave/census/registrar"
	"clave/identity"
	"clave/internal/tally"
	"clave/web/lang"
)

// GiveContact takes phone, e-mail and the conditions accepted, as far as the step asks
// for them and Contact.Read found them right, and sends a code to the phone; a phone
// that is another citizen's gets none before ClaimPhone. Where only the e-mail is
// asked for, the code goes to the phone of the registration. Denied: TooSoon,
// NoSendsLeft, PhoneFull, DocumentFull, NoBudget, TriesSpent, and as Prove where no
// code is needed; Unchanged.
func (s *Procedures) GiveContact(ctx context.Context, h Handle, c Contact, phone identity.Phone, email identity.Email, l lang.Language) error {
	typed := map[Field]string{
		FieldPrefix: c.Prefix, FieldPhone: c.Phone, FieldPhoneAgain: c.PhoneAgain,
		FieldEmail: c.Email, FieldEmailAgain: c.EmailAgain, FieldConditions: c.Conditions,
	}
	entry, err := s.entry(ctx, h)
	switch {
	case err != nil:
		return err
	case entry.State == identity.Registered && (phone == entry.Phone || phone.IsZero() && email == entry.Email):
		return &Denied{Cause: Unchanged}
	}
	last, send := s.lastStep(entry, l), s.sending(l)
	_, err = s.answer(ctx, h, StepContact, typed, func(ctx context.Context, r *Running) (*Denied, error) {
		r.State.Email = email.Reveal()
		switch {
		case phone.IsZero() && r.table.served():
			return nil, nil // once the citizen has signed
		case phone.IsZero():
			return last(ctx, r)
		}
		r.State.Phone = phone.Reveal()
		taken, err := s.Registrar.Holds(ctx, phone, r.Document())
		if err != nil {
			return nil, err
		}
		if taken {
			r.add(Taken)
			return s.ask(ctx, r)
		}
		if r.table.served() {
			return nil, nil // likewise
		}
		return send(ctx, r)
	})
	return err
}

// Confirm says that the citizen wants it and accepts the conditions, where there are
// any. Denied: as GiveContact, and as TryInvitation for who leaves with a letter.
func (s *Procedures) Confirm(ctx context.Context, h Handle, conditions string, l lang.Language) error {
	entry, err := s.entry(ctx, h)
	if err != nil {
		return err
	}
	_, err = s.answer(ctx, h, StepConfirm, map[Field]string{FieldConditions: conditions}, s.lastStep(entry, l))
	return err
}

// entry is what the register says about the citizen of a procedure, if it still
// allows the change; nothing for who was not known when it began. It is read before
// the transaction, which holds other rows first; the registrar looks again.
func (s *Procedures) entry(ctx context.Context, h Handle) (registrar.Entry, error) {
	r, err := s.Open(ctx, h)
	if err != nil || r.Owner == "" || r.Has(Finished) {
		return registrar.Entry{}, err
	}
	return s.permitted(ctx, r.table, r.Person, r.By)
}

// lastStep is what follows when nothing more has to be typed: a code to the address to
// be confirmed, or to the phone of the registration where the change needs that, and the
// change itself otherwise.
func (s *Procedures) lastStep(entry registrar.Entry, l lang.Language) act {
	send := s.sending(l)
	return func(ctx context.Context, r *Running) (*Denied, error) {
		if r.Has(Taken) && !r.Has(Claimed) {
			return nil, ErrStep // nobody has told them yet whose phone it is
		}
		proven := r.table.Change == registrar.EmailChanged || r.table.Change == registrar.Withdrawn
		switch {
		case r.table.served() && r.State.Phone != "": // the new one, which was typed before
		case r.table.Change == registrar.EmailConfirmed:
			r.State.Email = entry.Email.Reveal()
		case proven && registrar.NeedsPhone(entry, r.By):
			r.State.Phone = entry.Phone.Reveal()
		default:
			return s.finish(ctx, r, l)
		}
		return send(ctx, r)
	}
}

// ask counts that somebody was told about a phone that is another citizen's, as a
// message would have been: who tries out numbers gets no further than that.
func (s *Procedures) ask(ctx context.Context, r *Running) (*Denied, error) {
	now, by := s.Now(), askedWith(r.Document())
	asked, err := s.Tallies.HoldTally(ctx, by)
	if err != nil {
		return nil, fmt.Errorf("holding what was asked for: %w", err)
	}
	if until := asked.Full(perDay(s.documentLimit()), now); !until.IsZero() {
		return &Denied{Cause: DocumentFull, Until: until}, nil
	}
	if err := s.Tallies.KeepTally(ctx, by, asked.With(now, tally.Day)); err != nil {
		return nil, fmt.Errorf("counting what was asked for: %w", err)
	}
	return nil, nil
}

// ClaimPhone goes on with a phone that is another citizen's: the code goes there.
// Denied as GiveContact.
func (s *Procedures) ClaimPhone(ctx context.Context, h Handle, l lang.Language) error {
	send := s.sending(l)
	_, err := s.answer(ctx, h, StepClaim, nil, func(ctx context.Context, r *Running) (*Denied, error) {
		if r.table.served() {
			return nil, nil // the code goes there once the citizen has signed
		}
		return send(ctx, r)
	})
	return err
}

// SendAgain sends another code and voids the one before. Denied as GiveContact.
func (s *Procedures) SendAgain(ctx context.Context, h Handle, l lang.Language) error {
	send := s.sending(l)
	_, err := s.change(ctx, h, func(ctx context.Context, r *Running) (*Denied, error) {
		if !r.May(r.codeStep()) {
			return nil, ErrStep
		}
		return send(ctx, r)
	})
	return err
}
