package movil_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/providers/movil"
	"clave/providers/movil/moviltest"
	"clave/providers/providertest"
	"clave/web/page"
	"clave/web/page/pagetest"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// site is a world with pages, a login and its browser.
type site struct {
	*moviltest.World
	*pagetest.Browser
	login  *broker.Login
	router http.Handler
	phone  moviltest.Owned
}

func newSite(t testing.TB, level identity.Level) site {
	t.Helper()
	w, _ := moviltest.NewWithPages(t)
	l := w.Broker().Open(demanding(level))
	router := mux.NewRouter()
	around := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(rw, r.WithContext(page.With(r.Context(), page.Around{Service: "Example Town Hall"})))
		})
	}
	err := route.Mount(router, w.Routes(), route.Guards{
		Login: w.Broker().Guard(t, l), Around: around, Fail: w.Pages.ErrorPage, Log: slog.New(slog.NewTextHandler(w.Log, nil)),
	})
	must(t, err)
	return site{w, pagetest.New(t, router), l, router, w.Owned(t, moviltest.Advanced)}
}

func (s site) at(step string) string { return "/login/" + string(s.login.Request.ID) + "/movil" + step }

func (s site) request(t testing.TB) movil.Request {
	t.Helper()
	r, err := s.Watch(t.Context(), s.login)
	must(t, err)
	return r
}

func (s site) approve(t testing.TB) {
	t.Helper()
	r := s.request(t)
	must(t, s.Approve(t.Context(), s.phone.Device, r.ID, s.Signed(t, s.phone, r.ID)))
}

func TestPagesOfTheQR(t *testing.T) {
	t.Parallel()
	s := newSite(t, identity.Low)
	s.Sent(s.at(""), s.at("/wait"))
	s.Get(s.at(""))
	s.Says("data-at-once", "Show the QR code", "Enter the data of your document")
	s.Get(s.at("/ways"))
	s.Lacks("data-at-once")
	s.Goes(s.at("/wait"), s.at("/qr"))
	s.Get(s.at("/wait"))
	r := s.request(t)
	handle := r.Handle(s.Clock.Now())
	s.Says(r.Asked.Digits, "Scan the QR code", `href="`+moviltest.Issuer+"/movil/s/"+handle+`"`, "data-countdown", "Refresh", `<path d="M`)
	s.Lacks(string(r.Asked.Secret), "data-post-on")
	_, err := s.Claim(t.Context(), s.phone.Device, handle)
	must(t, err)
	s.Get(s.at("/wait"))
	s.Says("Your phone has read the QR code", r.Asked.Digits)
	s.Lacks("<path", handle)
	s.approve(t)
	s.Get(s.at("/wait"))
	s.Says("You have confirmed the login", "data-post-on", `action="`+s.at("/finish")+`"`)
	s.Goes("/login/"+string(s.login.Request.ID), s.at("/finish"))
	if s.Broker().Evidence(s.login) == nil {
		t.Error("got no evidence")
	}
}

func TestPagesTellHowARequestEnded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, says, next string
		end              func(t *testing.T, s site, r movil.Request)
	}{
		{"too late", "The time is over", "Show another QR code", func(_ *testing.T, s site, _ movil.Request) { s.Pass(movil.RequestLifetime) }},
		{"rejected", "The request was rejected on the phone", "Show another QR code", func(t *testing.T, s site, r movil.Request) {
			_, err := s.Claim(t.Context(), s.phone.Device, r.Handle(s.Clock.Now()))
			must(t, err)
			must(t, s.Reject(t.Context(), s.phone.Device, r.ID))
		}},
		{"approved and not spent in time", "The confirmation has expired", "Show another QR code", func(t *testing.T, s site, r movil.Request) {
			_, err := s.Claim(t.Context(), s.phone.Device, r.Handle(s.Clock.Now()))
			must(t, err)
			s.approve(t)
			s.Pass(movil.SpendTime)
		}},
		{"replaced by a later one", "This request is no longer valid", "Show another QR code", func(t *testing.T, s site, r movil.Request) {
			_, err := s.Claim(t.Context(), s.phone.Device, r.Handle(s.Clock.Now()))
			must(t, err)
			other, err := s.AskByQR(t.Context(), s.Broker().Open(providertest.Party()), movil.Place{})
			must(t, err)
			_, err = s.Claim(t.Context(), s.phone.Device, other.Handle(s.Clock.Now()))
			must(t, err)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, identity.Low)
			s.Goes(s.at("/wait"), s.at("/qr"))
			test.end(t, s, s.request(t))
			s.Get(s.at("/wait"))
			s.Says(test.says, test.next)
			s.Goes(s.at("/wait"), s.at("/finish"))
			if s.Broker().Evidence(s.login) != nil {
				t.Error("got evidence")
			}
		})
	}
}

