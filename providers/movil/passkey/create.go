package passkey

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// leastRSA is how many bytes the modulus of an RSA key has at least. Source: NIST SP
// 800-131A Rev. 2, section 3.
const leastRSA = 256

// Create reads the answer to CreationOptions: a passkey that u has made, on an
// authenticator that verified who it was. ErrAnswer when it proves nothing. That the
// passkey is nobody else's yet is for the caller to find out.
// Source: W3C Web Authentication Level 3, section 7.1.
func (rp *RP) Create(challenge []byte, u User, response json.RawMessage) (Credential, error) {
	a, err := read(response)
	if err != nil {
		return Credential{}, err
	}
	attested := protocol.AuthenticatorAttestationResponse{
		AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: a.Response.ClientDataJSON},
		AttestationObject:     a.Response.AttestationObject,
	}
	parsed, err := attested.Parse()
	if err != nil {
		return Credential{}, fmt.Errorf("%w: it cannot be read", ErrAnswer)
	}
	if err := rp.asked(parsed.CollectedClientData, challenge, protocol.CreateCeremony); err != nil {
		return Credential{}, err
	}
	data := parsed.AttestationObject.AuthData
	if err := data.Verify(rp.hash(), nil, true, true); err != nil {
		return Credential{}, fmt.Errorf("%w: it is for another site, or nobody was verified", ErrAnswer)
	}
	if err := sane(data.Flags); err != nil {
		return Credential{}, err
	}
	if !same(data.AttData.CredentialID, a.RawID) {
		return Credential{}, fmt.Errorf("%w: it names two passkeys", ErrAnswer)
	}
	if err := usable(data.AttData.CredentialPublicKey); err != nil {
		return Credential{}, err
	}
	return Credential{
		ID: slices.Clone(data.AttData.CredentialID), PublicKey: data.AttData.CredentialPublicKey, User: slices.Clone(u.ID),
		AAGUID: slices.Clone(data.AttData.AAGUID), SignCount: data.Counter,
		BackupEligible: data.Flags.HasBackupEligible(), BackedUp: data.Flags.HasBackupState(),
		Transports: transports(a.Response.Transports),
	}, nil
}

func (rp *RP) hash() []byte {
	sum := sha256.Sum256([]byte(rp.id))
	return sum[:]
}

// usable tells whether a COSE key is one of those that were asked for.
func usable(key []byte) error {
	if len(key) > mostKey {
		return fmt.Errorf("%w: its key has %d bytes", ErrAnswer, len(key))
	}
	parsed, err := webauthncose.ParsePublicKey(key)
	if err != nil {
		return fmt.Errorf("%w: its key cannot be read", ErrAnswer)
	}
	switch k := parsed.(type) {
	case webauthncose.EC2PublicKeyData:
		if k.Algorithm == es256 {
			return nil
		}
	case webauthncose.OKPPublicKeyData:
		if k.Algorithm == eddsa {
			return nil
		}
	case webauthncose.RSAPublicKeyData:
		if k.Algorithm == rs256 && len(k.Modulus) >= leastRSA {
			return nil
		}
	}
	return fmt.Errorf("%w: its key is of another kind", ErrAnswer)
}

// transports keeps what can be one. Unknown ones are kept: the browser that named them
// understands them.
// Source: W3C Web Authentication Level 3, section 5.8.4.
func transports(named []string) []string {
	var kept []string
	for _, t := range named {
		if t != "" && len(t) <= mostTransport && len(kept) < mostTransports {
			kept = append(kept, t)
		}
	}
	return kept
}
