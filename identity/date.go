package identity

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// ErrDate says that a text is not a day of the calendar.
var ErrDate = errors.New("not a date: want year-month-day, as in 2031-10-01")

// Date is a day without time or zone. It is comparable; the zero value is "none".
// String is ISO 8601; logs get it masked, for a birth or validity date is personal.
type Date struct{ Year, Month, Day int }

// permanent is printed as the validity of a DNI that never expires (01-01-9999).
// Source: Real Decreto 1553/2005, article 6 (permanent validity from the age of 70).
var permanent = Date{9999, 1, 1}

// NewDate returns the day if the calendar has it, else ErrDate. Years are 1 to 9999.
func NewDate(year, month, day int) (Date, error) {
	d := Date{year, month, day}
	if year < 1 || year > 9999 || DateOf(d.midnight()) != d {
		return Date{}, ErrDate
	}
	return d, nil
}

// ParseDate reads an ISO 8601 date of exactly ten characters, else ErrDate.
func ParseDate(s string) (Date, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' ||
		!allDigits(s[:4]) || !allDigits(s[5:7]) || !allDigits(s[8:]) {
		return Date{}, ErrDate
	}
	return NewDate(number(s[:4]), number(s[5:7]), number(s[8:]))
}

// DateOf returns the day of an instant in the instant's own zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, int(month), day}
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Permanent reports whether d is what a DNI without expiry shows as validity.
func (d Date) Permanent() bool { return d == permanent }

// Compare returns -1 when d is before other, 0 when equal, +1 when after.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// String returns the date as 2031-10-01, or "" for none.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	if d.Year < 1000 || d.Year > 9999 || d.Month < 1 || d.Month > 99 || d.Day < 1 || d.Day > 99 {
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
	}
	digit := func(n int) byte { return byte('0' + n%10) }
	return string([]byte{
		digit(d.Year / 1000), digit(d.Year / 100), digit(d.Year / 10), digit(d.Year), '-',
		digit(d.Month / 10), digit(d.Month), '-', digit(d.Day / 10), digit(d.Day),
	})
}

// LogValue gives logs a mask.
func (d Date) LogValue() slog.Value {
	if d.IsZero() {
		return slog.StringValue("")
	}
	return slog.StringValue("••••-••-••")
}

// MarshalText writes the date as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func (d Date) midnight() time.Time {
	return time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
}

// number reads digits that were checked before.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}
