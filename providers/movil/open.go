package movil

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"clave/identity"
)

// AppTime is how long the app stays open without being used. Our choice: who finds the
// phone unlocked later reads nothing; approving takes the passkey all the same.
const AppTime = 15 * time.Minute

// OpenChallenge is what a device key signs, as text, to open the app; good for
// openTime, and on any node. Nothing is written for it.
func (p *Provider) OpenChallenge() string {
	at := binary.BigEndian.AppendUint64(nil, uint64(p.clock().UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(at, p.Codes.Sum("movil open", string(at))...))
}

// fresh tells whether an OpenChallenge is one of ours, and young enough.
func (p *Provider) fresh(challenge string) bool {
	b, err := base64.RawURLEncoding.DecodeString(challenge)
	if err != nil || base64.RawURLEncoding.EncodeToString(b) != challenge || len(b) < timeSize || !p.Codes.Equal(b[timeSize:], "movil open", string(b[:timeSize])) {
		return false
	}
	at, now := time.UnixMicro(int64(binary.BigEndian.Uint64(b))), p.clock()
	return !at.After(now) && now.Before(at.Add(openTime))
}

const timeSize = 8

// OpenApp opens the app on a device: its key has signed the characters of the
// challenge. Otherwise it returns a [Denied]: NoProof, NoDevice, Refused.
func (p *Provider) OpenApp(ctx context.Context, id DeviceID, challenge string, signature []byte) (Device, error) {
	if !p.fresh(challenge) {
		return Device{}, &Denied{Cause: NoProof}
	}
	d, err := p.active(ctx, id)
	if err != nil {
		return Device{}, err
	}
	if err := VerifyKey(d.Key, []byte(challenge), signature); err != nil {
		return Device{}, &Denied{Cause: NoProof}
	}
	// How its person stands is for the device alone.
	if _, err := p.standing(ctx, d.Person); err != nil {
		return Device{}, err
	}
	if now := p.clock(); !now.Before(d.UsedAt.Add(usedEvery)) {
		d, err = p.change(ctx, d.Person, id, func(d *Device) { d.UsedAt = now.Truncate(usedEvery) })
	}
	return d, err
}

// DeviceOf reads a device whose app is open. Otherwise it returns a [Denied]: NoDevice
// when it is forgotten, Refused when its person cannot use the method any more.
func (p *Provider) DeviceOf(ctx context.Context, id DeviceID) (Device, error) {
	d, err := p.active(ctx, id)
	if err != nil {
		return Device{}, err
	}
	if _, err := p.standing(ctx, d.Person); err != nil {
		return Device{}, err
	}
	return d, nil
}

// active reads a device that is one still: NoDevice otherwise.
func (p *Provider) active(ctx context.Context, id DeviceID) (Device, error) {
	d, err := p.Devices.Device(ctx, id)
	if err != nil {
		return Device{}, fmt.Errorf("reading device %s: %w", id, err)
	}
	if d.ID == "" || !p.Now().Before(d.LapsesAt()) {
		return Device{}, &Denied{Cause: NoDevice}
	}
	return d, nil
}

// change changes a device of a person in a transaction. NoDevice when it is not theirs,
// or forgotten.
func (p *Provider) change(ctx context.Context, person identity.PersonID, id DeviceID, change func(*Device)) (d Device, err error) {
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		if d, err = p.own(ctx, person, id); err != nil {
			return err
		}
		change(&d)
		if err := p.Devices.KeepDevice(ctx, d); err != nil {
			return fmt.Errorf("keeping device %s: %w", id, err)
		}
		return nil
	})
	return d, told(err)
}

// own reads and holds a device of a person.
func (p *Provider) own(ctx context.Context, person identity.PersonID, id DeviceID) (Device, error) {
	d, err := p.Devices.Device(ctx, id)
	if err != nil {
		return Device{}, fmt.Errorf("holding device %s: %w", id, err)
	}
	if d.ID == "" || d.Person != person {
		return Device{}, &Denied{Cause: NoDevice}
	}
	return d, nil
}
