package procedure_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"clave/census/receipt"
	"clave/census/registration"
	"clave/census/registration/registrationtest"
	"clave/identity"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/portal/procedure"
)

const at = procedure.LetterPath

func dni() []string {
	return []string{"contrast-day", "1", "contrast-month", "10", "contrast-year", "2031"}
}

func contact(national string) []string {
	return []string{
		"prefix", "34", "phone", national, "phone_again", national, "email", "sam@example.org", "email_again", "sam@example.org",
		"conditions", receipt.CurrentConditions,
	}
}

// matched walks to the choice.
func (b *browser) matched(number string) {
	b.T.Helper()
	b.Goes(at+"/validity", at, "document", number)
	b.Goes(at+"/choice", at+"/validity", dni()...)
}

// invited walks to the contact, with a letter that is sent first unless it was.
func (b *browser) invited(s *site, number string) {
	b.T.Helper()
	b.matched(number)
	if !s.Town.Sent(number) {
		b.Goes(at+"/requested", at+"/choice", "choice", "send")
	}
	b.Goes(at+"/code", at+"/choice", "choice", "have")
	b.Goes(at+"/contact", at+"/code", "code", s.Town.Letter(number))
}

func TestTheLetterIsRequested(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	b.Get(at)
	b.Says("Register with an invitation letter", `id="document"`)
	b.Goes(at+"/validity", at, "document", "12345678-z")
	b.Get(at + "/validity")
	b.Says("•••••678Z", `id="contrast-day"`, "/register/letter/issue")
	b.Goes(at+"/choice", at+"/validity", dni()...)
	b.Get(at + "/choice")
	b.Says("I already have an invitation letter", "I have no letter: send it to my tax address")
	b.Goes(at+"/requested", at+"/choice", "choice", "send")
	b.Get(at + "/requested")
	b.Says("We are sending you the letter", "within 60 days")
	b.Lacks("Calle", "Madrid", "28001", "Sam")
	if !s.Town.Sent("12345678Z") {
		t.Fatal("no letter was sent")
	}
	b.Goes("/register", at+"/leave")
	if b.Cookies["clave_procedure"] != "" || len(s.Memory.Rows()) != 0 {
		t.Error("something is left of the procedure")
	}
}

func TestWhoHasALetterIsRegistered(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{Service: "Town Hall", Waiting: "/login/abc", LoginID: "abc"})
	b := s.browser(t)
	b.invited(s, registrationtest.Stranger)
	b.Get(at + "/contact")
	b.Says(`name="prefix" type="text" value="34"`, "Without the + sign", `name="conditions"`)
	b.Goes(at+"/sms", at+"/contact", contact("600000001")...)
	b.Get(at + "/sms")
	b.Says("ends in 001", `autocomplete="one-time-code"`, `inputmode="numeric"`)
	code := s.Outbox.Code(t)
	b.Wrong("sms", "You have 4 tries left", at+"/sms", "sms", other(code))
	b.Goes(at+"/done", at+"/sms", "sms", code[:3]+" "+code[3:])
	b.Get(at + "/done")
	b.Says("You are registered in Cl@ve", "12345678Z", "+34600000001", "sam@example.org", "AAAA-BBBB-CCCC",
		"Go back and log in to Town Hall", `href="/login/abc"`, receipt.CurrentConditions)
	b.Do(http.MethodGet, at+"/receipt", nil)
	if b.Status != http.StatusOK || b.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(b.Page, "%PDF") {
		t.Errorf("got %d, %s", b.Status, b.Header.Get("Content-Type"))
	}
	if !strings.HasPrefix(b.Header.Get("Content-Disposition"), "attachment; filename=\"clave-") || b.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %v", b.Header)
	}
	_, copies, err := s.Town.Receipts.ReceiptByCode(t.Context(), s.Town.Receipts.All()[0].Code)
	if err != nil || len(copies) != 1 {
		t.Errorf("got %d copies noted, %v", len(copies), err)
	}
	t.Run("and nothing is answered any more", func(t *testing.T) {
		b.T = t
		for _, path := range []string{"/contact", "/code", "/choice", "/sms", "/validity"} {
			b.Sent(at+"/done", at+path)
		}
		b.Goes(at+"/done", at+"/sms", "sms", code)
		b.Goes(at+"/done", at+"/contact", contact("600000002")...)
		b.Goes(at+"/done", at+"/again")
	})
	b.T = t
	b.Goes("/login/abc", at+"/leave")
	b.Sent(at+"?gone=1", at+"/done")
	b.Sent(at+"?gone=1", at+"/receipt")
}

