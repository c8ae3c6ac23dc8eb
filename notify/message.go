package notify

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"clave/identity"
)

// Kind is the way by which a message travels.
type Kind string

// The kinds. The list is closed.
const (
	SMS    Kind = "sms"
	Mail   Kind = "mail"
	Push   Kind = "push"
	Letter Kind = "letter"
)

// Message is one thing to say to one person. It prints without its personal
// fields.
type Message struct {
	// ID is ours, random, at most 64 of a-z 0-9 - _. Send makes one when empty.
	ID   string
	Kind Kind
	// Purpose is what the message is for, as in "pin": at most 32 of a-z 0-9 _.
	// It is stored in clear and counted in metrics.
	Purpose string
	// To is a phone in E.164 for an SMS, an address for a mail, otherwise
	// whatever the carrier understands. Personal.
	To string
	// Subject is the mail's; Body is the whole text, at most 32 kB. Personal.
	Subject, Body string
	// Code is the code that the body holds, for the sandbox's inbox. Secret.
	Code string
	// Language is the body's, as in "ca-valencia".
	Language string
	// ExpiresAt is when the message stops being worth sending. Required.
	ExpiresAt time.Time
	// Urgent messages (codes) go before the others.
	Urgent bool
	// Replaces names a thing of which only the newest message counts, such as a
	// login's PIN: an older message with the same key that was not handed over
	// yet is dropped. Stored in clear, so never personal; at most 128 bytes.
	Replaces string
	// RelyingParty is the service on whose behalf it is sent, or empty.
	RelyingParty string
}

// String names the message without anything personal.
func (m Message) String() string {
	return "message " + m.ID + " (" + string(m.Kind) + ", " + m.Purpose + ")"
}

// Format answers every verb like String: %+v in an error must not tell a code.
func (m Message) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, m.String()) // fmt.State keeps the error itself
}

// LogValue gives logs the id, kind and purpose.
func (m Message) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", m.ID), slog.String("kind", string(m.Kind)), slog.String("purpose", m.Purpose))
}

// Limits of a message. Our choice: far above what any page of the product says,
// and small enough that a batch of 200 fits in memory.
const (
	maxBodyBytes     = 32 << 10
	maxSubjectBytes  = 512
	maxReplacesBytes = 128
	// maxLife is how long a message may wait. Letters wait longest.
	maxLife = 60 * 24 * time.Hour
)

// ErrMessage says that a message cannot be sent because of how it was made: a
// mistake of the caller, never of the citizen. The text names the field, not
// its value.
var ErrMessage = errors.New("message is not fit to be sent")

// check refuses what no carrier could deliver.
func (m Message) check(now time.Time) error {
	wrong := func(what string) error { return fmt.Errorf("%w: %s", ErrMessage, what) }
	switch m.Kind {
	case SMS:
		if _, err := identity.ParseE164(m.To); err != nil {
			return wrong("recipient is not an E.164 number")
		}
	case Mail:
		if _, err := identity.ParseEmail(m.To); err != nil {
			return wrong("recipient is not a mail address")
		}
	case Push, Letter:
		if m.To == "" {
			return wrong("no recipient")
		}
	default:
		return wrong("unknown kind")
	}
	switch {
	case !plainWord(m.ID, 64, "-_"):
		return wrong("id has other characters than a-z 0-9 - _, or more than 64")
	case !plainWord(m.Purpose, 32, "_"):
		return wrong("purpose has other characters than a-z 0-9 _, or more than 32")
	case m.Body == "" || len(m.Body) > maxBodyBytes:
		return wrong("body is empty or above 32 kB")
	case len(m.Subject) > maxSubjectBytes || strings.ContainsAny(m.Subject, "\r\n"):
		return wrong("subject is above 512 bytes or has a line break") // a break would add mail headers
	case len(m.Replaces) > maxReplacesBytes:
		return wrong("replaces is above 128 bytes")
	case !m.ExpiresAt.After(now):
		return wrong("expired before it was sent")
	case m.ExpiresAt.After(now.Add(maxLife)):
		return wrong("expires in more than 60 days")
	}
	return nil
}

// plainWord reports whether s is 1 to most characters of a-z, 0-9 and more.
func plainWord(s string, most int, more string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && strings.IndexByte(more, c) < 0 {
			return false
		}
	}
	return s != "" && len(s) <= most
}