func TestPagesWithoutQR(t *testing.T) {
	t.Parallel()
	s := newSite(t, identity.Low)
	s.Browser.Wrong("document", "The letter does not belong", s.at("/document"), "document", "12345678A")
	s.Goes(s.at("/validity"), s.at("/document"), "document", moviltest.Advanced)
	s.Browser.Wrong("contrast", "There is no such date", s.at("/validity"), "contrast-day", "31", "contrast-month", "2", "contrast-year", "2030")
	s.Goes(s.at("/issue"), s.at("/validity"), "contrast-day", "1", "contrast-month", "1", "contrast-year", "9999")
	s.Goes(s.at("/validity"), s.at("/validity"), "contrast-day", "1", "contrast-month", "2", "contrast-year", "2030")
	for range 6 {
		s.Get(s.at("/validity")) // a reload counts nothing
		s.Says("do not match anybody", `value="2030"`)
	}
	s.Goes(s.at("/wait"), s.at("/validity"), "contrast-day", "31", "contrast-month", "1", "contrast-year", "2030")
	s.Get(s.at("/wait"))
	r := s.request(t)
	s.Says("Type this code into your Cl@ve app", r.Asked.Digits)
	s.Lacks("<path")
	if !s.Broker().Told(s.login) {
		t.Error("the browser does not know that the login has a row")
	}
	for range 2 {
		_ = s.Type(t.Context(), s.phone.Device, r.ID, wrongDigits(r)) // counted
	}
	s.Get(s.at("/wait"))
	s.Says("The code that was typed was not right", "Send another request")
	s.Goes(s.at("/wait"), s.at("/again"))
	r = s.request(t)
	must(t, s.Type(t.Context(), s.phone.Device, r.ID, r.Asked.Digits))
	s.Get(s.at("/wait"))
	s.Says("The code is right. Confirm on your phone")
	s.approve(t)
	s.Goes("/login/"+string(s.login.Request.ID), s.at("/finish"))
}

func TestPagesTellWhyNoRequestWasSent(t *testing.T) {
	t.Parallel()
	pair := func(s site, number string) {
		s.Goes(s.at("/validity"), s.at("/document"), "document", number)
		s.Post(s.at("/validity"), "contrast-day", "31", "contrast-month", "1", "contrast-year", "2030")
	}
	t.Run("no device", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, identity.Low)
		pair(s, moviltest.Second)
		s.Says("You have no activated device", "/help/device")
	})
	t.Run("registered too low", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, identity.Substantial)
		pair(s, moviltest.Basic)
		s.Says("refused: " + string(broker.LevelUnmet))
	})
	t.Run("another request waits, and then none may be sent", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, identity.Low)
		r, err := s.AskByDocument(t.Context(), s.Broker().Open(providertest.Party()), moviltest.Pair(moviltest.Advanced), movil.Place{})
		must(t, err)
		pair(s, moviltest.Advanced)
		s.Says("There is another request in your app", "12:05")
		must(t, s.Disown(t.Context(), s.phone.Device, r.ID))
		pair(s, moviltest.Advanced)
		s.Says("We are sending no requests to your app")
	})
	t.Run("nothing was typed", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, identity.Low)
		s.Goes(s.at("/document"), s.at("/again"))
		s.Goes(s.at("/document"), s.at("/validity"), "contrast-day", "31", "contrast-month", "1", "contrast-year", "2030")
	})
}

