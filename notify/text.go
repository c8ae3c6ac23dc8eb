package notify

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"clave/notify/gsm7"
	"clave/web/lang"
)

// Keys of the messages that carry a code.
const (
	// PINText is the SMS that carries a PIN.
	PINText = "notify.pin.sms"

	// What a code to a phone is for, outside of a login. Each names its act: who reads
	// "register this phone" must not give a registration away with it.
	RegisterText    = "registration.sms.register"
	ChangePhoneText = "registration.sms.change_phone"
	ChangeEmailText = "registration.sms.change_email"
	LeaveText       = "registration.sms.leave"
	// ClaimText goes to a phone that is another citizen's, who may be the one to read
	// it: it says to do nothing.
	ClaimText = "registration.sms.claim"
	// ConfirmEmailText is the mail that proves that a citizen reads an address.
	ConfirmEmailText = "registration.mail.confirm"

	// What a code of Cl@ve Permanente is for.
	PasswordLoginText  = "permanente.sms.login"
	PasswordSetText    = "permanente.sms.set"
	PasswordChangeText = "permanente.sms.change"

	// ActivateDeviceText activates a device of Cl@ve Móvil.
	ActivateDeviceText = "device.sms.activate"
)

// widestCodes are the keys of all of them, with a code of their length.
func widestCodes() map[string]string {
	return map[string]string{
		PINText: "AAA", RegisterText: "000000", ChangePhoneText: "000000", ChangeEmailText: "000000", LeaveText: "000000", ClaimText: "000000",
		PasswordLoginText: "000000", PasswordSetText: "000000", PasswordChangeText: "000000",
		ActivateDeviceText: "000000",
	}
}

// cutMark ends a service's name that did not fit.
const cutMark = "..."

// Composer writes the messages that carry a code. Text messages are one GSM 7 bit
// segment each: a second one doubles the cost and may come late or alone.
type Composer struct {
	texts  *lang.Texts
	domain string
	zone   *time.Location
}

// NewComposer returns a composer for the pages at domain, a host without port.
// Times are told in zone. It refuses a domain that leaves no room for some
// language's text, or that a phone could not read from the last line.
func NewComposer(texts *lang.Texts, domain string, zone *time.Location) (*Composer, error) {
	c := &Composer{texts, domain, zone}
	if domain == "" || !gsm7.Fits(domain) || strings.ContainsAny(domain, " \n\r#@:/") {
		return nil, fmt.Errorf("composing code messages: %q is not a host name", domain)
	}
	sent := time.Date(2026, 1, 1, 10, 0, 0, 0, zone)
	for _, l := range lang.All() {
		for key, code := range widestCodes() {
			text := c.Code(CodeText{Key: key, Language: l, Code: code, Sent: sent, ExpiresAt: sent.Add(59 * time.Minute)})
			if over := gsm7.Septets(text) - gsm7.SegmentSeptets; over > 0 {
				return nil, fmt.Errorf("composing code messages: the domain %s is %d characters too long for the text in %s; use a shorter host name for the issuer", domain, over, l)
			}
		}
	}
	return c, nil
}

// CodeText is what the message of a code says.
type CodeText struct {
	// Key of a text with the holes code, time, minutes and service.
	Key      string
	Language lang.Language
	Code     string
	// Service is the waiting service's name; it is cut to what fits.
	Service   string
	Sent      time.Time
	ExpiresAt time.Time
}

// Code composes: the code first, the service's name at the end, and on a last
// line of its own the domain and the code again, from which browsers fill the
// code in on pages of that domain only.
// Source of the last line: Origin-bound one-time codes delivered via SMS, W3C
// Web Incubator Community Group, section 2.
func (c *Composer) Code(t CodeText) string {
	lastLine := "\n@" + c.domain + " #" + t.Code
	words := func(service string) string {
		return strings.TrimSpace(gsm7.Fold(c.fill(t, t.Key, service))) + lastLine
	}
	// One line only: a name with line breaks could write a last line itself.
	service := strings.Join(strings.Fields(gsm7.Fold(t.Service)), " ")
	whole := words(service)
	over := gsm7.Septets(whole) - gsm7.SegmentSeptets
	if over <= 0 {
		return whole
	}
	room := gsm7.Septets(service) - over - len(cutMark)
	if room <= 0 {
		return words("")
	}
	return words(strings.TrimRight(gsm7.Cut(service, room), " .,-") + cutMark)
}

// Mail composes the mail of a code: subject and body are the texts of those names below
// the key. The code is not in the subject, which locked screens show.
func (c *Composer) Mail(t CodeText) (subject, body string) {
	return "Cl@ve: " + c.texts.Text(t.Language, t.Key+".subject"), c.fill(t, t.Key+".body", t.Service) + "\n"
}

// fill puts into a text what it has holes for.
func (c *Composer) fill(t CodeText, key, service string) string {
	return c.texts.Text(t.Language, key,
		"code", t.Code,
		"time", t.Sent.In(c.zone).Format("15:04"),
		"minutes", strconv.Itoa(int(t.ExpiresAt.Sub(t.Sent)/time.Minute)),
		"service", service)
}
