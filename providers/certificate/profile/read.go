package profile

import (
	"crypto/x509"
	"slices"
	"strings"

	"clave/identity"
	"clave/internal/oid"
)

// Flaw is why a certificate does not log a citizen in. The list is closed.
type Flaw string

// The flaws.
const (
	// WrongUsage: the key may not be used to log in.
	WrongUsage Flaw = "wrong_usage"
	// SignatureOnly: the certificate is for signing documents; the same card or file
	// usually holds another for logging in.
	SignatureOnly Flaw = "signature_only"
	// ForOrganisation: the holder represents an organisation.
	ForOrganisation Flaw = "representative"
	// OfOrganisation: the certificate is an organisation's own.
	OfOrganisation Flaw = "seal"
	// Nameless: the holder's name is not told.
	Nameless Flaw = "pseudonym"
	// Unlisted: nobody has said what certificates under this policy mean.
	Unlisted Flaw = "unlisted"
	// NoNumber: there is no DNI or NIE in it, or two that differ.
	NoNumber Flaw = "no_number"
)

// Holder is whom a certificate is for. It prints masked.
type Holder struct {
	// Person has names and document; no kind and no birth date.
	Person identity.Person
	Level  identity.Level
	// OnDevice: the key cannot leave its card.
	OnDevice bool
	// Employee: the holder acts for an administration.
	Employee bool
	// Qualified: the certificate says to be a qualified one, by its statement or policy.
	Qualified bool
	Policy    string // that of the row
}

// Read tells whom the first certificate of a verified chain is for, whose last one
// is the trust anchor. The flaw is empty when it is for a natural person.
func (t Table) Read(chain []*x509.Certificate) (Holder, Flaw) {
	leaf, anchor := chain[0], chain[len(chain)-1]
	row, listed := t.row(leaf, anchor)
	subject, statements := subjectOf(leaf), statementsOf(leaf)
	if flaw := refused(leaf, row, subject, statements); flaw != "" {
		return Holder{}, flaw
	}
	if !listed {
		return Holder{}, Unlisted
	}
	person, ok := personOf(subject, alternativeOf(leaf))
	if !ok {
		return Holder{}, NoNumber
	}
	h := Holder{
		Person: person, Level: row.Level, Policy: row.Policy, Employee: row.Means == Employee,
		OnDevice: statements.device || row.Level == identity.High, Qualified: statements.qualified || qualified(leaf),
	}
	if h.Level == identity.NoLevel {
		h.Level = identity.Substantial
		if h.OnDevice {
			h.Level = identity.High
		}
	}
	return h, ""
}

// refused finds what keeps a certificate from being a citizen's, what is most
// telling first: who chose a seal learns that it is one, and not that its key
// usage is wrong.
func refused(leaf *x509.Certificate, row Row, subject names, s statements) Flaw {
	switch {
	case leaf.IsCA:
		return Unlisted
	case row.Means == Seal || s.seal:
		return OfOrganisation
	case row.Means == Pseudonym || subject.has(oid.Pseudonym):
		return Nameless
	case row.Means == Representative:
		return ForOrganisation
	case row.Means == Citizen && subject.has(oid.OrganisationID):
		return ForOrganisation
	case row.Means == Signature:
		return SignatureOnly
	case leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 && leaf.KeyUsage&x509.KeyUsageContentCommitment != 0:
		return SignatureOnly
	case leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 || !forClients(leaf):
		return WrongUsage
	}
	return ""
}

// qualified tells whether a policy says that the certificate is a natural person's
// qualified one. Source: ETSI EN 319 411-2, section 5.3.
func qualified(leaf *x509.Certificate) bool {
	return slices.ContainsFunc(leaf.Policies, func(p x509.OID) bool {
		return p.String() == policyNatural || p.String() == PolicyNaturalDevice
	})
}

// forClients tells whether the key may prove a client in TLS: by its extended
// usage, or because it has none, as the DNIe.
// Source: RFC 5280, section 4.2.1.12.
func forClients(leaf *x509.Certificate) bool {
	for _, usage := range leaf.ExtKeyUsage {
		if usage == x509.ExtKeyUsageClientAuth || usage == x509.ExtKeyUsageAny {
			return true
		}
	}
	return len(leaf.ExtKeyUsage) == 0 && len(leaf.UnknownExtKeyUsage) == 0
}

// personOf takes names and number: from FNMT's directory name where there is one,
// else from the subject. The number stands in several places; they must agree.
func personOf(subject, alternative names) (identity.Person, bool) {
	var p identity.Person
	for _, typed := range []string{alternative.value(oid.FNMTNumber), spanishNumber(subject.value(oid.SerialNumber))} {
		if typed == "" {
			continue
		}
		document, err := identity.ParseDocument(typed)
		if err != nil || !p.Document.IsZero() && document != p.Document {
			return identity.Person{}, false
		}
		p.Document = document
	}
	if p.Document.IsZero() {
		return identity.Person{}, false
	}
	p.GivenName, p.FirstSurname, p.SecondSurname = alternative.value(oid.FNMTGivenName), alternative.value(oid.FNMTFirstSurname), alternative.value(oid.FNMTSecondSurname)
	if p.GivenName == "" || p.FirstSurname == "" {
		p.GivenName = subject.value(oid.GivenName)
		p.FirstSurname, p.SecondSurname = surnames(withoutNumber(subject.value(oid.Surname), p.Document), subject.value(oid.CommonName))
	}
	return p, p.GivenName != "" && p.FirstSurname != ""
}

// spanishNumber takes the number out of a semantic identifier, such as
// IDCES-99999972C, and leaves a bare one as it is. Other countries' and passports'
// are none.
// Source: ETSI EN 319 412-1, section 5.1.3: three letters for the kind (IDC is a
// national identity card, PNO a national number, TIN a tax number), two for the
// country, a hyphen.
func spanishNumber(s string) string {
	if len(s) > 6 && s[5] == '-' {
		switch s[:5] {
		case "IDCES", "PNOES", "TINES":
			return s[6:]
		}
		return ""
	}
	return s
}

// withoutNumber takes away what some write behind the surnames: " - DNI 12345678Z".
// Source: Consorci AOC, "Descripció dels perfils de certificats", section 2.3; and the
// examples of "Perfiles de certificados electrónicos", version 2.0, for employees.
func withoutNumber(surnames string, document identity.DocumentID) string {
	before, after, found := strings.Cut(surnames, " - ")
	if found && strings.HasSuffix(after, document.Reveal()) { // to leave it out
		return strings.TrimSpace(before)
	}
	return surnames
}

// surnames parts the surnames. The DNIe has the first alone in its attribute, and
// both before the comma of the common name; other issuers write both in the
// attribute, which nobody can part with certainty: they stay together.
func surnames(attribute, commonName string) (first, second string) {
	both, _, found := strings.Cut(commonName, ",")
	if rest, is := strings.CutPrefix(both, attribute+" "); found && is {
		return attribute, strings.TrimSpace(rest)
	}
	return attribute, ""
}
