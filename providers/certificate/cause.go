package certificate

import (
	"clave/broker"
	"clave/providers/certificate/profile"
)

// Cause is why a certificate did not log anybody in. The list is closed; those of
// package profile belong to it.
type Cause string

// The causes that are not a matter of the profile.
const (
	// NoCertificate: the browser showed none.
	NoCertificate Cause = "none"
	// UnknownIssuer: nobody whom we trust issued it.
	UnknownIssuer Cause = "unknown_issuer"
	Expired       Cause = "expired"
	NotYetValid   Cause = "not_yet_valid"
	Revoked       Cause = "revoked"
	// Weak: its key or signature protects too little, or is of a kind that we do not
	// know.
	Weak Cause = "weak"
	// Unchecked: nobody could say whether it was revoked.
	Unchecked Cause = "unchecked"
	// ForEmployees: the holder acts for an administration, and the service is for
	// citizens.
	ForEmployees Cause = "public_employee"
	// TooLow: the certificate is good, and the service demands a higher level.
	TooLow Cause = "too_low"
	// Late: what came back is too old, was used, or belongs to another login.
	Late Cause = "late"
	// Over: the login has ended, or somebody proved otherwise who they are. The
	// dispatcher knows how it goes on.
	Over Cause = "over"
)

// Causes lists every cause that is shown to people.
func Causes() []Cause {
	return []Cause{
		NoCertificate, UnknownIssuer, Expired, NotYetValid, Revoked, Weak, Unchecked, ForEmployees, TooLow, Late,
		Cause(profile.WrongUsage), Cause(profile.SignatureOnly), Cause(profile.ForOrganisation), Cause(profile.OfOrganisation),
		Cause(profile.Nameless), Cause(profile.Unlisted), Cause(profile.NoNumber),
	}
}

// Reason is what the service is told when the citizen gives up after this.
func (c Cause) Reason() broker.Reason {
	switch c {
	case TooLow:
		return broker.LevelUnmet
	case Unchecked:
		return broker.Unavailable
	case NoCertificate, Late:
		return broker.Cancelled
	}
	return broker.CertificateRefused
}

// Denied is an answer of Accept that is no mistake: nothing was proven, and why.
type Denied struct{ Cause Cause }

// Error names the cause and nothing personal.
func (d *Denied) Error() string { return "certificate denied: " + string(d.Cause) }
