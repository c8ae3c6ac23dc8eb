package movil

import (
	"context"
	"fmt"
	"time"

	"clave/census"
	"clave/notify"
	"clave/web/lang"
)

// Notices are the words in which citizens hear of what happened to their devices. They
// hold nothing personal and no link, like all notices.
type Notices struct {
	texts *lang.Texts
	help  string
}

// NewNotices returns the notices of an installation: help is where citizens say "it was
// not me".
func NewNotices(texts *lang.Texts, help string) *Notices { return &Notices{texts, help} }

// The notices: the part of their keys after "device.notice.".
const (
	noticeAdded   = "added"
	noticeRemoved = "removed"
	// noticeDisowned: a login was refused as somebody else's.
	noticeDisowned = "disowned"
)

// noticeLife is how long a notice is worth sending. Our choice: mail servers give up
// after five days.
const noticeLife = 7 * 24 * time.Hour

// tell tells a citizen by SMS, and by mail where an address is confirmed: who took the
// phone over does not read the mail, and the other way round.
func (p *Provider) tell(ctx context.Context, c census.Candidate, notice string) error {
	l, ok := lang.Parse(c.Language)
	if !ok {
		l = lang.Default
	}
	n := p.Notices
	text := n.texts.Text(l, "device.notice."+notice+".text")
	notYou := n.texts.Text(l, "device.notice.not_you", "help", n.help)
	base := notify.Message{Purpose: "movil_" + notice, Language: string(l), ExpiresAt: p.clock().Add(noticeLife)}
	if !c.Phone.IsZero() {
		m := base
		m.Kind, m.To, m.Body = notify.SMS, c.Phone.Reveal(), "Cl@ve: "+text+" "+notYou
		if err := p.Outbox.Send(ctx, m); err != nil {
			return fmt.Errorf("telling of a device: %w", err)
		}
	}
	if c.EmailConfirmed && !c.Email.IsZero() {
		m := base
		m.Kind, m.To = notify.Mail, c.Email.Reveal()
		m.Subject = "Cl@ve: " + n.texts.Text(l, "device.notice."+notice+".subject")
		m.Body = text + "\n\n" + notYou + "\n"
		if err := p.Outbox.Send(ctx, m); err != nil {
			return fmt.Errorf("telling of a device: %w", err)
		}
	}
	return nil
}
