package passkey

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
)

// AnswerSize is how large an answer may be, in bytes. An answer has some two kilobytes;
// with an attestation that was not asked for, some more.
const AnswerSize = 16 << 10

// Bounds of what is kept of a passkey.
const (
	// Source: W3C Web Authentication Level 3, section 4, "credential ID": at least 16
	// bytes of which 100 bits are random, or sealed.
	leastID, mostID = 16, 1023
	// mostKey leaves room for an RSA key of 4,096 bits: more is work for us alone.
	mostKey        = 640
	mostTransports = 8
	mostTransport  = 32
)

// answer is what browsers give for both questions; PublicKeyCredential.toJSON makes it.
// Other members are not read: what extensions say was not asked for.
type answer struct {
	ID       string                    `json:"id"`
	RawID    protocol.URLEncodedBase64 `json:"rawId"`
	Type     string                    `json:"type"`
	Response struct {
		ClientDataJSON    protocol.URLEncodedBase64 `json:"clientDataJSON"`
		AttestationObject protocol.URLEncodedBase64 `json:"attestationObject"`
		AuthenticatorData protocol.URLEncodedBase64 `json:"authenticatorData"`
		Signature         protocol.URLEncodedBase64 `json:"signature"`
		UserHandle        protocol.URLEncodedBase64 `json:"userHandle"`
		Transports        []string                  `json:"transports"`
	} `json:"response"`
}

func read(response json.RawMessage) (answer, error) {
	var a answer
	if len(response) > AnswerSize {
		return a, fmt.Errorf("%w: it has %d bytes", ErrAnswer, len(response))
	}
	if err := json.Unmarshal(response, &a); err != nil {
		return a, fmt.Errorf("%w: it cannot be read", ErrAnswer)
	}
	if a.Type != publicKey || a.ID != encode(a.RawID) || len(a.RawID) < leastID || len(a.RawID) > mostID {
		return a, fmt.Errorf("%w: it names no passkey", ErrAnswer)
	}
	return a, nil
}

// CredentialID tells which passkey an answer is said to be by, which proves nothing.
func CredentialID(response json.RawMessage) ([]byte, error) {
	a, err := read(response)
	return a.RawID, err
}

// asked tells whether client data answers a challenge, from our origin alone, in no
// frame of another site.
func (rp *RP) asked(data protocol.CollectedClientData, challenge []byte, ceremony protocol.CeremonyType) error {
	if len(challenge) < protocol.MinimumChallengeLength {
		return fmt.Errorf("%w: there is no challenge", ErrAnswer)
	}
	// The library takes origins for equal that are so but for case, and leaves paths out.
	if data.Origin != rp.origin {
		return fmt.Errorf("%w: it comes from another origin", ErrAnswer)
	}
	err := data.Verify(encode(challenge), ceremony, []string{rp.origin}, nil, nil, protocol.TopOriginExplicitVerificationMode, false)
	if err != nil {
		return fmt.Errorf("%w: it answers something else", ErrAnswer)
	}
	return nil
}

// flags tells whether the flags of authenticator data can be true together.
func sane(f protocol.AuthenticatorFlags) error {
	if f.HasBackupState() && !f.HasBackupEligible() {
		return fmt.Errorf("%w: it is a copy of what cannot be copied", ErrAnswer)
	}
	return nil
}

func same(a, b []byte) bool { return len(a) > 0 && bytes.Equal(a, b) }
