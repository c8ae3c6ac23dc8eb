package registrar

import (
	"context"
	"fmt"
	"time"

	"clave/identity"
	"clave/notify"
	"clave/notify/gsm7"
	"clave/web/lang"
)

// How long a notice is worth sending. Our choice: message centres give up after two
// or three days, mail servers after five.
const (
	smsLife  = 3 * 24 * time.Hour
	mailLife = 7 * 24 * time.Hour
)

// Again is the notice to the phone and e-mail of before when somebody registers
// again with others: whoever stole a letter would not tell its owner otherwise.
const Again = "registered_again"

// Notices are the words in which citizens hear of changes. They hold nothing
// personal, whoever reads them: no name, number, address or code. So an address that
// was not confirmed yet may get them. They hold no link either: mails about Cl@ve
// with links are what impostors send.
type Notices struct {
	texts *lang.Texts
	help  string
	zone  *time.Location
}

// NewNotices returns the notices of an installation: help is the telephone or mailbox
// where citizens say "it was not me", and times are told in zone.
func NewNotices(texts *lang.Texts, help string, zone *time.Location) *Notices {
	return &Notices{texts, help, zone}
}

// sms is the text message of a notice, in the alphabet of phones and in one segment:
// a help that is too long for it, such as a mailbox, is left out.
func (n *Notices) sms(l lang.Language, notice string) string {
	text := gsm7.Fold("Cl@ve: " + n.texts.Text(l, "registrar.notice."+notice+".text"))
	whole := text + gsm7.Fold(" "+n.texts.Text(l, "registrar.sms.not_you", "help", n.help))
	if gsm7.Septets(whole) > gsm7.SegmentSeptets {
		return text
	}
	return whole
}

func (n *Notices) subject(l lang.Language, notice string) string {
	return "Cl@ve: " + n.texts.Text(l, "registrar.notice."+notice+".subject")
}

func (n *Notices) mail(l lang.Language, notice string, at time.Time) string {
	text := func(key string, pairs ...string) string { return n.texts.Text(l, key, pairs...) }
	return text("registrar.notice."+notice+".text") + "\n\n" +
		text("registrar.mail.when", "time", at.In(n.zone).Format("2006-01-02 15:04")) + "\n\n" +
		text("registrar.mail.not_you", "help", n.help) + "\n\n" +
		text("registrar.mail.no_links") + "\n"
}

// recipient is a phone or an address, and what it hears.
type recipient struct {
	notice string
	phone  identity.Phone
	email  identity.Email
}

// recipients are those who hear of an act: the phone and e-mail that hold after it,
// and those of before, which are the citizen's if it was somebody else. The phone of
// before is left out when another citizen has it by now.
func recipients(a act, phoneGone bool) []recipient {
	var told []recipient
	phone := func(p identity.Phone, notice string) {
		if !p.IsZero() {
			told = append(told, recipient{notice: notice, phone: p})
		}
	}
	email := func(e identity.Email, notice string) {
		if !e.IsZero() {
			told = append(told, recipient{notice: notice, email: e})
		}
	}
	now, former := string(a.change), string(a.change)
	switch a.change {
	case EmailConfirmed, Died:
		return nil
	case PhoneTaken: // the phone is the other citizen's
		email(a.after.Email, now)
		return told
	case Registered:
		former = Again
	case Raised, PhoneChanged, EmailChanged, Regenerated, Withdrawn, Revoked, Lifted, DocumentChanged:
	}
	if !phoneGone || a.after.State == identity.Registered {
		phone(a.after.Phone, now)
	}
	email(a.after.Email, now)
	if !phoneGone && a.before.Phone != a.after.Phone {
		phone(a.before.Phone, former)
	}
	if !a.before.Email.Same(a.after.Email) {
		email(a.before.Email, former)
	}
	return told
}

// notify puts the notices of an act into the outbox.
func (r *Registrar) notify(ctx context.Context, a act) error {
	phoneGone := false
	if a.before.State != identity.Registered && !a.before.Phone.IsZero() { // who left keeps the number on paper only
		held, err := r.Store.HeldByAnother(ctx, a.before.Phone, a.after.Document)
		if err != nil {
			return fmt.Errorf("asking who holds the phone of before: %w", err)
		}
		phoneGone = held
	}
	l, ok := lang.Parse(a.after.Language)
	if !ok {
		l = lang.Default
	}
	for _, to := range recipients(a, phoneGone) {
		m := notify.Message{
			Kind: notify.SMS, Purpose: to.notice, To: to.phone.Reveal(), Language: string(l),
			Body: r.Notices.sms(l, to.notice), ExpiresAt: a.at.Add(smsLife),
		}
		if to.phone.IsZero() {
			m.Kind, m.To, m.ExpiresAt = notify.Mail, to.email.Reveal(), a.at.Add(mailLife)
			m.Subject, m.Body = r.Notices.subject(l, to.notice), r.Notices.mail(l, to.notice, a.at)
		}
		if err := r.Outbox.Send(ctx, m); err != nil {
			return fmt.Errorf("telling of %s: %w", a.change, err)
		}
	}
	return nil
}
