package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	library "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"clave/notify"
)

// SMTP is a carrier of e-mails. It is safe for concurrent use: each batch has a
// connection of its own.
type SMTP struct {
	settings Settings
	host     string
	port     int
	domain   string // of the sender
	now      func() time.Time
}

// NewSMTP checks the settings, reporting all mistakes at once. It does not connect.
func NewSMTP(settings Settings, now func() time.Time) (*SMTP, error) {
	if err := settings.complete(); err != nil {
		return nil, fmt.Errorf("reading the mail settings: %w", err)
	}
	s := &SMTP{settings: settings, now: now}
	s.host, s.port, _ = settings.split() // checked above
	_, s.domain, _ = strings.Cut(settings.Sender, "@")
	return s, nil
}

// Deliver implements notify.Carrier.
func (s *SMTP) Deliver(ctx context.Context, messages []notify.Message) []notify.Result {
	results := make([]notify.Result, len(messages))
	client, link, err := s.connect(ctx)
	if err != nil {
		for i := range results {
			results[i].Err = err
		}
		return results
	}
	defer func() { _ = client.CloseWithSMTPClient(link) }() // all is said
	for i, m := range messages {
		if err := ctx.Err(); err != nil {
			results[i].Err = err
			continue
		}
		results[i] = s.send(client, link, m)
	}
	return results
}

// connect opens a connection: greeted, encrypted and logged in.
func (s *SMTP) connect(ctx context.Context) (*library.Client, *smtp.Client, error) {
	options, err := s.options()
	if err != nil {
		return nil, nil, err
	}
	client, err := library.NewClient(s.host, options...)
	if err != nil {
		return nil, nil, fmt.Errorf("preparing the connection to the mail server: %w", err)
	}
	link, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("connecting to the mail server: %w", err) // no message was named yet
	}
	return client, link, nil
}

func (s *SMTP) options() ([]library.Option, error) {
	options := []library.Option{library.WithPort(s.port), library.WithTimeout(s.settings.Timeout), library.WithoutNoop()}
	switch s.settings.Encryption {
	case Implicit:
		options = append(options, library.WithSSL())
	case Clear:
		options = append(options, library.WithTLSPolicy(library.NoTLS))
	default:
		options = append(options, library.WithTLSPolicy(library.TLSMandatory))
	}
	if s.settings.TLS != nil {
		config := s.settings.TLS.Clone()
		config.ServerName = s.host
		options = append(options, library.WithTLSConfig(config))
	}
	password, err := s.settings.password()
	if err != nil {
		return nil, err
	}
	if password != "" {
		options = append(options, library.WithSMTPAuth(library.SMTPAuthAutoDiscover),
			library.WithUsername(s.settings.Username), library.WithPassword(password))
	}
	return options, nil
}

func (s *SMTP) send(client *library.Client, link *smtp.Client, m notify.Message) notify.Result {
	if !s.now().Before(m.ExpiresAt) {
		return notify.Result{Outcome: notify.TooLate}
	}
	letter, err := s.compose(m)
	if err != nil {
		return notify.Result{Outcome: notify.Refused, Err: err}
	}
	err = client.SendWithSMTPClient(link, letter)
	if err == nil || letter.IsDelivered() { // what fails after the server took it is not the message's matter
		return notify.Result{Outcome: notify.Accepted}
	}
	return classify(err)
}

// compose writes a message as an e-mail. Its Message-ID follows from ours, so that
// who receives a repetition can tell; RFC 3834, section 5 keeps holiday notices
// away.
func (s *SMTP) compose(m notify.Message) (*library.Msg, error) {
	letter := library.NewMsg(library.WithNoDefaultUserAgent())
	if letter.FromFormat(s.settings.Name, s.settings.Sender) != nil || letter.To(m.To) != nil {
		return nil, errors.New("the library takes no such address") // its words would quote it
	}
	letter.Subject(m.Subject)
	letter.SetMessageIDWithValue(m.ID + "@" + s.domain)
	letter.SetDateWithValue(s.now())
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Language != "" {
		letter.SetGenHeader(library.HeaderContentLang, m.Language)
	}
	letter.SetBodyString(library.TypeTextPlain, m.Body)
	return letter, nil
}

// classify reads why the server did not take a message. Only what blames the
// recipient or the content is final: a refused sender, account or relaying (status
// x.7.x) can be put right while the message lives.
// Source of the codes: RFC 5321, section 4.2; RFC 3463, section 3.
func classify(err error) notify.Result {
	var refusal *library.SendError
	if !errors.As(err, &refusal) || refusal.ErrorCode() == 0 {
		return notify.Result{Err: errors.New("the connection to the mail server broke")}
	}
	status := fmt.Errorf("the mail server answered %d %s to %s", refusal.ErrorCode(), refusal.EnhancedStatusCode(), command(refusal.Reason))
	policy := strings.HasPrefix(refusal.EnhancedStatusCode(), "5.7.")
	switch refusal.Reason {
	case library.ErrSMTPRcptTo, library.ErrSMTPDataClose:
		if refusal.ErrorCode() >= 500 && !policy {
			return notify.Result{Outcome: notify.Refused, Err: status}
		}
	}
	return notify.Result{Err: status}
}

func command(reason library.SendErrReason) string {
	switch reason {
	case library.ErrSMTPMailFrom:
		return "the sender"
	case library.ErrSMTPRcptTo:
		return "the recipient"
	case library.ErrSMTPData, library.ErrSMTPDataClose:
		return "the message"
	}
	return "us"
}
