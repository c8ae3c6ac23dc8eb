package pin_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/internal/tally"
	"clave/providers/pin"
	"clave/providers/pin/pintest"
	"clave/providers/providertest"

	"github.com/google/go-cmp/cmp"
)

var date = []string{"contrast-day", "1", "contrast-month", "10", "contrast-year", "2031"}

// toObtain walks a browser up to the page that sends the PIN.
func toObtain(b *browser, l *broker.Login) {
	b.T.Helper()
	b.Goes(root(l)+"/pin/validity", root(l)+"/pin", "document", pintest.Advanced)
	b.Goes(root(l)+"/pin/obtain", root(l)+"/pin/validity", date...)
}

// toEnter walks on to the page that asks for the PIN, and returns the PIN.
func toEnter(b *browser, w *pintest.World, l *broker.Login) string {
	b.T.Helper()
	toObtain(b, l)
	b.Goes(root(l)+"/pin/enter", root(l)+"/pin/obtain")
	messages := w.Outbox.Messages()
	return messages[len(messages)-1].Code
}

func TestWalk(t *testing.T) {
	t.Parallel()
	w, logins, b := site(t, 1)
	l := logins[0]
	b.Get(root(l) + "/pin")
	b.Says("asks for a low level", root(l)+"/help/register", root(l)+"/help/phone", "Example Town Hall")
	b.Goes(root(l)+"/pin/validity", root(l)+"/pin", "document", " 12.345.678-z ")
	b.Get(root(l) + "/pin/validity")
	b.Says("•••••678Z", root(l)+"/pin/issue", "dni4-validity", "Day", "Month", "Year")
	b.Lacks(pintest.Advanced)
	b.Goes(root(l)+"/pin/obtain", root(l)+"/pin/validity", date...)
	b.Get(root(l) + "/pin/obtain")
	b.Says("ends in 001", "Level that the service demands", "<dd>Low</dd>", "Level that you reach", "<dd>Substantial</dd>", "I want to choose")
	b.Lacks("600000001")
	if w.Broker().Told(l) {
		t.Error("the browser says that the login has a row before it has one")
	}
	b.Goes(root(l)+"/pin/enter", root(l)+"/pin/obtain", "own", "1", "half", "ab 12")
	if !w.Broker().Told(l) {
		t.Error("the browser does not know that the login has a row")
	}
	b.Get(root(l) + "/pin/enter")
	b.Says("12:00", "ends in 001", `data-countdown="600"`, "Request another PIN", root(l)+"/help/phone")
	if half := b.input("half"); !strings.Contains(half, `value="AB12"`) || !strings.Contains(half, "readonly") || strings.Contains(half, "name=") {
		t.Errorf("got %s, want the half, locked and not sent", half)
	}
	if field := b.input("pin"); !strings.Contains(field, `autocomplete="one-time-code"`) || !strings.Contains(field, `inputmode="text"`) || !strings.Contains(field, `value=""`) {
		t.Errorf("got %s", field)
	}
	code := w.Outbox.Messages()[0].Code
	b.Lacks(">"+code+"<", `"`+code+`"`)
	b.Goes(root(l), root(l)+"/pin/enter", "pin", strings.ToLower(code))
	if ev := w.Broker().Evidence(l); ev == nil || ev.Person != w.Person(pintest.Advanced) {
		t.Errorf("got %+v, want evidence", ev)
	}
	if len(b.Cookies) != 0 {
		t.Errorf("got %d cookies left, want none", len(b.Cookies))
	}
}

func TestWalkWithOtherDocuments(t *testing.T) {
	t.Parallel()
	t.Run("a permanent DNI goes by a link to the issue date", func(t *testing.T) {
		t.Parallel()
		_, logins, b := site(t, 1)
		l := logins[0]
		b.Goes(root(l)+"/pin/validity", root(l)+"/pin", "document", pintest.Basic)
		b.Get(root(l) + "/pin/issue")
		b.Says("On which date was your DNI issued?", "dni4-issue", root(l)+"/pin/validity")
		b.Goes(root(l)+"/pin/obtain", root(l)+"/pin/issue", "contrast-day", "5", "contrast-month", "3", "contrast-year", "2019")
		b.Get(root(l) + "/pin/obtain")
		b.Says("ends in 002", "<dt>Level that you reach with the PIN</dt><dd>Low</dd>")
	})
	t.Run("who types what every permanent DNI says is asked for the issue date", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		for _, number := range []string{pintest.Basic, pintest.Advanced, pintest.Nobody} {
			b.Goes(root(l)+"/pin/validity", root(l)+"/pin", "document", number)
			b.Goes(root(l)+"/pin/issue", root(l)+"/pin/validity", "contrast-day", "01", "contrast-month", "01", "contrast-year", "9999")
		}
		if got := w.Log.String(); got != "" {
			t.Errorf("got the log %s, want none", got)
		}
	})
	t.Run("a NIE is asked for its support number in either spelling", func(t *testing.T) {
		t.Parallel()
		for _, test := range []struct{ number, support string }{
			{pintest.Foreigner, "e 12345678"}, {pintest.European, "c01234567"}, {pintest.European, "1234567"},
		} {
			_, logins, b := site(t, 1)
			l := logins[0]
			b.Goes(root(l)+"/pin/support", root(l)+"/pin", "document", test.number)
			b.Get(root(l) + "/pin/support")
			b.Says("tie-support", "eu-sheet-support")
			b.Goes(root(l)+"/pin/obtain", root(l)+"/pin/support", "contrast", test.support)
		}
	})
}

