package letter

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Window is where the envelope has its window.
type Window string

// The windows of DL envelopes (110 × 220 mm) that are sold in Spain; both are 20 mm from
// the lower edge.
const (
	Right Window = "right" // 35×90 or 45×100 mm, 20 mm from the right edge: the usual one
	Left  Window = "left"  // 35×90 or 45×100 mm, 20 mm from the left edge
)

// box is a rectangle on the sheet, in millimetres.
type box struct{ x, y, width, height float64 }

// addressBox is where the address stands: inside the window however the folded sheet,
// 210 × 99 mm, lies in the envelope.
func addressBox(w Window) box {
	if w == Left {
		return box{x: 24, y: 56, width: 74, height: 23}
	}
	return box{x: 112, y: 56, width: 74, height: 23}
}

// senderBox is where the sender stands: above what the window may show, on the other side.
func senderBox(w Window) box {
	if w == Left {
		return box{x: 122, y: 20, width: 66, height: 30}
	}
	return box{x: 22, y: 20, width: 66, height: 30}
}

// Lines of an address: how many fit into the box, and how many characters go into a line
// before it is broken or drawn smaller.
const (
	addressLines = 5
	lineLetters  = 38
)

// lines writes the address as the post wants it: name, street, postal code and city,
// province where it is another name, country where it is not Spain.
// Source: Correos, "Cómo escribir la dirección"; UPU S42.
func (r Recipient) lines() []string {
	street := broken(tidy(r.Street))
	city, province, country := tidy(r.City), tidy(r.Province), foreign(r.Country)
	lines := append([]string{tidy(r.Name)}, street...)
	lines = append(lines, tidy(r.PostalCode+" "+city))
	if province != "" && !strings.EqualFold(province, city) && len(lines) < addressLines && (country == "" || len(lines) < addressLines-1) {
		lines = append(lines, province)
	}
	if country != "" {
		lines = append(lines, country)
	}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

// broken breaks a line that is too long in two, between words; what is still too long is
// drawn smaller.
func broken(line string) []string {
	if utf8.RuneCountInString(line) <= lineLetters {
		return []string{line}
	}
	half := []rune(line)[:lineLetters]
	at := strings.LastIndexByte(string(half), ' ')
	if at < 0 {
		return []string{line}
	}
	return []string{line[:at], line[at+1:]}
}

// tidy makes one line of a text: what comes from outside may hold line breaks.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// foreign is the country's name in capitals, empty for Spain.
func foreign(code string) string {
	if code == "" || code == "ES" {
		return ""
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return strings.ToUpper(display.Spanish.Regions().Name(region))
}
