package identity

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// Attribute names one datum about a person as relying parties ask for it.
// Source: OpenID Connect Core 1.0, section 5.1, for given_name, family_name and
// birthdate; the others are our choice, because no standard claim has them.
type Attribute string

// The attributes that can be released.
const (
	GivenName      Attribute = "given_name"
	FamilyName     Attribute = "family_name"
	FirstSurname   Attribute = "first_surname"
	SecondSurname  Attribute = "second_surname"
	BirthDate      Attribute = "birthdate"
	DocumentNumber Attribute = "document_number"
	DocumentType   Attribute = "document_kind"
)

// AllAttributes returns every attribute, in the order in which pages list them.
func AllAttributes() []Attribute {
	return []Attribute{GivenName, FamilyName, FirstSurname, SecondSurname, BirthDate, DocumentNumber, DocumentType}
}

// ParseAttribute reads the name of an attribute.
func ParseAttribute(s string) (Attribute, error) {
	if a := Attribute(s); slices.Contains(AllAttributes(), a) {
		return a, nil
	}
	return "", fmt.Errorf("unknown attribute %q: want one of %s", s, strings.Trim(fmt.Sprint(AllAttributes()), "[]"))
}

// Attributes are a person's data in clear, as they are released. The names in
// JSON are those of the claims and empty ones are left out. Everything but JSON
// prints which are there, not what they are.
type Attributes struct {
	GivenName      string       `json:"given_name,omitempty"`
	FamilyName     string       `json:"family_name,omitempty"`
	FirstSurname   string       `json:"first_surname,omitempty"`
	SecondSurname  string       `json:"second_surname,omitempty"`
	BirthDate      Date         `json:"birthdate,omitzero"`
	DocumentNumber string       `json:"document_number,omitempty"`
	DocumentKind   DocumentKind `json:"document_kind,omitempty"`
}

// Only returns the attributes that are allowed and drops the others. With
// nothing allowed nothing is left.
func (a Attributes) Only(allowed []Attribute) Attributes {
	var kept Attributes
	for _, name := range allowed {
		switch name {
		case GivenName:
			kept.GivenName = a.GivenName
		case FamilyName:
			kept.FamilyName = a.FamilyName
		case FirstSurname:
			kept.FirstSurname = a.FirstSurname
		case SecondSurname:
			kept.SecondSurname = a.SecondSurname
		case BirthDate:
			kept.BirthDate = a.BirthDate
		case DocumentNumber:
			kept.DocumentNumber = a.DocumentNumber
		case DocumentType:
			kept.DocumentKind = a.DocumentKind
		}
	}
	return kept
}

// Value returns one attribute as text, or "" when it is absent or unknown.
func (a Attributes) Value(name Attribute) string {
	switch name {
	case GivenName:
		return a.GivenName
	case FamilyName:
		return a.FamilyName
	case FirstSurname:
		return a.FirstSurname
	case SecondSurname:
		return a.SecondSurname
	case BirthDate:
		return a.BirthDate.String()
	case DocumentNumber:
		return a.DocumentNumber
	case DocumentType:
		return string(a.DocumentKind)
	}
	return ""
}

// Names returns which attributes have a value.
func (a Attributes) Names() []Attribute {
	return slices.DeleteFunc(AllAttributes(), func(name Attribute) bool { return a.Value(name) == "" })
}

// String returns the names of the attributes that have a value.
func (a Attributes) String() string { return fmt.Sprint(a.Names()) }

// Format prints String for every verb.
func (a Attributes) Format(f fmt.State, _ rune) { writeMasked(f, a.String()) }

// LogValue gives logs String.
func (a Attributes) LogValue() slog.Value { return slog.StringValue(a.String()) }