func TestDocumentsLookAlike(t *testing.T) {
	t.Parallel()
	var want []string
	for _, number := range []string{pintest.Advanced, pintest.Basic, pintest.Nobody, pintest.Stranger, pintest.Dead} {
		_, logins, b := site(t, 1)
		l := logins[0]
		var got []string
		see := func() {
			masked := regexp.MustCompile(`•••••\d{3}[A-Z]`).ReplaceAllString(b.main(l), "MASKED")
			got = append(got, http.StatusText(b.Status)+" "+b.Header.Get("Retry-After")+"\n"+masked)
		}
		b.Goes(root(l)+"/pin/validity", root(l)+"/pin", "document", number)
		b.Get(root(l) + "/pin/validity")
		see()
		b.Get(root(l) + "/pin/issue")
		see()
		for range 6 {
			b.Goes(root(l)+"/pin/validity", root(l)+"/pin/validity", "contrast-day", "2", "contrast-month", "2", "contrast-year", "2032")
			b.Do(http.MethodGet, root(l)+"/pin/validity", nil)
			see()
		}
		if want == nil {
			want = got
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the pages of %s differ from a registered person's:\n%s", number, diff)
		}
	}
	if !strings.Contains(want[2], "do not match anybody") || !strings.HasPrefix(want[6], "Too Many Requests 3600") {
		t.Errorf("got %s and %s, want a wrong pair and a lock", want[2][:40], want[6][:40])
	}
}

func TestFormErrors(t *testing.T) {
	t.Parallel()
	w, logins, b := site(t, 1)
	l := logins[0]
	document := root(l) + "/pin"
	b.wrong("document", "Enter the number of your DNI or NIE.", document, "document", "")
	b.wrong("document", "A DNI has eight digits", document, "document", "1234")
	b.wrong("document", "The letter does not belong to the number.", document, "document", "12345678A")
	b.Goes(document+"/validity", document, "document", pintest.Advanced)
	validity := document + "/validity"
	b.wrong("contrast", "Enter the date", validity, "contrast-day", "", "contrast-month", "", "contrast-year", "")
	b.wrong("contrast", "There is no such date.", validity, "contrast-day", "31", "contrast-month", "2", "contrast-year", "2031")
	b.wrong("contrast", "There is no such date.", validity, "contrast-day", "1", "contrast-month", "10", "contrast-year", "31")
	b.counted("contrast", "Check both on your document.", validity, "contrast-day", "1", "contrast-month", "10", "contrast-year", "2032")
	b.Goes(document+"/obtain", validity, date...)
	b.wrong("half", "The code has four characters", document+"/obtain", "own", "1", "half", "")
	b.wrong("half", "The code has four characters", document+"/obtain", "half", "AB1")
	b.Says(`id="own" name="own" value="1" checked`)
	b.Goes(document+"/enter", document+"/obtain")
	code := w.Outbox.Messages()[0].Code
	enter := document + "/enter"
	b.wrong("pin", "Enter the PIN that you received.", enter, "pin", "")
	b.wrong("pin", "This try does not count.", enter, "pin", "A0B")
	b.counted("pin", "You have 4 tries left.", enter, "pin", w.Wrong(code))
	b.counted("pin", "You have 3 tries left.", enter, "pin", w.Wrong(code))
	b.counted("pin", "You have 2 tries left.", enter, "pin", w.Wrong(code))
	b.counted("pin", "You have one try left.", enter, "pin", w.Wrong(code))
	b.Goes(root(l), enter, "pin", w.Wrong(code))
	if got := w.Broker().Row(l.Request.ID).Reason; got != broker.TooManyTries {
		t.Errorf("got the reason %q, want %s", got, broker.TooManyTries)
	}
}

