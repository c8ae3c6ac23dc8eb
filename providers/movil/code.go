package movil

import (
	"context"
	"fmt"

	"clave/audit"
	"clave/census"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/internal/throttle"
	"clave/notify"
	"clave/web/lang"
)

// send sends a code for an activation that the transaction in ctx has read to its
// holder's phone. A *Denied leaves nothing behind.
func (p *Provider) send(ctx context.Context, a Activation, holder census.Candidate, language string, budget *throttle.Once) error {
	sms, err := p.Tallies.HoldTally(ctx, smsTo(holder.Phone))
	if err != nil {
		return fmt.Errorf("holding the messages to a phone: %w", err)
	}
	now := p.clock()
	if no := a.maySend(sms, p.PhoneLimit, now); no != nil {
		return no
	}
	if !budget.Allow("sms:country:"+holder.Phone.CallingCode(), "sms:rp:"+ourAccount) {
		return &Denied{Cause: NoBudget}
	}
	code := onetime.NewDigits(CodeLength)
	a.Phone = holder.Phone
	a = a.sent(p.Codes.Sum(a.parts(code)...), now)
	if err := p.Activations.KeepActivation(ctx, a); err != nil {
		return fmt.Errorf("keeping a code: %w", err)
	}
	if err := p.Tallies.KeepTally(ctx, smsTo(a.Phone), sms.With(now, tally.Day)); err != nil {
		return fmt.Errorf("counting a message: %w", err)
	}
	if err := p.Outbox.Send(ctx, p.message(a, language, code)); err != nil {
		return fmt.Errorf("sending a code: %w", err)
	}
	return p.record(ctx, nil, a.Person, audit.DeviceCodeSent{Sent: a.Sends})
}

// ourAccount is whose budget the messages are paid from; a space is in no relying
// party's id.
const ourAccount = "our registration"

// parts are what a code is hashed with: one for another browser, person or phone is
// another secret.
func (a Activation) parts(code string) []string {
	return []string{"movil activation", a.Key, string(a.Person), a.Phone.Reveal(), code}
}

func (p *Provider) message(a Activation, language, code string) notify.Message {
	l, ok := lang.Parse(language)
	if !ok {
		l = lang.Default
	}
	text := notify.CodeText{Key: notify.ActivateDeviceText, Language: l, Code: code, Sent: a.SentAt, ExpiresAt: a.ExpiresAt}
	return notify.Message{
		Kind: notify.SMS, Purpose: "movil", To: a.Phone.Reveal(), Code: code, Language: string(l), Body: p.Composer.Code(text),
		ExpiresAt: a.ExpiresAt, Urgent: true, Replaces: "movil:" + a.Key,
	}
}
