package letter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"clave/internal/onetime"
)

// Purpose is what a letter is for. The list is closed.
type Purpose string

// Invitation is the letter with the code to register online.
const Invitation Purpose = "invitation"

// State is where a letter stands. The list is closed.
type State string

// The states.
const (
	Queued     State = "queued"
	HandedOver State = "handed_over"
	Returned   State = "returned"
	Dropped    State = "dropped" // replaced, or expired, before anybody printed it
)

// Letter is one letter to one person. It prints as its number.
type Letter struct {
	// Number names the letter on the paper, so that returned mail can be told: see
	// NewNumber.
	Number  string
	Purpose Purpose
	// Language is the reader's, such as "eu"; the letter speaks Spanish as well.
	Language string
	To       Recipient
	// Code is what the letter carries, without groups. Secret.
	Code string
	// QueuedAt is the letter's date.
	QueuedAt time.Time
	// ExpiresAt is until when the code is good. A letter is not printed after it.
	ExpiresAt time.Time
}

// Recipient is whom the envelope's window shows. It prints masked.
type Recipient struct {
	Name       string
	Street     string
	PostalCode string
	City       string
	Province   string
	Country    string // ISO 3166-1 alpha-2
}

// String names the letter by its number and purpose.
func (l Letter) String() string { return fmt.Sprintf("letter %s (%s)", l.Number, l.Purpose) }

// Format prints String for every verb.
func (l Letter) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (l Letter) LogValue() slog.Value { return slog.StringValue(l.String()) }

// String returns a mask.
func (r Recipient) String() string { return "recipient •••" }

// Format prints String for every verb.
func (r Recipient) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (r Recipient) LogValue() slog.Value { return slog.StringValue(r.String()) }

// ErrNumber says that a text is not a letter's number: most likely mistyped.
var ErrNumber = errors.New("not the number of a letter")

// numberDigits is the length of a letter's number, its check digit included.
const numberDigits = 14

// NewNumber makes a letter's number: 13 random digits and a check digit. Random, so
// that whoever gets one letter learns neither how many there are nor another's number.
func NewNumber() string {
	digits := onetime.NewDigits(numberDigits - 1)
	return digits + string(checkDigit(digits))
}

// ParseNumber reads a number as a machine or a person copies it from the paper: spaces
// and hyphens may stand between its digits. It returns ErrNumber otherwise.
func ParseNumber(typed string) (string, error) {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(typed))
	if len(digits) != numberDigits || strings.Trim(digits, "0123456789") != "" ||
		digits[numberDigits-1] != checkDigit(digits[:numberDigits-1]) {
		return "", ErrNumber
	}
	return digits, nil
}

// checkDigit is that of Luhn, which finds every single wrong digit and nearly every
// swap of neighbours. Source: ISO/IEC 7812-1, annex B.
func checkDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			n = n*2/10 + n*2%10
		}
		sum += n
	}
	return byte('0' + (10-sum%10)%10)
}

// Queue takes letters in and takes back what the post returned. Each method is one
// atomic fact and joins the transaction in ctx.
type Queue interface {
	// AddLetter stores a letter to be printed.
	AddLetter(ctx context.Context, l Letter) error
	// DropLetter takes a letter back that no batch has yet; otherwise it changes nothing.
	DropLetter(ctx context.Context, number string) error
	// ReturnLetter notes that the post brought a letter back, and tells what it was for.
	// It answers false when there is no such letter, or it was never handed over, or it
	// came back before.
	ReturnLetter(ctx context.Context, number string, now time.Time) (Purpose, bool, error)
}
