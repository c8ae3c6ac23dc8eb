package procedure_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"clave/census"
	"clave/census/registration"
	"clave/census/registration/registrationtest"
	"clave/identity"
	"clave/web/lang"
	"clave/web/page"
)

const confirm = "/my/email/confirm"

// inEveryLanguage looks for texts that are missing on a page.
func (b *browser) inEveryLanguage(t *testing.T, path string) {
	t.Helper()
	for _, l := range lang.All() {
		b.Language = string(l)
		b.Do(http.MethodGet, path, nil)
		if b.Header.Get("Content-Language") != string(l) || strings.Contains(b.Main(), "procedure.") || strings.Contains(b.Main(), "{to}") {
			t.Errorf("%s in %s: %d or lacks a text:\n%s", path, l, b.Status, b.Main())
		}
	}
	b.Language = "en"
}

func TestPagesOfTheAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	s.logIn(registrationtest.Member, identity.PIN)
	b.inEveryLanguage(t, confirm)
	b.Says("m•••@e•••.org", "Send me the code")
	b.Lacks(registrationtest.MemberEmail)
	if len(s.Outbox.Messages()) != 0 {
		t.Error("looking at a page sent a mail")
	}
	b.Goes(confirm+"/mail", confirm)
	b.inEveryLanguage(t, confirm+"/mail")
	b.Wrong("mail", "Enter the code that you received.", confirm+"/mail", "mail", "")
	b.Wrong("mail", "The code has six digits.", confirm+"/mail", "mail", "12")
	b.Get(confirm)
	b.Says("You have this under way", confirm+"/mail")

	// An hour later nothing is kept, and nothing was confirmed.
	s.Clock.Pass(registration.Idle)
	b.Goes(confirm+"?gone=1", confirm+"/mail", "mail", s.Outbox.Code(t))
	b.Get(confirm + "?gone=1")
	b.Says("start again")

	b.Goes(confirm+"/mail", confirm)
	s.Clock.Pass(registration.MailCodeLife)
	b.Get(confirm + "/mail")
	b.Says("The code is no longer valid")
	b.Goes(confirm+"/mail", confirm+"/again")
	b.Goes(confirm+"/done", confirm+"/mail", "mail", s.Outbox.Code(t))
	b.inEveryLanguage(t, confirm+"/done")
	b.inEveryLanguage(t, confirm) // confirmed already
	if b.Status != http.StatusConflict {
		t.Errorf("got %d, want 409", b.Status)
	}
	s.Register.Change(registrationtest.Document(registrationtest.Member), func(c *census.Candidate) { c.Email, _ = identity.ParseEmail("new@example.org") })
	b.Sent(confirm, confirm+"/done")
	b.Get(confirm)
	b.Says("n•••@e•••.org")
	b.Goes("/my", confirm+"/done")
}

func TestWhatStopsTheConfirmation(t *testing.T) {
	t.Parallel()
	stopped := func(b *browser, status int, says, path string, fields ...string) {
		b.T.Helper()
		b.Stopped(status, says, path, fields...)
		b.Lacks("SMS", "letter")
	}
	t.Run("no budget", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		s.Budget.Close()
		b := s.browser(t)
		s.logIn(registrationtest.Member, identity.PIN)
		stopped(b, http.StatusServiceUnavailable, "We cannot send you the e-mail now", confirm)
	})
	t.Run("too many in a day", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		s.logIn(registrationtest.Member, identity.PIN)
		for range registration.PhoneLimit {
			b.Goes(confirm+"/mail", confirm)
			s.Clock.Pass(time.Minute)
		}
		stopped(b, http.StatusTooManyRequests, "too many codes to this address", confirm)
	})
	t.Run("too many guesses", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		s.logIn(registrationtest.Member, identity.PIN)
		b.Goes(confirm+"/mail", confirm)
		wrong := "000000"
		if s.Outbox.Code(t) == wrong {
			wrong = "000001"
		}
		for range 4 {
			b.Post(confirm+"/mail", "mail", wrong)
		}
		for _, typed := range []string{wrong, s.Outbox.Code(t)} {
			stopped(b, http.StatusTooManyRequests, "Too many wrong codes", confirm+"/mail", "mail", typed)
		}
	})
	t.Run("another citizen in the same browser", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		s.logIn(registrationtest.Member, identity.PIN)
		b.Goes(confirm+"/mail", confirm)
		s.Register.Change(registrationtest.Document(registrationtest.NoPhone), func(c *census.Candidate) { c.Email, _ = identity.ParseEmail("other@example.org") })
		s.logIn(registrationtest.NoPhone, identity.Certificate)
		b.Goes(confirm+"?gone=1", confirm+"/mail", "mail", s.Outbox.Code(t))
		if !s.Town.Confirmed("person-of-R").IsZero() || !s.Town.Confirmed("person-of-H").IsZero() {
			t.Error("an address was confirmed")
		}
	})
	t.Run("a login that proves nothing here", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		s.logIn(registrationtest.Gone, identity.Certificate)
		if b.Do(http.MethodGet, confirm, nil); b.Status != http.StatusForbidden {
			t.Errorf("who withdrew: got %d, want 403", b.Status)
		}
	})
}

func TestPagesOfLeavingWithALetter(t *testing.T) {
	t.Parallel()
	const at = "/register/withdraw/letter"
	s := newSite(t, page.Around{})
	b := s.browser(t)
	s.Register.Change(registrationtest.Document(registrationtest.NoPhone), func(c *census.Candidate) { c.Email, _ = identity.ParseEmail("owner@example.org") })
	b.inEveryLanguage(t, at)
	b.Goes(at+"/validity", at, "document", registrationtest.NoPhone)
	b.Goes(at+"/choice", at+"/validity", "contrast-day", "1", "contrast-month", "10", "contrast-year", "2031")
	b.inEveryLanguage(t, at+"/choice")
	b.Goes(at+"/requested", at+"/choice", "choice", registration.ChoiceSend)
	b.inEveryLanguage(t, at+"/requested")
	b.Goes(at+"/code", at+"/choice", "choice", registration.ChoiceHave)
	b.Goes(at+"/code", at+"/confirm", conditions()...) // not without the letter
	b.Goes(at+"/confirm", at+"/code", "code", s.Town.Letter(registrationtest.NoPhone))
	b.inEveryLanguage(t, at+"/confirm")
	b.Lacks("owner", "o•••@")
	b.Wrong("conditions", "you have to accept the conditions", at+"/confirm")
	b.Goes(at+"/done", at+"/confirm", conditions()...)
	b.inEveryLanguage(t, at+"/done")
	b.Goes("/register", at+"/leave")
	b.Sent(at+"?gone=1", at+"/done")
}