func TestStepsOutOfOrder(t *testing.T) {
	t.Parallel()
	t.Run("a page that nothing leads to sends back to the document", func(t *testing.T) {
		t.Parallel()
		_, logins, b := site(t, 1)
		l := logins[0]
		for _, path := range []string{"/validity", "/issue", "/support", "/obtain", "/enter"} {
			if got := b.Do(http.MethodGet, root(l)+"/pin"+path, nil); got != root(l)+"/pin" {
				t.Errorf("%s: got %q", path, got)
			}
		}
		for _, path := range []string{"/validity", "/issue", "/support", "/obtain", "/enter", "/again"} {
			b.Goes(root(l)+"/pin", root(l)+"/pin"+path, append([]string{"pin", "AAA", "contrast", "E12345678"}, date...)...)
		}
	})
	t.Run("a document leads to its own data only", func(t *testing.T) {
		t.Parallel()
		_, logins, b := site(t, 1)
		l := logins[0]
		b.Goes(root(l)+"/pin/validity", root(l)+"/pin", "document", pintest.Advanced)
		b.Goes(root(l)+"/pin", root(l)+"/pin/support", "contrast", "E12345678")
		b.Goes(root(l)+"/pin/support", root(l)+"/pin", "document", pintest.Foreigner)
		b.Goes(root(l)+"/pin", root(l)+"/pin/validity", date...)
	})
	t.Run("a wrong pair leads nowhere", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		b.Goes(root(l)+"/pin/validity", root(l)+"/pin", "document", pintest.Advanced)
		b.counted("contrast", "Check both", root(l)+"/pin/validity", "contrast-day", "1", "contrast-month", "1", "contrast-year", "2030")
		b.Goes(root(l)+"/pin", root(l)+"/pin/obtain")
		if got := len(w.Outbox.Messages()); got != 0 {
			t.Errorf("got %d messages, want none", got)
		}
	})
	t.Run("what was typed in one login is not taken in another, nor is what was forged", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 2)
		one, two := logins[0], logins[1]
		toObtain(b, one)
		own, other := "clave_pin_"+string(one.Request.ID), "clave_pin_"+string(two.Request.ID)
		b.Cookies[other] = b.Cookies[own]
		b.Goes(root(two)+"/pin", root(two)+"/pin/obtain")
		for _, forged := range []string{"", "AAAA", base64.RawURLEncoding.EncodeToString([]byte("12345678Z\nvalidity_date\n2031-10-01\n001\nadvanced")), b.Cookies[own][1:]} {
			b.Cookies[own] = forged
			b.Goes(root(one)+"/pin", root(one)+"/pin/obtain")
		}
		if got := len(w.Outbox.Messages()); got != 0 {
			t.Errorf("got %d messages, want none", got)
		}
	})
	t.Run("the browser carries nothing in clear", func(t *testing.T) {
		t.Parallel()
		_, logins, b := site(t, 1)
		toObtain(b, logins[0])
		for name, value := range b.Cookies {
			plain, err := base64.RawURLEncoding.DecodeString(value)
			if err != nil || strings.Contains(string(plain), "12345678") || strings.Contains(string(plain), "2031") {
				t.Errorf("got %s with %q, %v", name, plain, err)
			}
		}
	})
}

