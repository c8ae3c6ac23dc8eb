package mail_test

import (
	"context"
	"crypto/tls"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clave/notify"
	carrier "clave/notify/mail"
	"clave/test/fakes/mailserver"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func message(id string) notify.Message {
	return notify.Message{
		ID: id, Kind: notify.Mail, Purpose: "notice", To: id + "@ciudadana.example", Subject: "Se cambió tu teléfono",
		Body: "Hola.\n.\nSi no fuiste tú, llama al 060.\n", Language: "es", ExpiresAt: noon.Add(time.Hour),
	}
}

// to are settings that reach the server.
func to(server *mailserver.Server) carrier.Settings {
	return carrier.Settings{
		Address: server.Address(), Sender: "no-reply@clave.example", Timeout: 10 * time.Second,
		TLS: &tls.Config{RootCAs: server.Authority(), MinVersion: tls.VersionTLS12},
	}
}

func smtp(t *testing.T, settings carrier.Settings) *carrier.SMTP {
	t.Helper()
	s, err := carrier.NewSMTP(settings, clock)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnEmailArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	server := (&mailserver.Server{}).Start(t)
	m := message("ana")
	if got := smtp(t, to(server)).Deliver(t.Context(), []notify.Message{m})[0]; got.Outcome != notify.Accepted {
		t.Fatalf("got %+v", got)
	}
	taken := server.Messages()[0]
	if taken.From != "no-reply@clave.example" || taken.To != m.To || !taken.TLS {
		t.Errorf("got envelope %+v", taken)
	}
	read, err := mail.ReadMessage(strings.NewReader(taken.Data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	if err != nil || subject != m.Subject {
		t.Errorf("got subject %q, %v", subject, err)
	}
	for name, want := range map[string]string{
		"From": `"Cl@ve" <no-reply@clave.example>`, "To": "<" + m.To + ">", "Message-Id": "<ana@clave.example>",
		"Date": noon.Format(time.RFC1123Z), "Auto-Submitted": "auto-generated", "Content-Language": "es",
		"Content-Type": "text/plain; charset=UTF-8", "User-Agent": "", "X-Mailer": "",
	} {
		if got := read.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	body, err := io.ReadAll(quotedprintable.NewReader(read.Body))
	if got := strings.ReplaceAll(string(body), "\r\n", "\n"); err != nil || strings.TrimSpace(got) != strings.TrimSpace(m.Body) {
		t.Errorf("got body %q, %v", got, err)
	}
}

func TestABatchTakesOneConnection(t *testing.T) {
	t.Parallel()
	server := (&mailserver.Server{}).Start(t)
	late := message("late")
	late.ExpiresAt = noon
	got := smtp(t, to(server)).Deliver(t.Context(), []notify.Message{message("a"), late, message("b")})
	for i, want := range []notify.Outcome{notify.Accepted, notify.TooLate, notify.Accepted} {
		if got[i].Outcome != want {
			t.Errorf("message %d: got %+v, want %v", i, got[i], want)
		}
	}
	if server.Connections() != 1 || len(server.Messages()) != 2 {
		t.Errorf("got %d connections and %d messages, want 1 and 2", server.Connections(), len(server.Messages()))
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		refusal mailserver.Refusal
		at      string // recipient or data
		want    notify.Outcome
	}{
		{"no such mailbox", mailserver.Refusal{Code: 550, EnhancedCode: [3]int{5, 1, 1}}, "recipient", notify.Refused},
		{"a mailbox that is full", mailserver.Refusal{Code: 452, EnhancedCode: [3]int{4, 2, 2}}, "recipient", notify.Retry},
		{"greylisting", mailserver.Refusal{Code: 450, EnhancedCode: [3]int{4, 7, 1}}, "recipient", notify.Retry},
		{"relaying that the operator has to allow", mailserver.Refusal{Code: 554, EnhancedCode: [3]int{5, 7, 1}}, "recipient", notify.Retry},
		{"a text that the server takes from nobody", mailserver.Refusal{Code: 552, EnhancedCode: [3]int{5, 3, 4}}, "data", notify.Refused},
		{"a server that is about to stop", mailserver.Refusal{Code: 421, EnhancedCode: [3]int{4, 3, 2}}, "data", notify.Retry},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := &mailserver.Server{React: func(m mailserver.Message) *mailserver.Refusal {
				if strings.HasPrefix(m.To, "bad@") && (m.Data != "") == (c.at == "data") {
					refusal := c.refusal
					refusal.Message = "no to " + m.To
					return &refusal
				}
				return nil
			}}
			got := smtp(t, to(server.Start(t))).Deliver(t.Context(), []notify.Message{message("bad"), message("good")})
			if got[0].Outcome != c.want || got[0].Err == nil {
				t.Errorf("got %+v, want %v", got[0], c.want)
			}
			if text := got[0].Err.Error(); strings.Contains(text, "ciudadana") {
				t.Errorf("the error quotes the address: %s", text)
			}
			if c.refusal.Code != 421 && got[1].Outcome != notify.Accepted {
				t.Errorf("the next message: got %+v, want it accepted", got[1])
			}
		})
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	write := func(password string) {
		if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("old")
	server := (&mailserver.Server{Username: "clave", Password: "new one"}).Start(t)
	settings := to(server)
	settings.Username, settings.PasswordFile = "clave", file
	s := smtp(t, settings)
	if got := s.Deliver(t.Context(), []notify.Message{message("a")})[0]; got.Outcome != notify.Retry || got.Err == nil {
		t.Errorf("a wrong password: got %+v, want another try", got)
	}
	write("new one")
	if got := s.Deliver(t.Context(), []notify.Message{message("a")})[0]; got.Outcome != notify.Accepted {
		t.Errorf("a new password without restart: got %+v", got)
	}
	if got := server.Messages(); len(got) != 1 || got[0].Account != "clave" {
		t.Errorf("got %+v", got)
	}
}

// Nothing is sent, not even the account's password, to who is not proven to be the
// mail server.
func TestNothingTravelsInClear(t *testing.T) {
	t.Parallel()
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		server *mailserver.Server
		change func(*carrier.Settings)
	}{
		{"STARTTLS was taken out of the answer", &mailserver.Server{NoTLS: true}, func(*carrier.Settings) {}},
		{"a certificate of nobody we know", &mailserver.Server{}, func(s *carrier.Settings) { s.TLS = nil }},
		{"a certificate of another host", &mailserver.Server{}, func(s *carrier.Settings) {
			s.Address = strings.Replace(s.Address, "localhost", "127.0.0.1", 1)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.server.Username, c.server.Password = "clave", "secret"
			settings := to(c.server.Start(t))
			settings.Username, settings.PasswordFile = "clave", password
			c.change(&settings)
			got := smtp(t, settings).Deliver(t.Context(), []notify.Message{message("a")})[0]
			if got.Outcome != notify.Retry || got.Err == nil || len(c.server.Messages()) != 0 {
				t.Errorf("got %+v and %d messages", got, len(c.server.Messages()))
			}
		})
	}
}

func TestEncryptedFromTheFirstByte(t *testing.T) {
	t.Parallel()
	server := (&mailserver.Server{Implicit: true}).Start(t)
	settings := to(server)
	settings.Encryption = carrier.Implicit
	if got := smtp(t, settings).Deliver(t.Context(), []notify.Message{message("a")})[0]; got.Outcome != notify.Accepted {
		t.Errorf("got %+v", got)
	}
}

func TestAServerOnThisMachineMayDoWithout(t *testing.T) {
	t.Parallel()
	server := (&mailserver.Server{NoTLS: true}).Start(t)
	settings := to(server)
	settings.Encryption = carrier.Clear
	if got := smtp(t, settings).Deliver(t.Context(), []notify.Message{message("a")})[0]; got.Outcome != notify.Accepted {
		t.Errorf("got %+v", got)
	}
}

func TestWhatIsNotSentIsTriedAgain(t *testing.T) {
	t.Parallel()
	server := (&mailserver.Server{}).Start(t)
	s := smtp(t, to(server))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got := s.Deliver(ended, []notify.Message{message("a")})[0]; got.Outcome != notify.Retry || got.Err == nil {
		t.Errorf("got %+v", got)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := carrier.Settings{Address: "mail.example:587", Sender: "no-reply@clave.example"}
	if _, err := carrier.NewSMTP(good, clock); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*carrier.Settings)
		want   string
	}{
		"no port":               {func(s *carrier.Settings) { s.Address = "mail.example" }, "address is not host:port, such as mail.example:587"},
		"port zero":             {func(s *carrier.Settings) { s.Address = "mail.example:0" }, "address is not host:port, such as mail.example:587"},
		"in clear through town": {func(s *carrier.Settings) { s.Encryption = carrier.Clear }, "encryption is none, which only a mail server on this machine excuses; give starttls or tls"},
		"unknown encryption":    {func(s *carrier.Settings) { s.Encryption = "ssl" }, `encryption "ssl" is unknown; give starttls, tls or none`},
		"a sender with a name":  {func(s *carrier.Settings) { s.Sender = "Clave <a@b.example>" }, "sender is not a bare address such as no-reply@clave.example"},
		"a header in the name":  {func(s *carrier.Settings) { s.Name = "a\r\nBcc: b@c.example" }, "name has a line break"},
		"half an account":       {func(s *carrier.Settings) { s.Username = "clave" }, "username and password_file go together; give both or none"},
		"an empty password":     {func(s *carrier.Settings) { s.Username, s.PasswordFile = "clave", empty }, "password_file is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := good
			c.change(&settings)
			if _, err := carrier.NewSMTP(settings, clock); err == nil || !strings.HasSuffix(err.Error(), ": "+c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
