package procedure_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"clave/broker"
	"clave/census"
	"clave/census/receipt"
	"clave/census/registration"
	"clave/census/registration/registrationtest"
	"clave/identity"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/portal/procedure"
	"clave/web/route"
)

// guard lets who is logged in pass, by the method that the route demands.
func (s *site) guard(proof route.Proof) route.Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.citizen == nil || proof.Method != "" && proof.Method != s.citizen.Evidence.Method {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r.WithContext(broker.WithCitizen(r.Context(), s.citizen)))
		})
	}
}

// logIn is what the broker says about somebody who logged in just now.
func (s *site) logIn(number string, by identity.Method) {
	document := registrationtest.Document(number)
	s.Register.Change(document, func(c *census.Candidate) {
		if c.PersonID == "" {
			c.PersonID = identity.PersonID("certified-" + number)
		}
	})
	c, _ := s.Register.Candidate(context.Background(), document) // in memory
	s.citizen = &broker.Citizen{
		Session: broker.Session{ID: broker.SessionID("session of " + number), Person: c.PersonID},
		Standing: broker.Standing{
			Person: c.PersonID, Identity: c.Reference.Person, State: c.State, Registration: c.Registration, Channel: c.Channel,
		},
		Evidence: broker.Evidence{Method: by, Login: "login"}, Level: identity.Low,
	}
	s.citizen.Session.State.Name = "Sam Sample"
}

func conditions() []string { return []string{"conditions", receipt.CurrentConditions} }

func TestWhoHasACertificateIsRegistered(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{Service: "Town Hall", Waiting: "/login/abc"})
	b := s.browser(t)
	at := procedure.CertificatePath
	b.Get(at)
	b.Says("Register with a certificate or DNIe", at+"/choice", "/login/abc")
	s.logIn(registrationtest.Foreigner, identity.Certificate)
	b.Get(at + "/choice")
	b.Says("Sam Sample", "•••••567L", "You can register now")
	b.Lacks(registrationtest.Foreigner)
	b.Goes(at+"/contrast", at+"/choice")
	b.Get(at + "/contrast")
	b.Says("Foreigner identity card", "Residence permit", "EU citizen registration certificate")
	b.Lacks("DNI issued before 2006")
	b.Post(at + "/contrast")
	b.Says("<title>Error:", "Choose your document.", `href="#printed-foreigner_card"`)
	b.Post(at+"/contrast", "printed", "electronic_dni")
	b.Says("Choose your document.")
	b.Sent(at+"/contrast", at+"/contrast/electronic_dni")
	b.Goes(at+"/contrast/eu_certificate", at+"/contrast", "printed", "eu_certificate")
	b.Wrong("contrast", "A support number has", at+"/contrast/eu_certificate", "contrast", "E12345678")
	b.Goes(at+"/contrast/foreigner_card", at+"/contrast", "printed", "foreigner_card")
	b.Wrong("contrast", "do not match", at+"/contrast/foreigner_card", "contrast", "E12345679")
	b.Goes(at+"/contact", at+"/contrast/foreigner_card", "contrast", "e 12345678")
	b.Get(at + "/contact")
	b.Says("Your phone and your e-mail", "What you type here is kept until")
	b.Lacks("Change the number of the document")
	b.Goes(at+"/sms", at+"/contact", contact("600000001")...)
	b.Goes(at+"/done", at+"/sms", "sms", s.Outbox.Code(t))
	b.Get(at + "/done")
	b.Says("You are registered in Cl@ve", "at the advanced level", registrationtest.Foreigner, "+34600000001", "AAAA-BBBB-CCCC", `href="/login/abc"`)
	b.Do(http.MethodGet, at+"/receipt", nil)
	if b.Status != http.StatusOK || !strings.HasPrefix(b.Page, "%PDF") {
		t.Errorf("the receipt: got %d", b.Status)
	}
	b.Goes("/login/abc", at+"/done")
	b.Sent(at+"/choice?gone=1", at+"/done")
	s.logIn(registrationtest.Foreigner, identity.Certificate)
	b.Get(at + "/choice")
	b.Says("/my/phone", "/my/withdraw")
	b.Stopped(http.StatusForbidden, "You are registered in Cl@ve already", at+"/choice")
}

