// Package passkey speaks WebAuthn: what a browser is asked, and what its answers
// prove. It keeps nothing.
package passkey

// Credential is a passkey as we know it.
// Source: W3C Web Authentication Level 3, section 4, "credential record".
type Credential struct {
	ID        []byte `json:"id"`
	PublicKey []byte `json:"public_key"` // COSE_Key
	AAGUID    []byte `json:"aaguid"`
	SignCount uint32 `json:"sign_count"`
	// BackupEligible: it may be copied to other devices. BackedUp: it was.
	BackupEligible bool     `json:"backup_eligible"`
	BackedUp       bool     `json:"backed_up"`
	Transports     []string `json:"transports,omitempty"`
}
