package permanente

import (
	"context"
	"fmt"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/internal/throttle"
	"clave/notify"
	"clave/web/lang"
)

// ReadCode reads a code as people type it, with spaces or hyphens anywhere. ErrCode
// when it cannot be one.
func ReadCode(typed string) (string, error) {
	code, ok := identity.Digits(typed, CodeLength)
	if !ok {
		return "", ErrCode
	}
	return code, nil
}

// order is a code that is to be sent.
type order struct {
	login     *broker.Login // nil outside of one
	challenge Challenge
	phone     identity.Phone
	language  string    // of the person's messages; may be empty
	ends      time.Time // with what the code is for; zero for its own time
}

// send sends a code for a challenge that the transaction in ctx has read. A *Denied
// leaves nothing behind.
func (p *Provider) send(ctx context.Context, o order, budget *throttle.Once) error {
	sms, err := p.Tallies.HoldTally(ctx, smsTo(o.phone))
	if err != nil {
		return fmt.Errorf("holding the messages to a phone: %w", err)
	}
	now := p.clock()
	if !o.ends.IsZero() && !now.Before(o.ends) {
		return &Denied{Cause: Over}
	}
	if no := o.challenge.maySend(sms, p.PhoneLimit, now); no != nil {
		return no
	}
	if !budget.Allow("sms:country:"+o.phone.CallingCode(), "sms:rp:"+o.account()) {
		return &Denied{Cause: NoBudget}
	}
	code := onetime.NewDigits(CodeLength)
	c := o.challenge
	c.Phone = o.phone
	c = c.sent(p.Codes.Sum(c.parts(code)...), now, o.ends)
	if err := p.Challenges.KeepChallenge(ctx, c); err != nil {
		return fmt.Errorf("keeping a code: %w", err)
	}
	if err := p.Tallies.KeepTally(ctx, smsTo(o.phone), sms.With(now, tally.Day)); err != nil {
		return fmt.Errorf("counting a message: %w", err)
	}
	if err := p.Outbox.Send(ctx, p.message(o, c, code)); err != nil {
		return fmt.Errorf("sending a code: %w", err)
	}
	return p.record(ctx, o.login, c.Person, identity.DocumentID{}, audit.PasswordCodeSent{Purpose: string(c.Purpose), Sent: c.Sends})
}

// account is whose budget a message is paid from; a space is in no relying party's id.
func (o order) account() string {
	if o.login != nil {
		return o.login.Party.ID
	}
	return "our registration"
}

// parts are what a code is hashed with: one for another purpose, browser or phone is
// another secret.
func (c Challenge) parts(code string) []string {
	return []string{"permanente", string(c.Purpose), c.Key, string(c.Person), c.Phone.Reveal(), string(c.Pending), code}
}

func (p *Provider) message(o order, c Challenge, code string) notify.Message {
	l := languageOf(o)
	text := notify.CodeText{Key: wordsFor(c.Purpose), Language: l, Code: code, Sent: c.SentAt, ExpiresAt: c.ExpiresAt}
	m := notify.Message{
		Kind: notify.SMS, Purpose: "permanente", To: o.phone.Reveal(), Code: code, Language: string(l),
		ExpiresAt: c.ExpiresAt, Urgent: true, Replaces: "permanente:" + c.Key,
	}
	if o.login != nil {
		text.Service, m.RelyingParty = o.login.Party.Name.In(string(l)), o.login.Party.ID
	}
	m.Body = p.Composer.Code(text)
	return m
}

func wordsFor(purpose Purpose) string {
	switch purpose {
	case ForLogin:
		return notify.PasswordLoginText
	case ForSet:
		return notify.PasswordSetText
	case ForChange:
	}
	return notify.PasswordChangeText
}

func languageOf(o order) lang.Language {
	if o.login != nil {
		if l, ok := lang.Parse(o.login.Language); ok {
			return l
		}
	}
	if l, ok := lang.Parse(o.language); ok {
		return l
	}
	if o.login != nil {
		return lang.Match(o.login.Request.Languages, "", "")
	}
	return lang.Default
}

// try compares a code with a challenge that the transaction in ctx has read, and counts
// a wrong one: proven is the challenge after it, said why it is not. What said says has
// to be committed.
func (p *Provider) try(ctx context.Context, l *broker.Login, c Challenge, code string) (proven Challenge, said *Denied, err error) {
	now := p.clock()
	if no := c.mayTry(now); no != nil {
		return c, no, nil
	}
	holder, err := p.Register.Candidate(ctx, c.Document)
	if err != nil {
		return c, nil, fmt.Errorf("asking the register: %w", err)
	}
	if !c.holds(holder) {
		return c, &Denied{Cause: CodeExpired}, nil
	}
	if p.Codes.Equal(c.Secret, c.parts(code)...) {
		return c.proven(now), nil, nil
	}
	c, said = c.missed()
	if err := p.Challenges.KeepChallenge(ctx, c); err != nil {
		return c, nil, fmt.Errorf("counting a wrong code: %w", err)
	}
	fact := audit.PasswordCodeWrong{Purpose: string(c.Purpose), Wrong: c.Wrong}
	return c, said, p.record(ctx, l, c.Person, identity.DocumentID{}, fact)
}

// holds tells whether who the challenge is for still has the phone that the code went
// to.
func (c Challenge) holds(holder census.Candidate) bool {
	return holder.PersonID == c.Person && holder.State == identity.Registered && holder.Phone == c.Phone && !c.Phone.IsZero()
}

// settled gives what a transaction said: an error, or what it committed.
func settled(err error, said *Denied) error {
	switch {
	case err != nil:
		return told(err)
	case said != nil:
		return said
	}
	return nil
}
