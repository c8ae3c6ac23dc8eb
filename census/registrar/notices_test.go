package registrar

import (
	"strings"
	"testing"
	"time"

	"clave/identity"
	"clave/notify/gsm7"
	"clave/web/lang"
)

func notices(t *testing.T, help string) *Notices {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	return NewNotices(texts, help, time.UTC)
}

// all are the notices that somebody gets.
func all() []string {
	return []string{
		string(Registered), Again, string(Raised), string(PhoneChanged), string(EmailChanged), string(PhoneTaken),
		string(Regenerated), string(Withdrawn), string(Revoked), string(Lifted), string(DocumentChanged),
	}
}

func TestNoticesFitAndAreWhole(t *testing.T) {
	t.Parallel()
	n := notices(t, "060")
	at := time.Date(2026, 11, 21, 12, 30, 0, 0, time.UTC)
	for _, l := range lang.All() {
		for _, notice := range all() {
			sms, mail, subject := n.sms(l, notice), n.mail(l, notice, at), n.subject(l, notice)
			if notice != string(PhoneTaken) { // whose phone is another's
				if got := gsm7.Septets(sms); got > gsm7.SegmentSeptets {
					t.Errorf("%s, %s: the SMS has %d septets", l, notice, got)
				}
				if !strings.HasSuffix(sms, " 060") {
					t.Errorf("%s, %s: the SMS does not end with the telephone: %s", l, notice, sms)
				}
			}
			if !strings.Contains(mail, "2026-11-21 12:30") || !strings.Contains(mail, "060") {
				t.Errorf("%s, %s: the mail says neither when nor whom to call: %s", l, notice, mail)
			}
			for _, text := range []string{sms, mail, subject} {
				if strings.Contains(text, "registrar.") || strings.ContainsAny(text, "{}") {
					t.Errorf("%s, %s: a text is missing or not whole: %s", l, notice, text)
				}
			}
		}
	}
}

func TestALongHelpLeavesTheNoticeWhole(t *testing.T) {
	t.Parallel()
	n := notices(t, "atencion.ciudadana.registro.de.identidad@administracion.example")
	for _, l := range lang.All() {
		for _, notice := range all() {
			if sms := n.sms(l, notice); notice != string(PhoneTaken) && gsm7.Septets(sms) > gsm7.SegmentSeptets {
				t.Errorf("%s, %s: got %d septets", l, notice, gsm7.Septets(sms))
			}
		}
	}
}

func TestRecipients(t *testing.T) {
	t.Parallel()
	phone := func(number string) identity.Phone { p, _ := identity.ParseE164(number); return p }
	email := func(address string) identity.Email { e, _ := identity.ParseEmail(address); return e }
	entry := func(state identity.State, p identity.Phone, e identity.Email) (entry Entry) {
		entry.State, entry.Phone, entry.Email = state, p, e
		return entry
	}
	const registered, withdrawn = identity.Registered, identity.Withdrawn
	one, two := phone("+34600000001"), phone("+34600000002")
	mine, other, capitals := email("mine@correo.example"), email("other@correo.example"), email("MINE@correo.example")
	for _, test := range []struct {
		name          string
		change        Change
		before, after Entry
		gone          bool
		want          []recipient
	}{
		{"a change is told on both ways", Raised, entry(registered, one, mine), entry(registered, one, mine), false,
			[]recipient{{notice: "raised", phone: one}, {notice: "raised", email: mine}}},
		{"the phone of before hears of its end", PhoneChanged, entry(registered, one, mine), entry(registered, two, mine), false,
			[]recipient{{notice: "phone_changed", phone: two}, {notice: "phone_changed", email: mine}, {notice: "phone_changed", phone: one}}},
		{"the address of before hears of its end", EmailChanged, entry(registered, one, mine), entry(registered, one, other), false,
			[]recipient{{notice: "email_changed", phone: one}, {notice: "email_changed", email: other}, {notice: "email_changed", email: mine}}},
		{"the same mailbox hears once", EmailChanged, entry(registered, one, mine), entry(registered, one, capitals), false,
			[]recipient{{notice: "email_changed", phone: one}, {notice: "email_changed", email: capitals}}},
		{"who registers again tells what they had before", Registered, entry(withdrawn, one, mine), entry(registered, two, other), false,
			[]recipient{{notice: "registered", phone: two}, {notice: "registered", email: other}, {notice: Again, phone: one}, {notice: Again, email: mine}}},
		{"but for a phone that is another citizen's by now", Registered, entry(withdrawn, one, mine), entry(registered, two, mine), true,
			[]recipient{{notice: "registered", phone: two}, {notice: "registered", email: mine}}},
		{"who takes their own phone back hears", Registered, entry(withdrawn, one, mine), entry(registered, one, mine), true,
			[]recipient{{notice: "registered", phone: one}, {notice: "registered", email: mine}}},
		{"who is revoked after leaving hears not on another's phone", Revoked, entry(withdrawn, one, mine), entry(identity.Revoked, one, mine), true,
			[]recipient{{notice: "revoked", email: mine}}},
		{"who lost the phone hears by mail", PhoneTaken, entry(registered, one, mine), entry(identity.PhoneRevoked, identity.Phone{}, mine), false,
			[]recipient{{notice: "phone_taken", email: mine}}},
		{"who has neither hears nothing", Revoked, entry(identity.Unregistered, identity.Phone{}, identity.Email{}), entry(identity.Revoked, identity.Phone{}, identity.Email{}), false, nil},
		{"a confirmed address is no news", EmailConfirmed, entry(registered, one, mine), entry(registered, one, mine), false, nil},
		{"the dead hear nothing", Died, entry(registered, one, mine), entry(withdrawn, one, mine), false, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := recipients(act{change: test.change, before: test.before, after: test.after}, test.gone)
			if len(got) != len(test.want) {
				t.Fatalf("got %d recipients, want %d", len(got), len(test.want))
			}
			for i := range got {
				if got[i] != test.want[i] {
					t.Errorf("recipient %d: got %s to %v%v, want %s to %v%v", i+1,
						got[i].notice, got[i].phone, got[i].email, test.want[i].notice, test.want[i].phone, test.want[i].email)
				}
			}
		})
	}
}
