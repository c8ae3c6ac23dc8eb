package movil

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"clave/audit"
	"clave/identity"
	"clave/internal/onetime"
	"clave/providers/movil/passkey"
)

// NewDevice is what a browser made.
type NewDevice struct {
	// Response is what navigator.credentials.create gave.
	Response json.RawMessage
	// Key is the public half of its device key, as SubjectPublicKeyInfo in DER, and
	// Signature is by it over the challenge.
	Key, Signature []byte
	// Name is the citizen's word for the device, Language the app's.
	Name, Language string
}

// creation is what both keys of a new device sign. The token is known to the browser
// alone and the activation goes when it is used, so that nothing is signed for another
// one or twice, and nothing is written when the browser asks.
func (a Activation) creation(token string) []byte {
	return sumOf("clave movil create", token, string(a.Person), a.ProvenAt.UTC().Format(time.RFC3339Nano))
}

// User is whom passkeys of a person are made for: to the authenticator, whoever has this
// handle, and to who unlocks it a document that is not shown whole.
func User(h Handles, person identity.PersonID, document identity.DocumentID) passkey.User {
	return passkey.User{ID: h.Of("webauthn user", string(person)), Name: document.String()}
}

// user is whom the passkey of an activation is made for. Each activation has a handle of
// its own: who makes passkeys that are copied keeps one for a handle, for all devices, so
// that the second device would take the passkey of the first away.
// Source: W3C Web Authentication Level 3, section 6.3.2: an authenticator's map of
// credentials has one for an RP ID and user handle.
func (p *Provider) user(a Activation) passkey.User {
	u := User(p.Handles, a.Person, a.Document)
	u.ID = p.Handles.Of("webauthn user of an activation", a.Key)
	return u
}

// Creation is what a browser that proved its citizen makes its passkey with, and the
// challenge, which its device key has to sign as well. NoActivation when it proved
// nothing or took too long.
func (p *Provider) Creation(ctx context.Context, token string) (options json.RawMessage, challenge []byte, err error) {
	a, err := p.Activation(ctx, token)
	if err != nil {
		return nil, nil, err
	}
	if !a.Proven(p.Now()) {
		return nil, nil, &Denied{Cause: NoActivation}
	}
	held, err := p.Devices.DevicesOf(ctx, a.Person)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the devices of person %s: %w", a.Person, err)
	}
	var exclude []passkey.Credential
	for _, d := range held {
		// One that is copied may be on this device too, which was never activated.
		if !d.Passkey.BackupEligible {
			exclude = append(exclude, d.Passkey)
		}
	}
	challenge = a.creation(token)
	return p.Passkeys.CreationOptions(challenge, p.user(a), exclude), challenge, nil
}

// Activate makes a device of what a browser made, and tells the citizen. Otherwise it
// returns a [Denied]: NoActivation, NoProof, BadName, AlreadyActive, TooManyDevices,
// Refused.
func (p *Provider) Activate(ctx context.Context, token string, made NewDevice) (d Device, err error) {
	name, ok := ReadName(made.Name)
	if !ok {
		return Device{}, &Denied{Cause: BadName}
	}
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		held, err := p.Activation(ctx, token)
		if err != nil {
			return err
		}
		now := p.clock()
		if !held.Proven(now) {
			return &Denied{Cause: NoActivation}
		}
		if _, err := p.standing(ctx, held.Person); err != nil {
			return err
		}
		holder, err := p.holder(ctx, held)
		if err != nil {
			return err
		}
		d, err = p.make(held, held.creation(token), made)
		if err != nil {
			return err
		}
		d.Name, d.ActivatedAt, d.UsedAt = name, now, now.Truncate(usedEvery)
		if err := p.room(ctx, d.Person); err != nil {
			return err
		}
		if err := p.add(ctx, d); err != nil {
			return err
		}
		if err := p.Activations.DropActivation(ctx, held.Key); err != nil {
			return fmt.Errorf("spending an activation: %w", err)
		}
		return p.tell(ctx, holder, noticeAdded)
	})
	if err != nil {
		return Device{}, told(err)
	}
	return d, nil
}

// make reads what a browser made for an activation.
func (p *Provider) make(a Activation, challenge []byte, made NewDevice) (Device, error) {
	credential, err := p.Passkeys.Create(challenge, p.user(a), made.Response)
	if err == nil {
		err = VerifyKey(made.Key, challenge, made.Signature)
	}
	if err != nil {
		p.Log.Info("device not activated", "person", a.Person, "error", err)
		return Device{}, &Denied{Cause: NoProof}
	}
	return Device{
		ID: DeviceID(onetime.NewID()), Person: a.Person, Passkey: credential, Key: made.Key, Language: made.Language, How: a.How,
	}, nil
}

// add keeps a new device whose passkey is nobody's yet.
func (p *Provider) add(ctx context.Context, d Device) error {
	other, err := p.Devices.DeviceWith(ctx, d.Passkey.ID)
	if err != nil {
		return fmt.Errorf("looking for a passkey: %w", err)
	}
	if other.ID != "" {
		return &Denied{Cause: AlreadyActive}
	}
	if _, err := p.Devices.Device(ctx, d.ID); err != nil {
		return fmt.Errorf("holding device %s: %w", d.ID, err)
	}
	if err := p.Devices.KeepDevice(ctx, d); err != nil {
		return fmt.Errorf("keeping device %s: %w", d.ID, err)
	}
	return p.record(ctx, nil, d.Person, audit.DeviceActivated{Device: string(d.ID), How: string(d.How), Synced: d.Passkey.BackupEligible})
}

// ReadName reads a device's name as people type it; false for what is none.
func ReadName(typed string) (string, bool) {
	name := strings.Join(strings.Fields(typed), " ")
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > nameLength {
		return "", false
	}
	return name, strings.IndexFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
