package passkey

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
)

// Assert reads the answer to RequestOptions: the passkey as it is to be kept from now
// on. ErrAnswer when it does not prove that c signed the challenge for us and verified
// whose it is; ErrCounter and ErrEligibility when it does, and c is not what it was.
// Source: W3C Web Authentication Level 3, section 7.2.
func (rp *RP) Assert(challenge []byte, c Credential, response json.RawMessage) (Credential, error) {
	a, err := read(response)
	if err != nil {
		return Credential{}, err
	}
	if !same(c.ID, a.RawID) {
		return Credential{}, fmt.Errorf("%w: it is by another passkey", ErrAnswer)
	}
	if handle := a.Response.UserHandle; len(handle) > 0 && !bytes.Equal(handle, c.User) {
		return Credential{}, fmt.Errorf("%w: it is for another user", ErrAnswer)
	}
	raw := protocol.CredentialAssertionResponse{
		PublicKeyCredential: protocol.PublicKeyCredential{Credential: protocol.Credential{ID: a.ID, Type: a.Type}, RawID: a.RawID},
		AssertionResponse: protocol.AuthenticatorAssertionResponse{
			AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: a.Response.ClientDataJSON},
			AuthenticatorData:     a.Response.AuthenticatorData, Signature: a.Response.Signature,
		},
	}
	parsed, err := raw.Parse()
	if err != nil {
		return Credential{}, fmt.Errorf("%w: it cannot be read", ErrAnswer)
	}
	if err := rp.asked(parsed.Response.CollectedClientData, challenge, protocol.AssertCeremony); err != nil {
		return Credential{}, err
	}
	err = parsed.Verify(encode(challenge), rp.id, "", []string{rp.origin}, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true, c.PublicKey, protocol.SignaturePolicy{})
	if err != nil {
		return Credential{}, fmt.Errorf("%w: it is not signed by the passkey, or nobody was verified", ErrAnswer)
	}
	return next(c, parsed.Response.AuthenticatorData)
}

// next is what is known of a passkey after an answer that it signed. Most passkeys are
// copied between devices and count nothing: their counter stays zero.
func next(c Credential, data protocol.AuthenticatorData) (Credential, error) {
	if err := sane(data.Flags); err != nil {
		return Credential{}, err
	}
	if data.Flags.HasBackupEligible() != c.BackupEligible {
		return Credential{}, ErrEligibility
	}
	if (data.Counter != 0 || c.SignCount != 0) && data.Counter <= c.SignCount {
		return Credential{}, ErrCounter
	}
	c.SignCount, c.BackedUp = data.Counter, data.Flags.HasBackupState()
	return c, nil
}
