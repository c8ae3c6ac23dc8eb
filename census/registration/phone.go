package registration

import (
	"context"
	"fmt"
	"time"

	"clave/audit"
	"clave/census/registrar"
	"clave/identity"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/notify"
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
		if phone.IsZero() {
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
		denied, err := send(ctx, r)
		if denied == nil && err == nil {
			r.add(CodeSent)
		}
		return denied, err
	})
	return err
}

// Confirm says that the citizen wants it and accepts the conditions. Denied: as
// GiveContact.
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
	entry, err := s.Registrar.Allows(ctx, r.table.Change, r.Person, r.By)
	if err != nil {
		return registrar.Entry{}, overtaken(err)
	}
	return entry, nil
}

// lastStep is what follows when nothing more has to be typed: a code to the phone of
// the registration where the change needs that, and the change itself otherwise.
func (s *Procedures) lastStep(entry registrar.Entry, l lang.Language) act {
	send := s.sending(l)
	return func(ctx context.Context, r *Running) (*Denied, error) {
		proven := r.table.Change == registrar.EmailChanged || r.table.Change == registrar.Withdrawn
		if !proven || !registrar.NeedsPhone(entry, r.By) {
			return s.finish(ctx, r, l)
		}
		r.State.Phone = entry.Phone.Reveal()
		denied, err := send(ctx, r)
		if denied == nil && err == nil {
			r.add(CodeSent)
		}
		return denied, err
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
	_, err := s.answer(ctx, h, StepClaim, nil, s.sending(l))
	return err
}

// SendAgain sends another code and voids the one before. Denied as GiveContact.
func (s *Procedures) SendAgain(ctx context.Context, h Handle, l lang.Language) error {
	send := s.sending(l)
	_, err := s.change(ctx, h, func(ctx context.Context, r *Running) (*Denied, error) {
		if !r.May(StepSMS) {
			return nil, ErrStep
		}
		return send(ctx, r)
	})
	return err
}

// sending sends a code to the procedure's phone. It asks the budget once, however
// often the transaction is run again.
func (s *Procedures) sending(l lang.Language) act {
	asked, allowed := false, false
	return func(ctx context.Context, r *Running) (*Denied, error) {
		phone, err := identity.ParseE164(r.State.Phone)
		if err != nil {
			return nil, fmt.Errorf("reading the phone of procedure %s: %w", r.ID, err)
		}
		by, to := askedWith(r.Document()), tally.Subject{Kind: tally.SentSMS, Value: phone.Reveal()}
		mine, err := s.Tallies.HoldTally(ctx, by)
		if err != nil {
			return nil, fmt.Errorf("holding what was asked for: %w", err)
		}
		sms, err := s.Tallies.HoldTally(ctx, to)
		if err != nil {
			return nil, fmt.Errorf("holding the messages to a phone: %w", err)
		}
		now := s.Now().UTC().Truncate(time.Microsecond)
		if no := r.Possession.maySend(sms, mine, s.PhoneLimit, s.documentLimit(), now); no != nil {
			return no, nil
		}
		if !asked {
			asked = true
			allowed = s.Budget.Allow("sms:country:"+phone.CallingCode()) && s.Budget.Allow(ourBudget)
		}
		if !allowed {
			return &Denied{Cause: NoBudget}, nil
		}
		code := onetime.NewDigits(CodeLength)
		r.Possession = r.Possession.sent(phone, s.Codes.Sum(r.secretParts(code)...), now)
		if err := s.Tallies.KeepTally(ctx, by, mine.With(now, tally.Day)); err != nil {
			return nil, fmt.Errorf("counting what was asked for: %w", err)
		}
		if err := s.Tallies.KeepTally(ctx, to, sms.With(now, tally.Day)); err != nil {
			return nil, fmt.Errorf("counting a message: %w", err)
		}
		if err := s.Outbox.Send(ctx, s.message(r, phone, code, l)); err != nil {
			return nil, fmt.Errorf("sending a code: %w", err)
		}
		return nil, s.record(ctx, r, audit.PossessionAsked{Procedure: r.ID, Sent: r.Possession.Sends, Taken: r.Has(Taken)})
	}
}

// ourBudget is the budget of messages for registering; a space is in no relying
// party's id.
const ourBudget = "sms:rp:our registration"

// askedWith counts the phones that are asked for with a document.
func askedWith(d identity.DocumentID) tally.Subject {
	return tally.Subject{Kind: tally.SentSMS, Value: "document " + d.Reveal()}
}

// documentLimit goes up with PhoneLimit, in the sandbox.
func (s *Procedures) documentLimit() int { return max(documentLimit, s.PhoneLimit) }

// secretParts are what a code is hashed with: one for another procedure or phone is
// another secret.
func (r *Running) secretParts(code string) []string {
	return []string{"possession", r.ID, r.State.Phone, code}
}

func (s *Procedures) message(r *Running, phone identity.Phone, code string, l lang.Language) notify.Message {
	p := r.Possession
	return notify.Message{
		Kind: notify.SMS, Purpose: "possession", To: phone.Reveal(),
		Body: s.Composer.Code(notify.CodeText{
			Key: notify.PossessionText, Language: l, Code: code, Sent: p.SentAt, ExpiresAt: p.ExpiresAt,
		}),
		Code: code, Language: string(l), ExpiresAt: p.ExpiresAt, Urgent: true, Replaces: "possession:" + r.ID,
	}
}
