package registration

import (
	"context"
	"fmt"
	"strings"
	"time"

	"clave/audit"
	"clave/census/registrar"
	"clave/identity"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/internal/throttle"
	"clave/notify"
	"clave/web/lang"
)

// destination is where a code goes: to a phone, or else to an address.
type destination struct {
	phone identity.Phone
	email identity.Email
}

// destination is where the code of the procedure goes now.
func (r *Running) destination() (to destination, err error) {
	if r.table.Change == registrar.EmailConfirmed {
		to.email, err = identity.ParseEmail(r.State.Email)
	} else {
		to.phone, err = identity.ParseE164(r.State.Phone)
	}
	if err != nil {
		return to, fmt.Errorf("reading where the code of procedure %s goes: %w", r.ID, err)
	}
	return to, nil
}

// codeStep is the step at which the code is typed.
func (r *Running) codeStep() StepName {
	if r.table.Change == registrar.EmailConfirmed {
		return StepMail
	}
	return StepSMS
}

func (d destination) mail() bool { return d.phone.IsZero() }

func (d destination) life() time.Duration {
	if d.mail() {
		return MailCodeLife
	}
	return CodeLife
}

// Our budgets; a space is in no relying party's id.
const (
	smsBudget  = "sms:rp:our registration"
	mailBudget = "mail:confirmation"
)

func (d destination) budgets() []string {
	if d.mail() {
		return []string{mailBudget}
	}
	return []string{"sms:country:" + d.phone.CallingCode(), smsBudget}
}

// counted is under what the messages to a phone or an address are counted.
func (d destination) counted() tally.Subject {
	if d.mail() {
		return tally.Subject{Kind: tally.SentSMS, Value: "mail " + strings.ToLower(d.email.Reveal())}
	}
	return tally.Subject{Kind: tally.SentSMS, Value: d.phone.Reveal()}
}

// askedWith is under what is counted what is asked for with a document.
func (d destination) askedWith(document identity.DocumentID) tally.Subject {
	if d.mail() {
		return tally.Subject{Kind: tally.SentSMS, Value: "mail for document " + document.Reveal()}
	}
	return askedWith(document)
}

// askedWith counts the phones that are asked for with a document.
func askedWith(d identity.DocumentID) tally.Subject {
	return tally.Subject{Kind: tally.SentSMS, Value: "document " + d.Reveal()}
}

// documentLimit goes up with PhoneLimit, in the sandbox.
func (s *Procedures) documentLimit() int { return max(documentLimit, s.PhoneLimit) }

// sending sends a code to the procedure's destination, and notes that.
func (s *Procedures) sending(l lang.Language) act {
	budget := throttle.NewOnce(s.Budget)
	return func(ctx context.Context, r *Running) (*Denied, error) {
		to, err := r.destination()
		if err != nil {
			return nil, err
		}
		mine, err := s.Tallies.HoldTally(ctx, to.askedWith(r.Document()))
		if err != nil {
			return nil, fmt.Errorf("holding what was asked for: %w", err)
		}
		sent, err := s.Tallies.HoldTally(ctx, to.counted())
		if err != nil {
			return nil, fmt.Errorf("holding the messages to one destination: %w", err)
		}
		now := s.Now().UTC().Truncate(time.Microsecond)
		if no := r.Possession.maySend(sent, mine, s.PhoneLimit, s.documentLimit(), now); no != nil {
			return no, nil
		}
		if !budget.Allow(to.budgets()...) {
			return &Denied{Cause: NoBudget}, nil
		}
		code := onetime.NewDigits(CodeLength)
		r.Possession = r.Possession.sent(to, s.Codes.Sum(r.secretParts(code)...), now)
		if err := s.Tallies.KeepTally(ctx, to.askedWith(r.Document()), mine.With(now, tally.Day)); err != nil {
			return nil, fmt.Errorf("counting what was asked for: %w", err)
		}
		if err := s.Tallies.KeepTally(ctx, to.counted(), sent.With(now, tally.Day)); err != nil {
			return nil, fmt.Errorf("counting a message: %w", err)
		}
		if err := s.Outbox.Send(ctx, s.message(r, to, code, l)); err != nil {
			return nil, fmt.Errorf("sending a code: %w", err)
		}
		r.add(CodeSent)
		return nil, s.record(ctx, r, audit.PossessionAsked{
			Procedure: r.ID, Sent: r.Possession.Sends, Taken: r.Has(Taken), Mail: to.mail(),
		})
	}
}

// secretParts are what a code is hashed with: one for another procedure, phone or
// address is another secret.
func (r *Running) secretParts(code string) []string {
	if r.codeStep() == StepMail {
		return []string{"possession of an address", r.ID, r.State.Email, code}
	}
	return []string{"possession", r.ID, r.State.Phone, code}
}

func (s *Procedures) message(r *Running, to destination, code string, l lang.Language) notify.Message {
	p := r.Possession
	text := notify.CodeText{Key: r.words(), Language: l, Code: code, Sent: p.SentAt, ExpiresAt: p.ExpiresAt}
	m := notify.Message{
		Purpose: "possession", Code: code, Language: string(l), ExpiresAt: p.ExpiresAt, Urgent: true, Replaces: "possession:" + r.ID,
	}
	if to.mail() {
		m.Kind, m.To = notify.Mail, to.email.Reveal()
		m.Subject, m.Body = s.Composer.Mail(text)
		return m
	}
	m.Kind, m.To, m.Body = notify.SMS, to.phone.Reveal(), s.Composer.Code(text)
	return m
}

// words are the text with the code: it names what the code is for, so that nobody is
// talked into giving away another act than they believe.
func (r *Running) words() string {
	if r.Has(Taken) {
		return notify.ClaimText
	}
	switch r.table.Change {
	case registrar.PhoneChanged:
		return notify.ChangePhoneText
	case registrar.EmailChanged:
		return notify.ChangeEmailText
	case registrar.EmailConfirmed:
		return notify.ConfirmEmailText
	case registrar.Withdrawn:
		return notify.LeaveText
	case registrar.Registered:
		return notify.RegisterText
	case registrar.Raised, registrar.Regenerated, registrar.Revoked, registrar.Lifted, registrar.Died, registrar.PhoneTaken, registrar.DocumentChanged:
	}
	panic("registration: no code goes anywhere for " + string(r.table.Change)) // a mistake in a table
}
