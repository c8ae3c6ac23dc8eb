package audit

import "clave/identity"

// KindCertificateShown names proofs by certificate.
const KindCertificateShown Kind = "certificate_shown"

// CertificateShown: a citizen proved to hold the key of a certificate. Its serial
// number stands in Personal.
type CertificateShown struct {
	Issuer string         `json:"issuer"` // common name of the authority
	Policy string         `json:"policy"` // object identifier
	Level  identity.Level `json:"level"`
	// Checked is false when nobody could say whether it was revoked, and the
	// installation takes that.
	Checked bool `json:"checked"`
}

// Kind implements Data.
func (CertificateShown) Kind() Kind { return KindCertificateShown }
