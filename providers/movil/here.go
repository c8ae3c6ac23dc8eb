package movil

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/identity"
	"clave/providers/movil/passkey"
)

// hereTime is how long the challenge of a page is good. Our choice: as long as a
// request waits.
const hereTime = RequestLifetime

// Here is what keys sign in the login's own browser.
type Here struct {
	// Challenge is the one that came with the page.
	Challenge []byte
	// Response is the passkey's answer, in the JSON of WebAuthn.
	Response json.RawMessage
	// Device and Signature are the device key's, where this browser holds one.
	Device    DeviceID
	Signature []byte
}

// HereOptions are what the login's browser is asked to sign: with a passkey that is in
// it, or with one on a phone nearby. Nothing is written: the challenge carries its time
// and a sum that binds it to the login and its service.
func (p *Provider) HereOptions(l *broker.Login) (options json.RawMessage, challenge []byte) {
	now := p.clock().Unix()
	challenge = append(binary.BigEndian.AppendUint64(nil, uint64(now)), p.Codes.Sum(hereParts(l, now)...)...)
	return p.Passkeys.RequestOptions(challenge, nil), challenge
}

func hereParts(l *broker.Login, at int64) []string {
	return []string{"movil here", string(l.Request.ID), l.Party.ID, strconv.FormatInt(at, 10)}
}

// timeBytes is how much of a challenge is its time.
const timeBytes = 8

// asked tells whether the challenge is one of this login, and fresh.
func (p *Provider) asked(l *broker.Login, challenge []byte) *Denied {
	if len(challenge) <= timeBytes {
		return &Denied{Cause: NoProof}
	}
	at := int64(binary.BigEndian.Uint64(challenge))
	if !p.Codes.Equal(challenge[timeBytes:], hereParts(l, at)...) {
		return &Denied{Cause: NoProof}
	}
	if !p.clock().Before(time.Unix(at, 0).Add(hereTime)) {
		return &Denied{Cause: HereExpired}
	}
	return nil
}

// FinishHere proves the person by the keys of the login's own browser: the broker has
// its evidence when it returns nil. Otherwise it returns a [Denied]: NoProof,
// HereExpired, UnknownPasskey, TooLow, Refused or Over.
//
// The passkey and the device key of one device are worth what they are in the app. The
// passkey alone is when it cannot be copied; one that can may stand on a device that
// nobody activated, and is worth less, or nothing where the installation says so.
func (p *Provider) FinishHere(ctx context.Context, l *broker.Login, h Here) error {
	if no := p.asked(l, h.Challenge); no != nil {
		return no
	}
	credential, err := passkey.CredentialID(h.Response)
	if err != nil {
		return &Denied{Cause: NoProof}
	}
	seen, err := p.Devices.DeviceWith(ctx, credential)
	if err != nil {
		return fmt.Errorf("finding a device: %w", err)
	}
	if seen.ID == "" {
		return &Denied{Cause: UnknownPasskey}
	}
	var said *Denied
	before := l.Row
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		said = nil
		if err := p.Broker.Begin(ctx, l, seen.Person); err != nil {
			return err
		}
		d, err := p.Devices.Device(ctx, seen.ID)
		if err != nil {
			return fmt.Errorf("holding device %s: %w", seen.ID, err)
		}
		if d.ID == "" || d.Person != seen.Person || !p.Now().Before(d.LapsesAt()) {
			return &Denied{Cause: UnknownPasskey}
		}
		used, ev, err := p.provesHere(d, h)
		if err != nil {
			said = &Denied{Cause: NoProof}
			return p.record(ctx, l, d.Person, audit.ProofWrong{Why: why(err)})
		}
		if err := p.reaches(ctx, l, ev); err != nil {
			return err
		}
		if err := p.keepUsed(ctx, used); err != nil {
			return err
		}
		return p.Broker.Succeed(ctx, l, ev)
	})
	if err != nil || said != nil {
		l.Row = before // what the transaction made of it is not there
	}
	return settled(err, said)
}

// provesHere tells what the keys prove, and gives the device as it is after that.
func (p *Provider) provesHere(d Device, h Here) (Device, broker.Evidence, error) {
	credential, err := p.Passkeys.Assert(h.Challenge, d.Passkey, h.Response)
	if err != nil {
		return Device{}, broker.Evidence{}, err
	}
	d.Passkey = credential
	ev := byPasskey(d.Person, p.clock())
	switch {
	case h.Device == d.ID:
		if err := VerifyKey(d.Key, h.Challenge, h.Signature); err != nil {
			return Device{}, broker.Evidence{}, err
		}
		ev = byDevice(d.Person, ev.At)
	case !credential.BackupEligible:
		ev = byDevice(d.Person, ev.At)
	}
	return d, ev, nil
}

// reaches tells why the evidence would not do, as a [Denied]. It is asked before the
// broker is, who would end the login.
func (p *Provider) reaches(ctx context.Context, l *broker.Login, ev broker.Evidence) error {
	standing, err := p.Register.Standing(ctx, ev.Person)
	if err != nil {
		return fmt.Errorf("reading the standing of person %s: %w", ev.Person, err)
	}
	demand := p.Broker.Demand(l)
	if why := demand.Admits(identity.Movil, standing); why != "" {
		return &Denied{Cause: Refused, Reason: why}
	}
	if demand.Meets(ev, standing) != "" || ev.Level == identity.Low && p.RefuseSynced {
		return &Denied{Cause: TooLow}
	}
	return nil
}
