package movil

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"clave/audit"
	"clave/providers/movil/passkey"
)

// Signed is what both keys of a device have signed.
type Signed struct {
	// Response is the passkey's answer, in the JSON of WebAuthn.
	Response json.RawMessage
	// Signature is the device key's, r ‖ s.
	Signature []byte
}

// ApproveOptions are what the app asks the device's passkey with, and the challenge
// that the device key signs as well. A [Denied] of cause Gone when this device may not
// approve it: by QR it has to be claimed, by document the digits have to be typed.
func (p *Provider) ApproveOptions(ctx context.Context, by Device, id RequestID) (options json.RawMessage, challenge []byte, err error) {
	r, err := p.Requests.Request(ctx, id)
	if err != nil {
		return nil, nil, fmt.Errorf("reading a request: %w", err)
	}
	if !r.approvable(by, p.clock()) {
		return nil, nil, &Denied{Cause: Gone}
	}
	challenge = r.challenge(by.ID)
	return p.Passkeys.RequestOptions(challenge, []passkey.Credential{by.Passkey}), challenge, nil
}

// Approve takes the approval of a request, once, when both keys of the device that
// claimed it have signed. It proves nothing to the broker yet: the login's own browser
// spends it within SpendTime. The answer is nil or a [Denied].
func (p *Provider) Approve(ctx context.Context, by Device, id RequestID, signed Signed) error {
	var said *Denied
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		said = nil
		d, r, err := p.held(ctx, by, id)
		if err != nil {
			return err
		}
		now := p.clock()
		if r.spendable(now) && r.Device == d.ID {
			return nil // a second press, or the answer to the first got lost
		}
		if !r.approvable(d, now) {
			return &Denied{Cause: Gone}
		}
		used, err := p.proves(d, r.challenge(d.ID), signed)
		if err != nil {
			said = &Denied{Cause: NoProof}
			return p.note(ctx, r, audit.ProofWrong{Why: why(err)})
		}
		if err := p.keepUsed(ctx, used); err != nil {
			return err
		}
		if err := p.keep(ctx, r.decided(Approved, d.ID, now)); err != nil {
			return err
		}
		return p.note(ctx, r, audit.RequestDecided{Decision: string(Approved), Way: string(r.Way)})
	})
	return settled(err, said)
}

// proves tells whether both keys of a device signed the challenge, and gives the device
// as it is after that.
func (p *Provider) proves(d Device, challenge []byte, signed Signed) (Device, error) {
	if err := VerifyKey(d.Key, challenge, signed.Signature); err != nil {
		return Device{}, err
	}
	credential, err := p.Passkeys.Assert(challenge, d.Passkey, signed.Response)
	if err != nil {
		return Device{}, err
	}
	d.Passkey = credential
	return d, nil
}

// keepUsed writes a device that has just proven itself.
func (p *Provider) keepUsed(ctx context.Context, d Device) error {
	d.UsedAt = p.clock().Truncate(usedEvery)
	if err := p.Devices.KeepDevice(ctx, d); err != nil {
		return fmt.Errorf("keeping device %s: %w", d.ID, err)
	}
	return nil
}

// why says for the audit trail what was wrong with a proof.
func why(err error) string {
	switch {
	case errors.Is(err, passkey.ErrCounter):
		return "counter"
	case errors.Is(err, passkey.ErrEligibility):
		return "eligibility"
	case errors.Is(err, ErrKey):
		return "device_key"
	default:
		return "passkey"
	}
}
