package desk

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"clave/identity"
)

const (
	// Shown is how long a look-up shows the citizen's data. What was begun in that time
	// can be finished afterwards. Source: our choice; longer than a citizen stands at
	// the desk, and too short to look somebody up once and read along for a day.
	Shown = 30 * time.Minute
	// Hourly is how many look-ups an officer may make in an hour. Source: our choice;
	// one citizen a minute is more than a desk serves.
	Hourly = 60
	// kept is how long a look-up stays for the limit, and for the act begun with it.
	kept = 24 * time.Hour
)

// Case is a look-up: under its random id the session that made it sees the citizen's
// data for a while, so that addresses hold no document. It prints nothing personal.
type Case struct {
	ID string
	// Session at the console, Officer and Office whose it is.
	Session string
	Officer identity.PersonID
	Office  string
	// Document that was asked for; personal.
	Document identity.DocumentID
	Reason   Reason
	Number   string
	// Found: the reference data hold the document, and it is not the officer's own.
	Found bool
	// Procedure is the handle of what was begun; secret, and empty before.
	Procedure string
	Opened    time.Time
}

// Open tells whether the data can be seen.
func (c Case) Open(now time.Time) bool { return c.Found && now.Before(c.Ends()) }

// Ends is until when the data can be seen.
func (c Case) Ends() time.Time { return c.Opened.Add(Shown) }

// Expires is when the row can be deleted.
func (c Case) Expires() time.Time { return c.Opened.Add(kept) }

// String names the case.
func (c Case) String() string { return "case " + c.ID }

// Format prints String for every verb.
func (c Case) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (c Case) LogValue() slog.Value { return slog.StringValue(c.String()) }
