package permanente

import (
	"context"
	"fmt"
	"time"

	"clave/census"
	"clave/notify"
	"clave/web/lang"
)

// Notices are the words in which citizens hear of what happened to their password.
// They hold nothing personal and no link, like all notices.
type Notices struct {
	texts *lang.Texts
	help  string
	zone  *time.Location
}

// NewNotices returns the notices of an installation: help is where citizens say "it was
// not me", and times are told in zone.
func NewNotices(texts *lang.Texts, help string, zone *time.Location) *Notices {
	return &Notices{texts, help, zone}
}

// The notices: the last part of their keys.
const (
	noticeSet      = "set"
	noticeChanged  = "changed"
	noticeExpiring = "expiring"
)

// noticeLife is how long a notice is worth sending. Our choice: mail servers give up
// after five days.
const noticeLife = 7 * 24 * time.Hour

// notify tells a citizen by mail, or by SMS where no address is confirmed. at is the
// time that the notice speaks of.
func (p *Provider) notify(ctx context.Context, c census.Candidate, notice string, at time.Time) error {
	l, ok := lang.Parse(c.Language)
	if !ok {
		l = lang.Default
	}
	n := p.Notices
	day := n.texts.Day(l, at.In(n.zone))
	text := n.texts.Text(l, "permanente.notice."+notice+".text", "day", day)
	m := notify.Message{Purpose: "permanente_" + notice, Language: string(l), ExpiresAt: p.clock().Add(noticeLife)}
	switch {
	case c.EmailConfirmed && !c.Email.IsZero():
		m.Kind, m.To = notify.Mail, c.Email.Reveal()
		m.Subject = "Cl@ve: " + n.texts.Text(l, "permanente.notice."+notice+".subject")
		m.Body = text + "\n\n" + n.texts.Text(l, "permanente.notice.not_you", "help", n.help) + "\n"
	case !c.Phone.IsZero():
		m.Kind, m.To, m.Body = notify.SMS, c.Phone.Reveal(), "Cl@ve: "+text
	default:
		return nil
	}
	if err := p.Outbox.Send(ctx, m); err != nil {
		return fmt.Errorf("telling of a password: %w", err)
	}
	return nil
}