func other(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

func TestForms(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	b.Wrong("document", "Enter the number of your DNI or NIE.", at, "document", "")
	b.Wrong("document", "A DNI has eight digits", at, "document", "hello")
	b.Wrong("document", "The letter does not belong", at, "document", "12345678A")
	b.Goes(at+"/support", at, "document", registrationtest.Foreigner)
	b.Wrong("contrast", "Enter the support number.", at+"/support", "contrast", " ")
	b.Wrong("contrast", "A support number has", at+"/support", "contrast", "X1")
	b.Sent(at+"/support", at+"/validity")
	b.Goes(at+"/choice", at+"/support", "contrast", "e-12345678")
	b.Goes(at+"/validity", at, "document", registrationtest.Stranger)
	b.Sent(at+"/validity", at+"/support")
	b.Wrong("contrast", "Enter the date", at+"/validity")
	b.Wrong("contrast", "There is no such date", at+"/validity", "contrast-day", "31", "contrast-month", "2", "contrast-year", "2031")
	b.Goes(at+"/issue", at+"/validity", "contrast-day", "1", "contrast-month", "1", "contrast-year", "9999")
	b.Get(at + "/issue")
	b.Goes(at+"/choice", at+"/issue", "contrast-day", "1", "contrast-month", "10", "contrast-year", "2021")
	b.Post(at + "/choice")
	if b.Status != http.StatusUnprocessableEntity {
		t.Errorf("no choice: got %d", b.Status)
	}
	b.Says("Choose one of the two answers.", `href="#choice-have"`)
	b.Goes(at+"/requested", at+"/choice", "choice", "send")
	b.Goes(at+"/code", at+"/choice", "choice", "have")
	b.Wrong("code", "Enter the code printed", at+"/code", "code", "")
	b.Wrong("code", "without 0, 1, O and I", at+"/code", "code", "ABCD-0000-1111-IIII")
	b.Wrong("code", "Tries left: 4", at+"/code", "code", "ABCD-EFGH-JKLM-NPQR")
	code := s.Town.Letter(registrationtest.Stranger)
	b.Goes(at+"/contact", at+"/code", "code", strings.ToLower(code[:4]+"-"+code[4:8]+" "+code[8:]))
	b.Wrong("phone", "Enter the number of your mobile phone.", at+"/contact", "prefix", "34", "email", "sam@example.org", "email_again", "sam@example.org")
	b.Says("To register you have to accept the conditions of use.", `href="#conditions"`)
	b.Wrong("phone", "a fixed line", at+"/contact", with(contact("910000001"))...)
	b.Wrong("phone_again", "It is not the same number", at+"/contact", with(contact("600000001"), "phone_again", "600000002")...)
	b.Wrong("email_again", "It is not the same address", at+"/contact", with(contact("600000001"), "email_again", "x@example.org")...)
	b.Wrong("prefix", "Enter the prefix of the country", at+"/contact", with(contact("600000001"), "prefix", "")...)
	b.Post(at+"/contact", with(contact("600000001"), "conditions", "2020-01")...)
	b.Says("To register you have to accept the conditions of use.", `id="conditions-error"`)
	b.Goes(at+"/sms", at+"/contact", with(contact("600000001"), "phone", "+34 600 000 001", "prefix", "351")...)
	b.Wrong("sms", "Enter the code that you received.", at+"/sms", "sms", "")
	b.Wrong("sms", "The code has six digits", at+"/sms", "sms", "12345")
	b.Post(at + "/again")
	if b.Status != http.StatusTooManyRequests || b.Header.Get("Retry-After") == "" {
		t.Errorf("again at once: got %d, %q", b.Status, b.Header.Get("Retry-After"))
	}
	b.Says("before another is sent")
	s.Clock.Pass(registration.CodeLife)
	b.Get(at + "/sms")
	b.Says("The code is no longer valid", "Send another code")
	b.Goes(at+"/sms", at+"/again")
	b.Get(at + "/contact")
	b.Says(`value="+34 600 000 001"`, `value="sam@example.org"`, " checked")
}

// with changes fields of a form.
func with(fields []string, changes ...string) []string {
	for i := 0; i+1 < len(changes); i += 2 {
		for j := 0; j+1 < len(fields); j += 2 {
			if fields[j] == changes[i] {
				fields[j+1] = changes[i+1]
			}
		}
	}
	return fields
}

func TestAPhoneOfSomebodyElse(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	b.invited(s, registrationtest.Stranger)
	b.Goes(at+"/claim", at+"/contact", contact(registrationtest.MemberPhone[3:])...)
	b.Get(at + "/claim")
	b.Says("This phone is registered to another document", "ends in 009", "loses the phone")
	b.Lacks("99999999R", "999R")
	if n := len(s.Outbox.Messages()); n != 0 {
		t.Errorf("got %d messages", n)
	}
	b.Sent(at+"/claim", at+"/sms")
	b.Goes(at+"/claim", at+"/sms", "sms", "123456")
	b.Goes(at+"/sms", at+"/claim")
	b.Get(at + "/sms")
	b.Says("With the code you take it over")
	b.Goes(at+"/done", at+"/sms", "sms", s.Outbox.Code(t))
	b.Get(at + "/done")
	b.Says("was registered to another document until now")
}

func TestMoreTime(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	b.matched(registrationtest.Stranger)
	b.Get(at + "/choice")
	b.Says("What you type here is kept until 13:00", `data-deadline="3600"`)
	s.Clock.Pass(50 * time.Minute)
	b.Goes(at+"/choice", at+"/extend", "return", at+"/choice")
	b.Get(at + "/choice")
	b.Says("What you type here is kept until 13:50")
	for range 12 {
		s.Clock.Pass(58 * time.Minute)
		b.Post(at+"/extend", "return", "//evil.example")
		if to := b.Header.Get("Location"); to != "/" && to != at+"?gone=1" {
			t.Fatalf("got %q", to)
		}
	}
	b.Sent(at+"?gone=1", at+"/choice")
	b.Goes(at+"?gone=1", at+"/extend")
}

func TestAClaimSoonAfterAnotherPhone(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	b.invited(s, registrationtest.Stranger)
	b.Goes(at+"/sms", at+"/contact", contact("600000001")...)
	b.Goes(at+"/claim", at+"/contact", contact(registrationtest.MemberPhone[3:])...)
	b.Stopped(http.StatusTooManyRequests, "before another is sent", at+"/claim")
	b.Says("<title>Error:", "This phone is registered to another document")
	s.Clock.Pass(registration.SendSpacing)
	b.Goes(at+"/sms", at+"/claim")
}

func TestWhatIsToldToWhom(t *testing.T) {
	t.Parallel()
	t.Run("who is registered learns so with the right datum", func(t *testing.T) {
		t.Parallel()
		b := newSite(t, page.Around{}).browser(t)
		b.Goes(at+"/validity", at, "document", registrationtest.Member)
		b.Stopped(http.StatusForbidden, "You are registered in Cl@ve already", at+"/validity", dni()...)
		b.Says("/register/change", "/register/level")
	})
	t.Run("whose registration was revoked too", func(t *testing.T) {
		t.Parallel()
		b := newSite(t, page.Around{}).browser(t)
		b.Goes(at+"/validity", at, "document", registrationtest.Expelled)
		b.Stopped(http.StatusForbidden, "Your registration was revoked", at+"/validity", dni()...)
	})
	t.Run("a wrong datum is answered alike, whoever the document belongs to", func(t *testing.T) {
		t.Parallel()
		var want string
		for _, number := range []string{registrationtest.Nobody, registrationtest.Stranger, registrationtest.Member, registrationtest.Expelled, registrationtest.Dead} {
			b := newSite(t, page.Around{}).browser(t)
			b.Goes(at+"/validity", at, "document", number)
			b.Wrong("contrast", "do not match", at+"/validity", "contrast-day", "1", "contrast-month", "1", "contrast-year", "2030")
			masked := identity.DocumentID.String(registrationtest.Document(number))
			got := strings.ReplaceAll(b.Main(), masked, "DOCUMENT")
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%s gets another page:\n%s\nwant\n%s", number, got, want)
			}
		}
	})
	t.Run("five wrong ones stop it, for the unknown too", func(t *testing.T) {
		t.Parallel()
		for _, number := range []string{registrationtest.Nobody, registrationtest.Stranger} {
			b := newSite(t, page.Around{}).browser(t)
			b.Goes(at+"/validity", at, "document", number)
			wrong := []string{"contrast-day", "1", "contrast-month", "1", "contrast-year", "2030"}
			for range 4 {
				b.Wrong("contrast", "do not match", at+"/validity", wrong...)
			}
			b.Stopped(http.StatusTooManyRequests, "Too many wrong data with this document", at+"/validity", wrong...)
			b.Stopped(http.StatusTooManyRequests, "You can try again at 13:00", at+"/validity", dni()...)
			if b.Header.Get("Retry-After") != "3600" {
				t.Errorf("got Retry-After %q", b.Header.Get("Retry-After"))
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	t.Run("a second letter in a day", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.matched(registrationtest.Stranger)
		b.Goes(at+"/requested", at+"/choice", "choice", "send")
		b = s.browser(t)
		b.matched(registrationtest.Stranger)
		b.Stopped(http.StatusTooManyRequests, "A letter is on its way already", at+"/choice", "choice", "send")
		b.Says("You can try again at 12:00", at+"/choice")
	})
	t.Run("no address", func(t *testing.T) {
		t.Parallel()
		b := newSite(t, page.Around{}).browser(t)
		b.matched(registrationtest.Vagabond)
		b.Stopped(http.StatusConflict, "We have no address to write to", at+"/choice", "choice", "send")
	})
	t.Run("guessing the code of a letter", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.matched(registrationtest.Stranger)
		b.Goes(at+"/code", at+"/choice", "choice", "have")
		for range 4 {
			b.Wrong("code", "does not belong to a letter", at+"/code", "code", "ABCDEFGHJKLMNPQR")
		}
		b.Stopped(http.StatusTooManyRequests, "we check no more codes with this document for ten minutes", at+"/code", "code", "ABCDEFGHJKLMNPQR")
	})
	t.Run("guessing the code of the phone", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.invited(s, registrationtest.Stranger)
		b.Goes(at+"/sms", at+"/contact", contact("600000001")...)
		code := s.Outbox.Code(t)
		for range 3 {
			b.Wrong("sms", "tries left", at+"/sms", "sms", other(code))
		}
		b.Wrong("sms", "You have one try left", at+"/sms", "sms", other(code))
		b.Stopped(http.StatusTooManyRequests, "this attempt has ended", at+"/sms", "sms", other(code))
		b.Stopped(http.StatusTooManyRequests, "this attempt has ended", at+"/sms", "sms", code)
		b.Do(http.MethodGet, at+"/sms", nil)
		b.Says("this attempt has ended", "Start again")
	})
	t.Run("no message beyond the budget", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.invited(s, registrationtest.Stranger)
		s.Budget.Close()
		b.Stopped(http.StatusServiceUnavailable, "We cannot send you the SMS now", at+"/contact", contact("600000001")...)
		if b.Header.Get("Retry-After") != "60" {
			t.Errorf("got Retry-After %q", b.Header.Get("Retry-After"))
		}
	})
	t.Run("a letter that was used meanwhile", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		one, two := s.browser(t), s.browser(t)
		one.invited(s, registrationtest.Stranger)
		two.invited(s, registrationtest.Stranger)
		one.Goes(at+"/sms", at+"/contact", contact("600000001")...)
		first := s.Outbox.Code(t)
		two.Goes(at+"/sms", at+"/contact", contact("600000002")...)
		second := s.Outbox.Code(t)
		one.Goes(at+"/done", at+"/sms", "sms", first)
		two.Stopped(http.StatusForbidden, "You are registered in Cl@ve already", at+"/sms", "sms", second)
	})
}

