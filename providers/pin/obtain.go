package pin

import (
	"context"
	"errors"
	"fmt"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/census/pair"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/internal/throttle"
	"clave/notify"
	"clave/web/lang"
)

// Obtain sends a PIN to the person whom the pair names, into the Cl@ve app or else by
// SMS, and voids the one before. half is the citizen's own half; when empty, it stays the one
// of the PIN before, or is drawn at random. The answer is nil, a [Denied], or
// ErrHalf.
//
// Everything is one transaction: the pair and its count are looked at again, for
// what the browser brought is input and no proof.
func (p *Provider) Obtain(ctx context.Context, l *broker.Login, typed pair.Pair, half string) error {
	return p.obtainBy(ctx, l, typed, half, p.App)
}

// ObtainBySMS is Obtain for who does not have the app at hand.
func (p *Provider) ObtainBySMS(ctx context.Context, l *broker.Login, typed pair.Pair, half string) error {
	return p.obtainBy(ctx, l, typed, half, nil)
}

func (p *Provider) obtainBy(ctx context.Context, l *broker.Login, typed pair.Pair, half string, app App) error {
	if half != "" {
		var err error
		if half, err = ParseHalf(half); err != nil {
			return err
		}
	}
	leave, err := p.Pairs.Enter(ctx, typed.Document)
	if err != nil {
		return err
	}
	defer leave()
	var counted *Denied
	budget, before := throttle.NewOnce(p.Budget), l.Row
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		counted = nil
		c, err := p.check(ctx, l, typed)
		if errors.As(err, &counted) {
			return nil // a wrong pair was counted: that is to be committed
		}
		if err != nil {
			return err
		}
		return p.send(ctx, l, c, half, app, budget)
	})
	if err != nil {
		l.Row = before // what the transaction made of it is not there
	}
	switch {
	case errors.Is(err, broker.ErrEnded):
		return &Denied{Cause: Over}
	case err != nil:
		return err
	case counted != nil:
		return counted
	}
	p.Log.InfoContext(ctx, "pin sent", "login_id", string(l.Request.ID), "relying_party", l.Party.ID)
	return nil
}

// send is the part of Obtain after the pair was found right. A *Denied leaves
// nothing behind.
func (p *Provider) send(ctx context.Context, l *broker.Login, c census.Candidate, half string, app App, budget *throttle.Once) error {
	if err := p.Broker.Begin(ctx, l, c.PersonID); err != nil {
		return err
	}
	held, err := p.Challenges.HoldToSend(ctx, l.Request.ID, c.PersonID, c.Phone)
	if err != nil {
		return fmt.Errorf("holding the challenge: %w", err)
	}
	now := p.Now()
	if !now.Before(l.Request.Deadline) {
		return &Denied{Cause: Over}
	}
	before, way := held.Challenge, BySMS
	if app != nil && held.Devices > 0 {
		active, err := app.Active(ctx, c.PersonID)
		if err != nil {
			return fmt.Errorf("looking for the app: %w", err)
		}
		if active {
			way = ByApp
		}
	}
	if no := maySend(before, way, held.Wrong, held.SMS, p.PhoneLimit, now); no != nil {
		no.Live = before.live(now)
		return no
	}
	if way == BySMS && !budget.Allow("sms:country:"+c.Phone.CallingCode(), "sms:rp:"+l.Party.ID) {
		return &Denied{Cause: NoBudget}
	}
	if half == "" && before.Person == c.PersonID {
		half = before.Half
	}
	if half == "" {
		half = onetime.NewHalf()
	}
	code := onetime.NewPIN()
	ch := before.sent(c.PersonID, half, c.Phone.Last3(), p.Codes.Sum(string(l.Request.ID), half, code), now, l.Request.Deadline)
	ch.Way, ch.Shown = way, Shown{}
	if way == ByApp {
		ch.Shown = Shown{PIN: code, Party: l.Party.ID}
	}
	if err := p.Challenges.KeepChallenge(ctx, ch); err != nil {
		return fmt.Errorf("keeping the challenge: %w", err)
	}
	if err := p.Tallies.KeepTally(ctx, smsTo(c.Phone), held.SMS.With(now, tally.Day)); err != nil {
		return fmt.Errorf("counting the message: %w", err)
	}
	switch way {
	case ByApp:
		err = app.Wake(ctx, c.PersonID, l.Party.ID, ch.ExpiresAt)
	case BySMS:
		err = p.Outbox.Send(ctx, p.message(l, c, ch, code))
	}
	if err != nil {
		return fmt.Errorf("sending the PIN: %w", err)
	}
	return p.record(ctx, l, c.PersonID, audit.PINRequested{Sent: ch.Sends})
}

// message holds the PIN, and not the citizen's own half.
func (p *Provider) message(l *broker.Login, c census.Candidate, ch Challenge, code string) notify.Message {
	language, ok := lang.Parse(l.Language)
	if !ok {
		language, ok = lang.Parse(c.Language)
	}
	if !ok {
		language = lang.Match(l.Request.Languages, "", "")
	}
	return notify.Message{
		Kind: notify.SMS, Purpose: "pin", To: c.Phone.Reveal(),
		Body: p.Composer.Code(notify.CodeText{
			Key: notify.PINText, Language: language, Code: code,
			Service: l.Party.Name.In(string(language)), Sent: ch.SentAt, ExpiresAt: ch.ExpiresAt,
		}),
		Code: code, Language: string(language), ExpiresAt: ch.ExpiresAt, Urgent: true,
		Replaces: "pin:" + string(l.Request.ID), RelyingParty: l.Party.ID,
	}
}
