package sandbox

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/onetime"
	"clave/providers/movil"
	"clave/providers/movil/passkey"
	"clave/sandbox/phone"
)

// unopened is for how long nobody has opened the app on the test citizens' phones.
const unopened = 180 * 24 * time.Hour

// Phones are the phones in software of the test citizens, whose keys everybody knows.
// They are devices like any other: what they sign goes through the method's own checks.
// A nil one has none.
type Phones struct {
	Tx       func(ctx context.Context, fn func(ctx context.Context) error) error
	Devices  movil.Devices
	Handles  movil.Handles
	Passkeys *passkey.RP
	Movil    Movil
	Now      func() time.Time

	mu    sync.Mutex
	using map[string]*sync.Mutex
}

// phone is a citizen's.
func (p *Phones) phone(c Citizen) *phone.Phone { return phone.Known(p.Passkeys.Origin(), c.Document) }

// of is the device that a citizen's phone is; the zero value when it is none now.
func (p *Phones) of(ctx context.Context, c Citizen) (movil.Device, error) {
	if p == nil || !c.Device {
		return movil.Device{}, nil
	}
	return p.Devices.DeviceWith(ctx, p.phone(c).ID)
}

// secrets are what somebody needs to be a citizen's phone in a program of their own.
func (p *Phones) secrets(c Citizen, d movil.Device) map[string]string {
	if d.ID == "" {
		return nil
	}
	passkey, device := p.phone(c).PrivateKeys()
	return map[string]string{
		"movil_device":      string(d.ID),
		"movil_device_key":  base64.StdEncoding.EncodeToString(device),
		"movil_passkey_id":  base64.RawURLEncoding.EncodeToString(d.Passkey.ID),
		"movil_passkey_key": base64.StdEncoding.EncodeToString(passkey),
		"movil_user_handle": base64.RawURLEncoding.EncodeToString(d.Passkey.User),
	}
}

// Seed makes the phones of the citizens who are registered devices, where they are none.
func (p *Phones) Seed(ctx context.Context, register Register) error {
	for _, c := range Citizens() {
		if !c.Device {
			continue
		}
		document, err := identity.ParseDocument(c.Document)
		if err != nil {
			return fmt.Errorf("seeding phones: %w", err)
		}
		held, err := register.Candidate(ctx, document)
		if err != nil {
			return fmt.Errorf("seeding phones: %w", err)
		}
		if held.State != identity.Registered {
			continue
		}
		if err := p.Tx(ctx, func(ctx context.Context) error { return p.seed(ctx, c, held.PersonID, document) }); err != nil {
			return fmt.Errorf("seeding phones: %w", err)
		}
	}
	return nil
}

func (p *Phones) seed(ctx context.Context, c Citizen, person identity.PersonID, document identity.DocumentID) error {
	if held, err := p.of(ctx, c); err != nil || held.ID != "" {
		return err
	}
	ph, challenge, user := p.phone(c), []byte(onetime.NewToken()), movil.User(p.Handles, person, document)
	response, err := ph.Create(p.Passkeys.CreationOptions(challenge, user, nil))
	if err != nil {
		return err
	}
	credential, err := p.Passkeys.Create(challenge, user, response)
	if err != nil {
		return err
	}
	// Not opened for long, or the citizens' PINs would go there and into no inbox.
	since := p.Now().UTC().Truncate(time.Hour).Add(-unopened)
	d := movil.Device{
		ID: movil.DeviceID(onetime.NewID()), Person: person, Name: "Software phone", Passkey: credential, Key: ph.Key(),
		Language: c.Language, How: movil.ByCode, ActivatedAt: since, UsedAt: since,
	}
	if _, err := p.Devices.Device(ctx, d.ID); err != nil {
		return err
	}
	return p.Devices.KeepDevice(ctx, d)
}

// use waits until no other login uses a citizen's phone: it has one request at a time.
func (p *Phones) use(c Citizen) (leave func()) {
	p.mu.Lock()
	if p.using == nil {
		p.using = map[string]*sync.Mutex{}
	}
	one := p.using[c.Document]
	if one == nil {
		one = &sync.Mutex{}
		p.using[c.Document] = one
	}
	p.mu.Unlock()
	one.Lock()
	return one.Unlock
}

// logIn lets a citizen's phone read the login's QR and approve it, or says why that
// cannot be.
func (p *Phones) logIn(ctx context.Context, l *broker.Login, c Citizen) (broker.Reason, error) {
	d, err := p.of(ctx, c)
	if err != nil || d.ID == "" {
		return broker.LevelUnmet, err
	}
	defer p.use(c)()
	return deniedPhone(p.approve(ctx, l, c, d))
}

func (p *Phones) approve(ctx context.Context, l *broker.Login, c Citizen, d movil.Device) error {
	asked, err := p.Movil.AskByQR(ctx, l, movil.PlaceOf(ctx))
	if err != nil {
		return err
	}
	r, err := p.Movil.Claim(ctx, d, asked.Handle(p.Now()))
	if err != nil {
		return err
	}
	options, challenge, err := p.Movil.ApproveOptions(ctx, d, r.ID)
	if err != nil {
		return err
	}
	ph := p.phone(c)
	ph.User = d.Passkey.User
	response, err := ph.Get(options)
	if err != nil {
		return err
	}
	if err := p.Movil.Approve(ctx, d, r.ID, movil.Signed{Response: response, Signature: ph.Sign(challenge)}); err != nil {
		return err
	}
	return p.Movil.Finish(ctx, l)
}

// deniedPhone turns a refusal of Cl@ve Móvil into the login's reason.
func deniedPhone(err error) (broker.Reason, error) {
	var d *movil.Denied
	if !errors.As(err, &d) {
		return "", err
	}
	switch d.Cause {
	case movil.Refused:
		return d.Reason, nil
	case movil.Over:
		return "", nil
	case movil.NoDevice:
		return broker.LevelUnmet, nil
	default:
		return broker.Unavailable, nil
	}
}