func TestTheBrowser(t *testing.T) {
	t.Parallel()
	t.Run("without a procedure every page leads to the beginning", func(t *testing.T) {
		t.Parallel()
		b := newSite(t, page.Around{}).browser(t)
		for _, path := range []string{"/validity", "/issue", "/support", "/choice", "/requested", "/code", "/contact", "/claim", "/sms", "/done", "/receipt"} {
			b.Sent(at+"?gone=1", at+path)
		}
		for _, path := range []string{"/validity", "/again", "/claim"} {
			b.Goes(at+"?gone=1", at+path)
		}
		b.Goes(at+"?gone=1", at+"/choice", "choice", "send")
		b.Goes(at+"?gone=1", at+"/sms", "sms", "123456")
		b.Goes(at+"?gone=1", at+"/code", "code", "ABCDEFGHJKLMNPQR")
		b.Goes(at+"?gone=1", at+"/contact", contact("600000001")...)
		b.Get(at + "?gone=1")
		b.Says("You have to start again")
		b.Goes("/register", at+"/leave")
	})
	t.Run("a page from further on leads to where it stands", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.Goes(at+"/validity", at, "document", registrationtest.Stranger)
		for _, path := range []string{"/choice", "/requested", "/code", "/contact", "/sms", "/done"} {
			b.Sent(at+"/validity", at+path)
		}
		b.Goes(at+"/choice", at+"/validity", dni()...)
		b.Sent(at+"/choice", at+"/contact")
	})
	t.Run("who closed the window finds the way back", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.invited(s, registrationtest.Stranger)
		b.Get(at)
		b.Says("You have this under way", at+"/contact")
		b.Lacks("You have to start again", "•••••678Z")
	})
	t.Run("what was typed is there when one goes back", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.Goes(at+"/support", at, "document", registrationtest.Foreigner)
		b.Goes(at+"/choice", at+"/support", "contrast", "e 12345678")
		b.Get(at + "/support")
		b.Says(`value="E12345678"`)
		b.invited(s, registrationtest.Stranger)
		b.Goes(at+"/sms", at+"/contact", contact("600000001")...)
		b.Get(at + "/validity")
		b.Says(`value="1"`, `value="10"`, `value="2031"`)
		b.Get(at + "/issue")
		b.Lacks(`value="2031"`)
		b.Get(at + "/choice")
		b.Says(`value="have" checked`)
		b.Get(at + "/code")
		b.Says(`value="` + s.Town.Letter(registrationtest.Stranger) + `"`)
		b.Get(at + "/contact")
		b.Says(`value="600000001"`, `value="sam@example.org"`)
		b.Goes(at+"/choice", at+"/validity", dni()...) // the same answer undoes nothing
		b.Sent(at+"/sms", at+"/claim")
	})
	t.Run("a handle that a stranger planted dies when the document is typed", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		stranger := s.browser(t)
		stranger.invited(s, registrationtest.Stranger)
		stranger.Goes(at+"/sms", at+"/contact", contact("600000066")...)
		b := s.browser(t)
		b.Cookies["clave_procedure"] = stranger.Cookies["clave_procedure"]
		b.invited(s, registrationtest.Stranger)
		b.Get(at + "/contact")
		b.Lacks("600000066")
		stranger.Sent(at+"?gone=1", at+"/sms")
	})
	t.Run("an hour later nothing is left", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.invited(s, registrationtest.Stranger)
		s.Clock.Pass(time.Hour)
		b.Sent(at+"?gone=1", at+"/contact")
	})
	t.Run("a form of another site is refused", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.matched(registrationtest.Stranger)
		b.foreign(at+"/choice", "choice", "send")
		if b.Status != http.StatusForbidden || s.Town.Sent(registrationtest.Stranger) {
			t.Errorf("got %d", b.Status)
		}
	})
	t.Run("the language changes where one stands, after an error too", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.invited(s, registrationtest.Stranger)
		b.Wrong("phone", "a fixed line", at+"/contact", contact("910000001")...)
		b.Says(`name="return" value="` + at + `/contact"`)
		b.Goes(at+"/contact", "/language", "lang", "eu", "return", at+"/contact")
		b.Get(at + "/contact")
		b.Says("Erabilera-baldintzak")
		b.Goes(at+"/sms", at+"/contact", contact("600000001")...)
		if m := s.Outbox.Messages(); m[0].Language != "eu" || !strings.Contains(m[0].Body, "Ez eman inori") {
			t.Errorf("got the message in %s: %s", m[0].Language, m[0].Body)
		}
	})
	t.Run("nothing personal in the log", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, page.Around{})
		b := s.browser(t)
		b.invited(s, registrationtest.Stranger)
		b.Goes(at+"/sms", at+"/contact", contact("600000001")...)
		b.Goes(at+"/done", at+"/sms", "sms", s.Outbox.Code(t))
		for _, personal := range []string{"12345678", "600000001", "sam@", "2031"} {
			if strings.Contains(s.Log.String(), personal) {
				t.Errorf("the log has %q", personal)
			}
		}
	})
}

