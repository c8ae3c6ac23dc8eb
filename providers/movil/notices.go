package movil

import (
	"context"
	"fmt"
	"strings"
	"time"

	"clave/census"
	"clave/notify"
	"clave/notify/gsm7"
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
	base := notify.Message{Purpose: "movil_" + notice, Language: string(l), ExpiresAt: p.clock().Add(noticeLife)}
	if !c.Phone.IsZero() {
		m := base
		m.Kind, m.To, m.Body = notify.SMS, c.Phone.Reveal(), p.Notices.sms(l, notice)
		if err := p.Outbox.Send(ctx, m); err != nil {
			return fmt.Errorf("telling of a device: %w", err)
		}
	}
	if c.EmailConfirmed && !c.Email.IsZero() {
		m := base
		m.Kind, m.To = notify.Mail, c.Email.Reveal()
		m.Subject, m.Body = p.Notices.mail(l, notice)
		if err := p.Outbox.Send(ctx, m); err != nil {
			return fmt.Errorf("telling of a device: %w", err)
		}
	}
	return nil
}

// sms is the text message of a notice, in the alphabet of phones and in one segment: a
// help that is too long for it, such as a mailbox, is left out.
func (n *Notices) sms(l lang.Language, notice string) string {
	text := gsm7.Fold("Cl@ve: " + n.texts.Text(l, "device.notice."+notice+".text"))
	whole := text + gsm7.Fold(" "+n.texts.Text(l, "device.notice.not_you", "help", n.help))
	if gsm7.Septets(whole) > gsm7.SegmentSeptets {
		return text
	}
	return whole
}

func (n *Notices) mail(l lang.Language, notice string) (subject, body string) {
	return "Cl@ve: " + n.texts.Text(l, "device.notice."+notice+".subject"), strings.Join([]string{
		n.texts.Text(l, "device.notice."+notice+".text"),
		n.texts.Text(l, "device.notice.mine"),
		n.texts.Text(l, "device.notice.not_you", "help", n.help),
	}, "\n\n") + "\n"
}