var attribute = regexp.MustCompile(`data-options="(\{.*?\})">\s*<input type="hidden" name="challenge" value="([^"]*)"`)

// signed is what the page's script sends.
func (s site) signed(t testing.TB, by moviltest.Owned) []string {
	t.Helper()
	s.Get(s.at(""))
	found := attribute.FindStringSubmatch(s.Page)
	if found == nil {
		t.Fatal("the page asks nothing of this device")
	}
	response, err := by.Get(json.RawMessage(found[1]))
	must(t, err)
	challenge, err := base64.RawURLEncoding.DecodeString(found[2])
	must(t, err)
	return []string{
		"challenge", found[2], "response", string(response), "device", string(by.Device.ID),
		"signature", base64.RawURLEncoding.EncodeToString(by.Sign(challenge)),
	}
}

func TestPagesOfThisDevice(t *testing.T) {
	t.Parallel()
	s := newSite(t, identity.Low)
	stranger := moviltest.Owned{Phone: moviltest.Phone(), Device: s.phone.Device}
	s.Goes(s.at("/ways"), s.at("/here"), s.signed(t, stranger)...)
	s.Get(s.at("/ways"))
	s.Says("That passkey belongs to no activated device", "Error:")
	s.Goes(s.at("/ways"), s.at("/here"))
	late := s.signed(t, s.phone)
	s.Pass(5 * time.Minute)
	s.Goes(s.at("/ways"), s.at("/here"), late...)
	s.Get(s.at("/ways"))
	s.Says("Too much time has passed")
	s.Goes("/login/"+string(s.login.Request.ID), s.at("/here"), s.signed(t, s.phone)...)
	if s.Broker().Evidence(s.login) == nil {
		t.Error("got no evidence")
	}
}

// The stream tells each change, over a server whose own times are shorter than it.
func TestTheStreamTellsWhatChanges(t *testing.T) {
	t.Parallel()
	s := newSite(t, identity.Low)
	s.Goes(s.at("/wait"), s.at("/qr"))
	server := httptest.NewUnstartedServer(s.router)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	server.Start()
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+s.at("/events"), nil)
	must(t, err)
	answer, err := http.DefaultClient.Do(ask)
	must(t, err)
	defer answer.Body.Close()
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("got %s", got)
	}
	lines := bufio.NewScanner(answer.Body)
	next := func() (told struct {
		Stage, Address string
		QR             *movil.Square
	}) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				must(t, json.Unmarshal([]byte(data), &told))
				return told
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return told
	}
	first := next()
	if first.Stage != "waits" || first.QR == nil || !strings.HasPrefix(first.Address, moviltest.Issuer+"/movil/s/") {
		t.Fatalf("got %+v", first)
	}
	s.Pass(5 * time.Second)
	if second := next(); second.Stage != "waits" || second.Address == first.Address || second.QR.Path == first.QR.Path {
		t.Errorf("got %+v, want another QR", second)
	}
	r := s.request(t)
	_, err = s.Claim(t.Context(), s.phone.Device, r.Handle(s.Clock.Now()))
	must(t, err)
	if told := next(); told.Stage != "taken" || told.QR != nil {
		t.Errorf("got %+v", told)
	}
	s.approve(t)
	if told := next(); told.Stage != "approved" {
		t.Errorf("got %+v", told)
	}
	s.Drain()
	for lines.Scan() {
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream broke off: %v", err)
	}
	s.Do(http.MethodGet, s.at("/events"), nil)
	if s.Status != http.StatusServiceUnavailable {
		t.Errorf("got %d of a node that leaves", s.Status)
	}
	s.Get(s.at("/state"))
	s.Says(`"stage":"approved"`)
}