func TestTabsAndReloads(t *testing.T) {
	t.Parallel()
	t.Run("a second press or tab finds that the PIN was sent", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		toObtain(b, l)
		b.Goes(root(l)+"/pin/enter", root(l)+"/pin/obtain", "half", "AAAA")
		b.Goes(root(l)+"/pin/enter", root(l)+"/pin/obtain", "half", "BBBB")
		b.Get(root(l) + "/pin/enter")
		b.Says(`value="AAAA"`)
		if got := len(w.Outbox.Messages()); got != 1 {
			t.Errorf("got %d messages, want 1", got)
		}
	})
	t.Run("reloading the page of the PIN changes nothing", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		code := toEnter(b, w, logins[0])
		b.Get(root(logins[0]) + "/pin/enter")
		w.Pass(2 * time.Minute)
		b.Get(root(logins[0]) + "/pin/enter")
		b.Says(`data-countdown="480"`, "12:00")
		b.Goes(root(logins[0]), root(logins[0])+"/pin/enter", "pin", code)
	})
	t.Run("going back keeps what was typed, and the way forward is open", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		toEnter(b, w, l)
		b.Get(root(l) + "/pin")
		b.Says(`value="`+pintest.Advanced+`"`, root(l)+"/pin/enter")
		b.Get(root(l) + "/pin/validity")
		b.Get(root(l) + "/pin/obtain")
		b.Get(root(l) + "/pin/enter")
	})
	t.Run("the answer that was lost is given again: the dispatcher goes on", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		code := toEnter(b, w, l)
		cookies := map[string]string{}
		for name, value := range b.Cookies {
			cookies[name] = value
		}
		b.Goes(root(l), root(l)+"/pin/enter", "pin", code)
		b.Cookies = cookies // the reply never came
		b.Goes(root(l), root(l)+"/pin/enter", "pin", code)
		b.Goes(root(l), root(l)+"/pin/again")
		if got := b.Do(http.MethodGet, root(l)+"/pin", nil); got != root(l) {
			t.Errorf("got %q, want the dispatcher", got)
		}
	})
	t.Run("two logins in one browser do not mix", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 2)
		first, second := toEnter(b, w, logins[0]), toEnter(b, w, logins[1])
		if first != second {
			b.counted("pin", "The PIN is not right.", root(logins[0])+"/pin/enter", "pin", second)
		}
		b.Goes(root(logins[0]), root(logins[0])+"/pin/enter", "pin", first)
		b.Goes(root(logins[1]), root(logins[1])+"/pin/enter", "pin", second)
	})
}

func TestRequestAgain(t *testing.T) {
	t.Parallel()
	w, logins, b := site(t, 1)
	l := logins[0]
	enter, again := root(l)+"/pin/enter", root(l)+"/pin/again"
	old := toEnter(b, w, l)
	w.Pass(10 * time.Second)
	b.Goes(enter, again)
	b.Get(enter)
	b.Says("Wait 21 s", `name="return" value="`+enter+`"`, "<title>Error:")
	w.Pass(10 * time.Second)
	b.Get(enter)
	b.Says("Wait 11 s")
	w.Pass(40 * time.Second)
	b.Get(enter)
	b.Lacks("<title>Error:") // it would be sent now
	b.Goes(enter, again)
	b.Get(enter)
	b.Says("12:01")
	code := w.Outbox.Messages()[1].Code
	if old != code {
		b.counted("pin", "The PIN is not right.", enter, "pin", old)
	}
	w.Pass(time.Minute)
	b.Goes(enter, again)
	b.Get(enter)
	b.Says("Three PINs were sent")
	b.Lacks(`action="` + again + `"`)
	w.Pass(time.Minute)
	if b.Post(again); b.Status != http.StatusTooManyRequests {
		t.Errorf("got %d, want %d", b.Status, http.StatusTooManyRequests)
	}
	b.Says("We cannot send you more PINs in this login", enter, `value="too_many_tries"`)
	b.Goes(root(l), enter, "pin", w.Outbox.Messages()[2].Code)
}

func TestExpiredPIN(t *testing.T) {
	t.Parallel()
	w, logins, b := site(t, 1)
	l := logins[0]
	code := toEnter(b, w, l)
	w.Pass(pin.Lifetime)
	b.Goes(root(l)+"/pin/enter", root(l)+"/pin/enter", "pin", code)
	b.Get(root(l) + "/pin/enter")
	b.Says("The PIN is no longer valid", "Request another PIN")
	b.Lacks(`id="pin"`, `id="half"`)
	b.Goes(root(l)+"/pin/enter", root(l)+"/pin/again")
	b.Goes(root(l), root(l)+"/pin/enter", "pin", w.Outbox.Messages()[1].Code)
}

