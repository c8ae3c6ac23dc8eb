package e2e

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"clave/web/lang"

	"github.com/google/go-cmp/cmp"
)

// remember keeps how the page looks; like compares another one with it.
func (w *world) remember(name string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	w.looks[name] = p.looks()
	return nil
}

func (w *world) like(name string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if diff := cmp.Diff(p.looks(), w.looks[name]); diff != "" {
		return fmt.Errorf("the page differs from %s:\n%s", name, diff)
	}
	return nil
}

func showsPage(w *world, args []string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if len(args) == 0 || strconv.Itoa(p.status) != args[0] {
		return fmt.Errorf("the status is %d", p.status)
	}
	if len(args) == 2 && !w.pattern(p, args[1]).MatchString(p.heading) {
		return fmt.Errorf("the heading is %q", p.heading)
	}
	if p.heading == "" || !strings.Contains(p.title, p.heading) {
		return fmt.Errorf("the title %q does not hold the heading %q", p.title, p.heading)
	}
	return nil
}

var hole = regexp.MustCompile(`\\\{[a-z0-9_]+\\\}`)

// pattern is a text in the language of the page, with anything in its holes.
func (w *world) pattern(p *page, key string) *regexp.Regexp {
	l, _ := lang.Parse(p.language) // none is Spanish
	text := regexp.QuoteMeta(squeeze(w.texts.Text(l, key)))
	return regexp.MustCompile(hole.ReplaceAllString(text, ".+?"))
}

func (w *world) says(key string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if !w.texts.Has(key) {
		return fmt.Errorf("no text has the key %s", key)
	}
	if !w.pattern(p, key).MatchString(p.text) {
		return fmt.Errorf("%w: the page says %s", errNot, key)
	}
	return nil
}

func (w *world) sees(text string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if !strings.Contains(p.text, text) && !strings.Contains(p.source, text) {
		return fmt.Errorf("%w: the page holds %q", errNot, text)
	}
	return nil
}

func (w *world) speaks(tag string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if p.language != tag {
		return fmt.Errorf("the page speaks %s", p.language)
	}
	return nil
}

func header(w *world, args []string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if len(args) != 2 {
		return errors.New("usage: header NAME REGEXP")
	}
	if got := p.header.Get(args[0]); !regexp.MustCompile(args[1]).MatchString(got) {
		return fmt.Errorf("the header is %q", got)
	}
	return nil
}

func answer(w *world, args []string) error {
	if len(args) == 1 && args[0] == "code" {
		return w.checkAnswer(url.Values{"code": {"*"}})
	}
	v, err := pairs(args)
	if err != nil {
		return err
	}
	return w.checkAnswer(v)
}

// over tells that the login of the attempt is: the browser gets the answer that it
// got before, for a moment, and then a page that says so.
func (w *world) over() error {
	if w.arrival == nil {
		return showsPage(w, []string{"200", "broker.over.title"})
	}
	if s := w.arrival.saml; s != nil {
		if err := w.samlAsserted(url.Values{}); err != nil || !s.service.repeated {
			return errors.Join(err, errors.New("the service got another answer"))
		}
		return nil
	}
	if code := w.arrival.answer.Get("code"); code == "" || code != w.arrival.spent {
		return errors.New("the relying party got another answer")
	}
	return nil
}

func hops(w *world, args []string) error {
	most, err := strconv.Atoi(strings.Join(args, ""))
	if err != nil {
		return errors.New("usage: hops MAX")
	}
	t := w.browser.tab
	pages := t.shown
	kit := w.dialect.arrival != nil
	if kit || w.arrival != nil && w.arrival.saml != nil {
		pages-- // the one that posts the answer by itself
	}
	if t.hops > most || pages > 0 || w.arrival == nil && !kit {
		return fmt.Errorf("%d redirects and %d pages", t.hops, t.shown)
	}
	return nil
}

func (w *world) claim(wanted url.Values) error {
	if w.attempt == nil || w.attempt.claims == nil {
		return errors.New("there is no ID token")
	}
	return match(w.attempt.claims, wanted)
}

func same(_ *world, args []string) error {
	if len(args) != 2 || args[0] == "" || args[1] == "" {
		return errors.New("usage: same VALUE VALUE, neither empty")
	}
	if args[0] != args[1] {
		return fmt.Errorf("%w: %q are the same", errNot, args)
	}
	return nil
}

// handsfree logs every citizen in by hint, in a browser of their own, and
// compares what the service hears with what the sandbox says about them.
func (w *world) handsfree() error {
	for _, c := range w.citizens {
		w.face(c.Document)
		if err := w.logIn(false, url.Values{"login_hint": {"test:" + c.Document}}); err != nil {
			return fmt.Errorf("%s: %w", c.Document, err)
		}
		if err := w.heard(c); err != nil {
			return fmt.Errorf("%s, %s: %w\n%s", c.Document, c.State, err, w.scene())
		}
	}
	return nil
}

// mostHops is what the sandbox promises about a login without hands.
const mostHops = "15"

func (w *world) heard(c citizen) error {
	if err := hops(w, []string{mostHops}); err != nil {
		return err
	}
	if len(c.Methods) == 0 {
		return w.checkAnswer(url.Values{"error": {"access_denied"}})
	}
	if err := w.redeem(url.Values{}); err != nil {
		return err
	}
	if err := w.claim(c.claims()); err != nil {
		return err
	}
	return w.userinfo(url.Values{
		"document_number": {c.Document}, "given_name": {c.GivenName}, "birthdate": {c.BirthDate},
		"family_name": {strings.TrimSpace(c.FirstSurname + " " + c.SecondSurname)},
	})
}

// claims are what the service hears about the citizen: by Cl@ve PIN where that works,
// else by certificate, where the registration is not counted.
func (c citizen) claims() url.Values {
	v := url.Values{
		"acr": {"http://eidas.europa.eu/LoA/substantial"}, "method": {"pin"}, "amr": {"otp sms mfa"},
		"registration_level": {c.Level}, "registration_channel": {c.Channel}, "document_number": {""},
	}
	if c.Level == "basic" {
		v.Set("acr", "http://eidas.europa.eu/LoA/low")
	}
	if c.Methods[0] == "pin" {
		return v
	}
	v.Set("method", "certificate")
	v.Set("acr", "http://eidas.europa.eu/LoA/substantial")
	v.Set("amr", "swk x509")
	if strings.Contains(c.Secrets["pkcs12_path"], "/dnie/") {
		v.Set("acr", "http://eidas.europa.eu/LoA/high")
		v.Set("amr", "hwk x509")
	}
	v.Set("registration_level", "")
	v.Set("registration_channel", "")
	return v
}