// Whose handle it is decides, not whose browser.
func TestAProcedureBelongsToItsSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	s.logIn(registrationtest.Member, identity.Certificate)
	b.Goes("/my/phone/sms", "/my/phone", contact("600000001")...)
	code := s.Outbox.Code(t)
	other := registrationtest.NoPhone
	s.logIn(other, identity.Certificate)
	b.Sent("/my/phone?gone=1", "/my/phone/sms")
	b.Goes("/my/phone?gone=1", "/my/phone/sms", "sms", code)
	b.Goes("/my/phone?gone=1", "/my/phone/again")
	b.Goes("/my", "/my/phone/leave")
	s.logIn(registrationtest.Member, identity.Certificate)
	s.citizen.Session.ID = "a later session"
	b.Sent("/my/phone?gone=1", "/my/phone/sms")
	b.Get("/my/phone?gone=1")
	b.Says("You have to start again")

	// The handle of one procedure opens no other's pages.
	b.Goes("/my/phone/sms", "/my/phone", contact("600000001")...)
	b.Cookies["clave_procedure_email"] = b.Cookies["clave_procedure_phone"]
	b.Sent("/my/email?gone=1", "/my/email/sms")
	b.Cookies["clave_procedure"] = b.Cookies["clave_procedure_phone"]
	b.Sent("/register/letter?gone=1", "/register/letter/sms")
}

func TestNobodyWithoutTheProof(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	refused := func(method string, paths ...string) {
		t.Helper()
		for _, path := range paths {
			if b.Do(method, path, nil); b.Status != http.StatusUnauthorized {
				t.Errorf("%s %s: got %d", method, path, b.Status)
			}
		}
	}
	refused(http.MethodGet, "/my/phone", "/my/email", "/my/level", "/my/activation", "/my/withdraw", "/my/withdraw/sms", "/register/certificate/choice", "/register/certificate/contact")
	s.logIn(registrationtest.Member, identity.PIN)
	refused(http.MethodGet, "/my/phone", "/my/level", "/my/activation/certificate", "/register/certificate/choice")
	refused(http.MethodPost, "/my/phone", "/my/level", "/my/activation/certificate", "/register/certificate/choice")
	b.foreign("/my/withdraw", conditions()...)
	if b.Status != http.StatusForbidden || len(s.Memory.Rows()) != 0 {
		t.Errorf("a form of another site: got %d", b.Status)
	}
}

func TestLeaving(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	at := procedure.WithdrawPath
	s.logIn(registrationtest.Member, identity.PIN)
	b.Get(at)
	b.Says("You can no longer log in with Cl@ve PIN", "The sessions that you have open end", "•••••999R", "We keep the record", "a code by SMS")
	b.Lacks("99999999R", registrationtest.MemberPhone)
	b.Post(at)
	b.Says("<title>Error:", "To go on you have to accept the conditions", `href="#conditions"`)
	b.Goes(at+"/sms", at, conditions()...)
	b.Get(at)
	b.Says("You have this under way", at+"/sms")
	b.Get(at + "/confirm")
	b.Says("You can no longer log in with Cl@ve PIN")
	b.Get(at + "/sms")
	b.Lacks("Use another phone")
	b.Goes(at+"/done", at+"/sms", "sms", s.Outbox.Code(t))
	s.citizen = nil // the session ended with it
	b.Get(at + "/done")
	b.Says("You have withdrawn from Cl@ve", "99999999R")
	b.Lacks(`href="/my"`)
	b.Goes("/register", at+"/done")
	if len(s.Memory.Rows()) != 0 {
		t.Error("something is left of the procedure")
	}
	b.Sent("/register?gone=1", at+"/receipt")
}

// Who lost the phone to somebody else has no code to wait for.
func TestLeavingWithoutAPhone(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	s.logIn(registrationtest.NoPhone, identity.Certificate)
	b.Get(procedure.WithdrawPath)
	b.Lacks("a code by SMS")
	b.Goes(procedure.WithdrawPath+"/done", procedure.WithdrawPath, conditions()...)
	s.citizen = nil
	b.Get(procedure.WithdrawPath + "/done")
	b.Says("You have withdrawn from Cl@ve")
}

func TestWhatIsNotForThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, number string
		by           identity.Method
		basic        bool
		path         string
		status       int
		says         []string
	}{
		{"another phone for who is not registered", registrationtest.Stranger, identity.Certificate, false, "/my/phone", http.StatusForbidden, []string{"You are not registered in Cl@ve", `href="/register"`}},
		{"leaving twice", registrationtest.Gone, identity.Certificate, false, "/my/withdraw", http.StatusForbidden, []string{"You withdrew from Cl@ve"}},
		{"a level above the highest", registrationtest.Member, identity.Certificate, false, "/my/level", http.StatusConflict, []string{"at the advanced level already", `href="/my"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, page.Around{})
			b := s.browser(t)
			s.logIn(test.number, test.by)
			b.Do(http.MethodGet, test.path, nil)
			if b.Status != test.status {
				t.Errorf("got %d", b.Status)
			}
			b.Says(test.says...)
			b.Stopped(test.status, test.says[0], test.path, conditions()...)
			if len(s.Memory.Rows()) != 0 {
				t.Error("a procedure was begun")
			}
		})
	}
}

func TestWhatIsPossible(t *testing.T) {
	t.Parallel()
	standing := func(state identity.State, level identity.Registration) broker.Standing {
		return broker.Standing{State: state, Registration: level}
	}
	for _, test := range []struct {
		name    string
		offered procedure.Offered
		st      broker.Standing
		by      identity.Method
		want    string
	}{
		{"advanced, by PIN", procedure.Offered{Certificates: true}, standing(identity.Registered, identity.Advanced), identity.PIN, "/register/change /my/email /my/activation /my/withdraw"},
		{"basic, by PIN", procedure.Offered{Certificates: true}, standing(identity.Registered, identity.Basic), identity.PIN, "/register/change /my/email /register/level /my/activation/certificate /my/withdraw"},
		{"basic, by certificate", procedure.Offered{Certificates: true}, standing(identity.Registered, identity.Basic), identity.Certificate, "/my/phone /my/email /my/level /my/activation /my/withdraw"},
		{"the phone is lost", procedure.Offered{Certificates: true}, standing(identity.PhoneRevoked, identity.Advanced), identity.Certificate, "/my/phone /my/email /my/withdraw"},
		{"never registered", procedure.Offered{Certificates: true}, standing(identity.Unregistered, 0), identity.Certificate, "/register/certificate/choice"},
		{"without certificates", procedure.Offered{}, standing(identity.Registered, identity.Basic), identity.PIN, "/register/change /my/email /register/level /my/withdraw"},
		{"nothing at all", procedure.Offered{}, standing(identity.Withdrawn, 0), identity.EIDAS, ""},
		{"revoked", procedure.Offered{Certificates: true}, standing(identity.Revoked, identity.Advanced), identity.Certificate, ""},
	} {
		var paths []string
		for _, l := range test.offered.Links(test.st, test.by) {
			paths = append(paths, l.Path)
		}
		if got := strings.Join(paths, " "); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestEveryPageOfWhoIsKnownInEveryLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t, page.Around{})
	b := s.browser(t)
	show := func(path string) {
		t.Helper()
		for _, l := range lang.All() {
			b.Language = string(l)
			b.Do(http.MethodGet, path, nil)
			if b.Header.Get("Content-Language") != string(l) || strings.Contains(b.Main(), "procedure.") || strings.Contains(strings.ReplaceAll(b.Main(), "{n}", ""), "{") {
				t.Errorf("%s in %s: %d or lacks a text:\n%s", path, l, b.Status, b.Main())
			}
		}
		b.Language = "en"
	}
	finish := func(path string) {
		t.Helper()
		b.Goes(path+"/done", path+"/sms", "sms", s.Outbox.Code(t))
		show(path + "/done")
	}
	certificate := procedure.CertificatePath
	show(certificate)
	s.logIn(registrationtest.Stranger, identity.Certificate)
	show(certificate + "/choice")
	show("/my/phone") // not registered
	b.Goes(certificate+"/contrast", certificate+"/choice")
	for _, path := range []string{"", "/electronic_dni", "/old_dni"} {
		show(certificate + "/contrast" + path)
	}
	s.logIn(registrationtest.Foreigner, identity.Certificate)
	b.Goes(certificate+"/contrast", certificate+"/choice")
	for _, path := range []string{"", "/foreigner_card", "/residence_permit", "/eu_certificate"} {
		show(certificate + "/contrast" + path)
	}
	s.logIn(registrationtest.Member, identity.Certificate)
	show(certificate + "/choice")
	show("/my/level") // advanced already
	show("/my/phone")
	b.Wrong("phone", "the phone that you have registered", "/my/phone", append(contact(registrationtest.MemberPhone[3:])[:6], conditions()...)...)
	b.Goes("/my/phone/sms", "/my/phone", contact("600000001")...)
	show("/my/phone/contact")
	show("/my/phone/sms")
	finish("/my/phone")
	show("/my/phone")
	b.Says("See the receipt once more")
	show("/my/email")
	b.Goes("/my/email/sms", "/my/email", contact("600000001")...)
	show("/my/email/contact")
	finish("/my/email")
	show("/my/activation")
	b.Goes("/my/activation/done", "/my/activation", conditions()...)
	show("/my/activation/done")
	s.Register.Change(registrationtest.Document(registrationtest.Member), func(c *census.Candidate) { c.Registration = identity.Basic })
	show("/my/level")
	b.Goes("/my/level/done", "/my/level", conditions()...)
	show("/my/level/done")
	show("/my/withdraw")
	s.Clock.Pass(registration.SendSpacing)
	b.Goes("/my/withdraw/sms", "/my/withdraw", conditions()...)
	finish("/my/withdraw")
	show("/my/withdraw") // withdrawn already
}