func TestLockedPages(t *testing.T) {
	t.Parallel()
	t.Run("a locked method says why, until when and what to do meanwhile", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		miss(t, w, 10)
		toObtain(b, l)
		b.Post(root(l) + "/pin/obtain")
		if b.Status != http.StatusTooManyRequests || b.Header.Get("Retry-After") != "3600" {
			t.Errorf("got %d and Retry-After %s", b.Status, b.Header.Get("Retry-After"))
		}
		b.Says("Cl@ve PIN is locked", "13:00", "21 November 2026", "certificate", `value="method_locked"`, root(l)+"/leave")
		b.Lacks(`action="/cancel"`)
	})
	t.Run("the tenth wrong PIN shows it at once", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		l := logins[0]
		miss(t, w, 9)
		code := toEnter(b, w, l)
		b.Post(root(l)+"/pin/enter", "pin", w.Wrong(code))
		b.Says("Cl@ve PIN is locked", "13:00")
		b.Get(root(l) + "/pin/enter")
		b.Says("The PIN is no longer valid")
	})
	t.Run("a lock without end says how it ends", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.NewWithPages(t)
		l := w.Broker().Open(providertest.Party())
		b := newBrowser(t, w, []*broker.Login{l})
		of := tally.Subject{Kind: tally.WrongPINs, Value: string(w.Person(pintest.Advanced))}
		setTally(t, m, of, tally.Tally{Times: []time.Time{w.Now()}, LockedUntil: tally.Indefinitely()})
		toObtain(b, l)
		b.Post(root(l) + "/pin/obtain")
		b.Says("at a registration office, or with a new invitation letter")
		b.Lacks("9999", "You can try again at")
		if got := b.Header.Get("Retry-After"); got != "" {
			t.Errorf("got Retry-After %s, want none", got)
		}
	})
	t.Run("a phone that had its messages", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		for range 10 {
			w.Send(t, w.Broker().Open(providertest.Party()), pintest.Advanced, "")
		}
		toObtain(b, logins[0])
		b.Post(root(logins[0]) + "/pin/obtain")
		b.Says("We sent too many PINs today", "12:00", "22 November 2026")
	})
	t.Run("a spent budget", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		w.Budget.Close("sms:rp:town")
		toObtain(b, logins[0])
		if b.Post(root(logins[0]) + "/pin/obtain"); b.Status != http.StatusServiceUnavailable || b.Header.Get("Retry-After") != "60" {
			t.Errorf("got %d and Retry-After %s", b.Status, b.Header.Get("Retry-After"))
		}
		b.Says("We cannot send you the SMS now", `value="unavailable"`)
	})
	t.Run("other methods are offered where the service takes them", func(t *testing.T) {
		t.Parallel()
		w, logins, b := site(t, 1)
		w.Broker().Installed = []identity.Method{identity.PIN, identity.Certificate}
		miss(t, w, 10)
		toObtain(b, logins[0])
		b.Post(root(logins[0]) + "/pin/obtain")
		b.Says("Log in to this service with another method")
	})
}

func TestRefusalPages(t *testing.T) {
	t.Parallel()
	w, logins, b := site(t, 1)
	l := logins[0]
	for number, want := range map[string]broker.Reason{
		pintest.Stranger: broker.NotRegistered, pintest.NoPhone: broker.LostPhone, pintest.Gone: broker.HasWithdrawn,
	} {
		b.Goes(root(l)+"/pin/validity", root(l)+"/pin", "document", number)
		if b.Post(root(l)+"/pin/validity", date...); b.Status != http.StatusForbidden {
			t.Errorf("%s: got %d", want, b.Status)
		}
		b.Says("refused: " + string(want))
	}
	toObtain(b, l)
	w.Citizens.Change(pintest.Advanced, withdraw)
	b.Post(root(l) + "/pin/obtain")
	b.Says("refused: " + string(broker.HasWithdrawn))
}

func TestPairThatIsNoMore(t *testing.T) {
	t.Parallel()
	w, logins, b := site(t, 1)
	l := logins[0]
	toObtain(b, l)
	w.Citizens.Change(pintest.Advanced, renew)
	b.Goes(root(l)+"/pin/validity", root(l)+"/pin/obtain")
	b.Get(root(l) + "/pin/validity")
	b.Says("Check both on your document.", `value="2031"`, `action="`+root(l)+`/pin/validity"`)
	b.Goes(root(l)+"/pin/obtain", root(l)+"/pin/validity", "contrast-day", "1", "contrast-month", "10", "contrast-year", "2032")
}

// brokenRegister fails as a database does.
type brokenRegister struct{}

var errDown = errors.New("the database is down")

func TestFailureIsOurs(t *testing.T) {
	t.Parallel()
	w, logins, b := site(t, 1)
	l := logins[0]
	w.Pairs.Register = brokenRegister{}
	b.Goes(root(l)+"/pin/validity", root(l)+"/pin", "document", pintest.Advanced)
	b.Post(root(l)+"/pin/validity", date...)
	if b.Status != http.StatusInternalServerError {
		t.Errorf("got %d, want %d", b.Status, http.StatusInternalServerError)
	}
	b.Says("Something went wrong on our side", "Reference")
	if log := w.Log.String(); !strings.Contains(log, errDown.Error()) || strings.Contains(log, pintest.Advanced) {
		t.Errorf("got the log %s", log)
	}
}

func (brokenRegister) Pair(context.Context, identity.DocumentID) (census.Candidate, tally.Tally, error) {
	return census.Candidate{}, tally.Tally{}, errDown
}

func withdraw(c *census.Candidate) { c.State = identity.Withdrawn }

func renew(c *census.Candidate) { c.Reference.ValidityDate.Year++ }
