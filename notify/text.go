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
	// PossessionText is the SMS that proves that a citizen holds the phone.
	PossessionText = "registration.possession.sms"
)

// cutMark ends a service's name that did not fit.
const cutMark = "..."

// Composer writes the text messages that carry a code, each in one GSM 7 bit
// segment: a second one doubles the cost and may come late or alone.
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
		for key, code := range map[string]string{PINText: "AAA", PossessionText: "000000"} {
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
		return strings.TrimSpace(gsm7.Fold(c.texts.Text(t.Language, t.Key,
			"code", t.Code,
			"time", t.Sent.In(c.zone).Format("15:04"),
			"minutes", strconv.Itoa(int(t.ExpiresAt.Sub(t.Sent)/time.Minute)),
			"service", service))) + lastLine
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
