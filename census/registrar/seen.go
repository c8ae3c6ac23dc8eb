package registrar

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"clave/identity"
)

// Seen is what an officer saw of a citizen who stands at the desk: the original of a
// document in force, whose photograph resembles the citizen. The zero value is nothing.
// It prints without the guardian's number.
type Seen struct {
	// Document is which kind of document it was.
	Document identity.DocumentKind
	// OfAge: where the reference data have no birth date, the document says that the
	// citizen is of age.
	OfAge bool
	// Guardian is the document of the parent or guardian who came along with a minor,
	// and Proof how they showed to be that.
	Guardian identity.DocumentID
	Proof    GuardianProof
}

// GuardianProof is how a parent or guardian shows to be that. The list is closed.
type GuardianProof string

// The proofs. Source: clave.gob.es, frequently asked questions about registration:
// "Family Book or document issued by the Civil Registry for this purpose, judicial
// resolution of appointment of guardian".
const (
	FamilyBook    GuardianProof = "family_book"
	CivilRegistry GuardianProof = "civil_registry"
	CourtOrder    GuardianProof = "court_order"
)

// GuardianProofs lists the proofs.
func GuardianProofs() []GuardianProof { return []GuardianProof{FamilyBook, CivilRegistry, CourtOrder} }

// Words are what was seen, for the audit trail and the history: they name nobody.
func (s Seen) Words() string {
	if s.Document == "" {
		return ""
	}
	words := []string{string(s.Document)}
	if s.OfAge {
		words = append(words, "of_age")
	}
	if s.Proof != "" {
		words = append(words, string(s.Proof))
	}
	return strings.Join(words, " ")
}

// String gives the words.
func (s Seen) String() string { return s.Words() }

// Format writes what String gives, whatever the verb.
func (s Seen) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (s Seen) LogValue() slog.Value { return slog.StringValue(s.String()) }

// seen is Seen as a procedure keeps it, sealed: with the guardian's number in clear.
type seen struct {
	Document identity.DocumentKind `json:"document,omitempty"`
	OfAge    bool                  `json:"of_age,omitempty"`
	Guardian string                `json:"guardian,omitempty"`
	Proof    GuardianProof         `json:"proof,omitempty"`
}

// MarshalJSON writes what UnmarshalJSON reads. It is for what is kept sealed alone: it
// holds the guardian's number.
func (s Seen) MarshalJSON() ([]byte, error) {
	return json.Marshal(seen{s.Document, s.OfAge, s.Guardian.Reveal(), s.Proof})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Seen) UnmarshalJSON(text []byte) error {
	var kept seen
	if err := json.Unmarshal(text, &kept); err != nil {
		return err
	}
	*s = Seen{Document: kept.Document, OfAge: kept.OfAge, Proof: kept.Proof}
	if kept.Guardian == "" {
		return nil
	}
	guardian, err := identity.ParseDocument(kept.Guardian)
	s.Guardian = guardian
	return err
}
