package office

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of texts, in characters. Our choice: what a page shows well.
const (
	maxCode        = 20
	maxName        = 150
	maxAddress     = 200
	maxPlace       = 100
	maxHours       = 300
	maxServices    = 500
	maxAppointment = 500
)

// parser reads one row and collects what is wrong with it.
type parser struct {
	fields []string
	// reasons name the column and the rule.
	reasons []string
}

func (p *parser) refuse(column int, reason string) {
	p.reasons = append(p.reasons, columnNames[column]+": "+reason)
}

// office is what the row says; it counts only when there are no reasons.
func (p *parser) office() Office {
	if len(p.fields) != columnCount {
		p.reasons = append(p.reasons, strconv.Itoa(len(p.fields))+" fields instead of "+strconv.Itoa(columnCount))
		return Office{}
	}
	o := Office{
		Code: p.text(colCode, maxCode, required), Name: p.text(colName, maxName, required),
		Address: p.text(colAddress, maxAddress, required), PostalCode: p.text(colPostalCode, maxPlace, required),
		City: p.text(colCity, maxPlace, required), Province: p.text(colProvince, maxPlace, required),
		Hours: p.text(colHours, maxHours, optional), Services: p.text(colServices, maxServices, optional),
		Appointment: p.text(colAppointment, maxAppointment, optional),
	}
	if strings.ContainsFunc(o.Code, func(c rune) bool { return !codeLetter(c) }) {
		p.refuse(colCode, "only letters A to Z, digits and - _ . are allowed")
	}
	if o.PostalCode != "" && provinceOf(o.PostalCode) == "" {
		p.refuse(colPostalCode, "not five digits that begin with 01 to 52")
	}
	if o.Appointment != "" && !isLink(o.Appointment) {
		p.refuse(colAppointment, "not an https address")
	}
	o.Latitude, o.Longitude = p.degrees(colLatitude, 90), p.degrees(colLongitude, 180)
	if (o.Latitude == "") != (o.Longitude == "") && len(p.reasons) == 0 {
		p.refuse(colLongitude, "latitude and longitude go together")
	}
	return o
}

func codeLetter(c rune) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
}

type necessity bool

const (
	required necessity = true
	optional necessity = false
)

func (p *parser) text(column, maxCharacters int, need necessity) string {
	text := strings.TrimSpace(p.fields[column])
	switch {
	case text == "" && need == required:
		p.refuse(column, "missing")
	case strings.ContainsFunc(text, unicode.IsControl):
		p.refuse(column, "more than one line, or a control character")
	case utf8.RuneCountInString(text) > maxCharacters:
		p.refuse(column, "more than "+strconv.Itoa(maxCharacters)+" characters")
	}
	return text
}

// degrees reads a coordinate; a decimal comma is taken too, as spreadsheets in
// Spain write it.
func (p *parser) degrees(column int, limit float64) string {
	text := strings.ReplaceAll(strings.TrimSpace(p.fields[column]), ",", ".")
	if text == "" {
		return ""
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || !(value >= -limit && value <= limit) {
		p.refuse(column, "not degrees such as 40.416775")
		return ""
	}
	return strconv.FormatFloat(value, 'f', -1, 64)
}

// isLink tells whether the text is an address that citizens may be sent to.
func isLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && !strings.ContainsAny(text, " \"<>\\")
}

// provinceOf is the first two digits of a postal code, which name the province;
// empty when it is none.
// Source: Real Decreto 2424/1980, Orden of 23 December 1981: 01 to 52.
func provinceOf(postalCode string) string {
	if len(postalCode) != 5 || !digits(postalCode) {
		return ""
	}
	if province := postalCode[:2]; province >= "01" && province <= "52" {
		return province
	}
	return ""
}

func digits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c < '0' || c > '9' })
}
