package registration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clave/audit"
	"clave/identity"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/notify"
	"clave/web/lang"
)

// GiveContact takes phone, e-mail and the conditions accepted, which Contact.Read
// found right, and sends a code to the phone; a phone that is another citizen's gets
// none before ClaimPhone. Denied: TooSoon, NoSendsLeft, PhoneFull, DocumentFull,
// NoBudget, TriesSpent.
func (s *Procedures) GiveContact(ctx context.Context, h Handle, c Contact, phone identity.Phone, email identity.Email, l lang.Language) error {
	typed := map[Field]string{
		FieldPrefix: c.Prefix, FieldPhone: c.Phone, FieldPhoneAgain: c.PhoneAgain,
		FieldEmail: c.Email, FieldEmailAgain: c.EmailAgain, FieldConditions: c.Conditions,
	}
	send := s.sending(l)
	return s.answer(ctx, h, StepContact, typed, func(ctx context.Context, r *Running) (*Denied, error) {
		r.State.Phone, r.State.Email = phone.Reveal(), email.Reveal()
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
	return s.answer(ctx, h, StepClaim, nil, s.sending(l))
}

// SendAgain sends another code and voids the one before. Denied as GiveContact.
func (s *Procedures) SendAgain(ctx context.Context, h Handle, l lang.Language) error {
	send := s.sending(l)
	var denied *Denied
	err := s.Tx.Tx(ctx, func(ctx context.Context) error {
		r, err := s.Open(ctx, h)
		if err != nil {
			return err
		}
		if !r.May(StepSMS) {
			return ErrStep
		}
		if denied, err = send(ctx, r); err != nil || denied != nil {
			return err
		}
		return s.save(ctx, r)
	})
	switch {
	case errors.Is(err, ErrConflict):
		return ErrStep
	case err != nil:
		return err
	case denied != nil:
		return denied
	}
	return nil
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
