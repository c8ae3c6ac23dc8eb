package page

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Date is a date as it was typed into three inputs.
type Date struct{ Day, Month, Year string }

// ReadDate reads the inputs name-day, name-month and name-year of a form.
func ReadDate(form url.Values, name string) Date {
	return Date{
		Day:   strings.TrimSpace(form.Get(name + "-day")),
		Month: strings.TrimSpace(form.Get(name + "-month")),
		Year:  strings.TrimSpace(form.Get(name + "-year")),
	}
}

// Empty tells whether nothing was typed.
func (d Date) Empty() bool { return d == Date{} }

// ISO writes the date as 2006-01-02; false when it is not three numbers with a
// year of four digits. Whether the day exists is for identity.ParseDate.
func (d Date) ISO() (string, bool) {
	day, okDay := number(d.Day, 2)
	month, okMonth := number(d.Month, 2)
	year, okYear := number(d.Year, 4)
	if !okDay || !okMonth || !okYear || year < 1000 {
		return "", false
	}
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day), true
}

func number(s string, digits int) (int, bool) {
	if s == "" || len(s) > digits || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
