// Package pair answers whether a document and the datum printed on it belong
// together, and bounds how often somebody may ask.
//
// Document and datum are one pair: a wrong one is answered in one way, whatever
// is wrong with it, after the same questions to the stores, whether the document
// is known or not. Login methods and the procedures of registration share one
// [Checker], so that they share its limits.
package pair

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"clave/census"
	"clave/identity"
	"clave/internal/tally"
)

// Pair is what a citizen types to say who they are: the document's number and
// the datum printed on it. It prints masked.
type Pair struct {
	Document identity.DocumentID
	Contrast census.Contrast
}

// String returns both masked.
func (p Pair) String() string { return p.Document.String() + " " + p.Contrast.String() }

// Format prints String for every verb.
func (p Pair) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (p Pair) LogValue() slog.Value { return slog.StringValue(p.String()) }

func (p Pair) subject() tally.Subject {
	return tally.Subject{Kind: tally.WrongPairs, Value: p.Document.Reveal()}
}

// Denied says that a pair leads no further. What had to be counted was.
type Denied struct {
	// Until is when the document is looked at again after too many wrong pairs;
	// the zero time says that the pair is wrong, and nothing more.
	Until time.Time
}

// Error names nothing personal.
func (d *Denied) Error() string {
	if d.Until.IsZero() {
		return "pair denied: wrong"
	}
	return "pair denied: too many wrong ones"
}

// Limits bound wrong pairs of document and contrast datum, for each document,
// known or not. A validity date is one of about 3,650: nobody finds it at 20 a
// day.
// Source: our choice.
func Limits() []tally.Window {
	return []tally.Window{{Most: 5, Within: time.Hour}, {Most: 20, Within: tally.Day}}
}
