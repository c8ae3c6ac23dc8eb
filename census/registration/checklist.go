package registration

import (
	"strings"

	"clave/census/registrar"
	"clave/identity"
)

// CheckList is what an officer says to have seen, as it was ticked and typed.
type CheckList struct {
	// Document is the kind of document that the citizen showed.
	Document string
	// Original, InForce, Alike (its photograph resembles the citizen) and Present (the
	// citizen stands there) are all necessary.
	Original, InForce, Alike, Present bool
	// OfAge: the document says so, where the reference data say nothing.
	OfAge bool
	// Guardian and Proof are about who came along with a minor.
	Guardian, Proof string
}

// The fields of a check-list that a mistake may name.
const (
	FieldSeenDocument Field = "seen_document"
	FieldOriginal     Field = "original"
	FieldInForce      Field = "in_force"
	FieldAlike        Field = "alike"
	FieldPresent      Field = "present"
	FieldOfAge        Field = "of_age"
	FieldGuardian     Field = "guardian"
	FieldProof        Field = "proof"
)

// Same: the guardian is the citizen.
const Same What = "same"

// majority is the age from which nobody has to come along.
// Source: Constitución Española, article 12.
const majority = 18

// Minority tells whether a guardian has to come along on that day: surely, or unless
// the document says otherwise, where the birth date is not known.
func Minority(birth, today identity.Date) (minor, unknown bool) {
	if birth.IsZero() {
		return false, true
	}
	return today.Compare(identity.Date{Year: birth.Year + majority, Month: birth.Month, Day: birth.Day}) < 0, false
}

// Read gives what was seen, or every mistake at once in the order of the form. who is
// what the reference data say about the citizen.
// Source: clave.gob.es, frequently asked questions about registration: the interested
// party is always present; a minor comes with a parent or guardian, who shows to be
// that; Spaniards bring their DNI, below the age of 14 too, and foreigners the
// documentation that the law has for them.
func (c CheckList) Read(who identity.Person, today identity.Date) (registrar.Seen, []Mistake) {
	var mistakes []Mistake
	wrong := func(f Field, w What) { mistakes = append(mistakes, Mistake{f, w}) }
	var seen registrar.Seen
	kind, err := identity.ParseDocumentKind(c.Document)
	switch {
	case err != nil:
		wrong(FieldSeenDocument, Empty)
	case who.Document.Foreigner() == (kind == identity.DNI):
		wrong(FieldSeenDocument, Differs)
	}
	seen.Document = kind
	for _, check := range []struct {
		ticked bool
		field  Field
	}{{c.Present, FieldPresent}, {c.Original, FieldOriginal}, {c.InForce, FieldInForce}, {c.Alike, FieldAlike}} {
		if !check.ticked {
			wrong(check.field, Empty)
		}
	}
	minor, unknown := Minority(who.BirthDate, today)
	accompanied := !blank(c.Guardian) || c.Proof != ""
	switch {
	case minor, unknown && accompanied:
		seen.Guardian, seen.Proof = c.guardian(who, wrong)
	case unknown && !c.OfAge:
		wrong(FieldOfAge, Empty)
	case unknown:
		seen.OfAge = true
	}
	if len(mistakes) > 0 {
		return registrar.Seen{}, mistakes
	}
	return seen, nil
}

func (c CheckList) guardian(who identity.Person, wrong func(Field, What)) (identity.DocumentID, registrar.GuardianProof) {
	document, err := identity.ParseDocument(strings.TrimSpace(c.Guardian))
	switch {
	case blank(c.Guardian):
		wrong(FieldGuardian, Empty)
	case err != nil:
		wrong(FieldGuardian, Malformed)
	case document == who.Document:
		wrong(FieldGuardian, Same)
	}
	for _, p := range registrar.GuardianProofs() {
		if c.Proof == string(p) {
			return document, p
		}
	}
	wrong(FieldProof, Empty)
	return document, ""
}