// foreign sends a form as a page of another site would.
func (b *browser) foreign(path string, fields ...string) {
	b.T.Helper()
	b.CrossSite = true
	defer func() { b.CrossSite = false }()
	b.Post(path, fields...)
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	show := func(path string) {
		t.Helper()
		for _, l := range lang.All() {
			b.Language = string(l)
			b.Get(path)
			if strings.Contains(b.Main(), "procedure.") || strings.Contains(strings.ReplaceAll(b.Main(), "{n}", ""), "{") {
				t.Errorf("%s in %s lacks a text:\n%s", path, l, b.Main())
			}
		}
		b.Language = "en"
	}
	show(at)
	show(at + "?gone=1")
	b.Goes(at+"/support", at, "document", registrationtest.Foreigner)
	show(at + "/support")
	b.Goes(at+"/validity", at, "document", registrationtest.NoPhone)
	show(at + "/validity")
	show(at + "/issue")
	b.Goes(at+"/choice", at+"/validity", dni()...)
	show(at + "/choice")
	b.Goes(at+"/requested", at+"/choice", "choice", "send")
	show(at + "/requested")
	b.Goes(at+"/code", at+"/choice", "choice", "have")
	show(at + "/code")
	b.Goes(at+"/contact", at+"/code", "code", s.Town.Letter(registrationtest.NoPhone))
	show(at + "/contact")
	b.Goes(at+"/claim", at+"/contact", contact(registrationtest.MemberPhone[3:])...)
	show(at + "/claim")
	b.Goes(at+"/sms", at+"/claim")
	show(at + "/sms")
	b.Goes(at+"/done", at+"/sms", "sms", s.Outbox.Code(t))
	show(at + "/done")
}
