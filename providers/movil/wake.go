package movil

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"clave/identity"
	"clave/internal/tally"
	"clave/notify"
	"clave/notify/push"
)

// pinTime is for how long after it was last opened an app gets PINs that it has no push
// for. Our choice: who has not opened it for longer may have forgotten that it is there,
// and waits for an SMS.
const pinTime = 90 * tally.Day

// The kinds of news that an app is woken for: all that a push says.
const (
	newsRequest = "request"
	newsPIN     = "pin"
)

// news is the body of a push.
type news struct {
	Kind string `json:"kind"`
}

// Active tells whether a person has the app on a device that they use, in the
// transaction in ctx.
func (p *Provider) Active(ctx context.Context, person identity.PersonID) (bool, error) {
	devices, err := p.DevicesOf(ctx, person)
	if err != nil {
		return false, err
	}
	now := p.clock()
	for _, d := range devices {
		if now.Before(d.LapsesAt()) && (d.Push != nil || now.Before(d.UsedAt.Add(pinTime))) {
			return true, nil
		}
	}
	return false, nil
}

// Wake tells the devices of a person, in the transaction in ctx, that a PIN is there for
// a relying party until a time.
func (p *Provider) Wake(ctx context.Context, person identity.PersonID, party string, until time.Time) error {
	devices, err := p.DevicesOf(ctx, person)
	if err != nil {
		return err
	}
	for _, d := range devices {
		if err := p.wake(ctx, d, newsPIN, party, until); err != nil {
			return err
		}
	}
	return nil
}

// wake pushes to a device that there is something to look at, until a time. It says of
// what kind and nothing more: the app asks us.
func (p *Provider) wake(ctx context.Context, d Device, kind, party string, until time.Time) error {
	if d.Push == nil {
		return nil
	}
	to, err := json.Marshal(d.recipient(d.Push))
	if err != nil {
		return fmt.Errorf("writing where device %s takes messages: %w", d.ID, err)
	}
	body, err := json.Marshal(news{kind})
	if err != nil {
		return fmt.Errorf("writing a push: %w", err)
	}
	err = p.Outbox.Send(ctx, notify.Message{
		Kind: notify.Push, Purpose: "movil_" + kind, To: string(to), Body: string(body), Language: d.Language,
		ExpiresAt: until, Urgent: true, Replaces: "movil:" + kind + ":" + string(d.ID), RelyingParty: party,
	})
	if err != nil {
		return fmt.Errorf("waking a device: %w", err)
	}
	return nil
}

func (d Device) recipient(to *Subscription) push.Recipient {
	return push.Recipient{Device: string(d.ID), Endpoint: to.Endpoint, P256dh: to.P256dh, Auth: to.Auth}
}

// Subscribe says where a device takes pushed messages; nil for nowhere. NoProof for what
// is no subscription at a push service of the installation, NoDevice when the device is
// forgotten.
func (p *Provider) Subscribe(ctx context.Context, d Device, to *Subscription) error {
	if to != nil && (p.Pushes == nil || p.Pushes.Check(d.recipient(to)) != nil) {
		return &Denied{Cause: NoProof}
	}
	_, err := p.change(ctx, d.Person, d.ID, func(d *Device) { d.Push = to })
	return err
}

// ForgetSubscription takes away from a device where it takes pushed messages, when its
// push service says that there is nobody any more. Implements push.Forgetter.
func (p *Provider) ForgetSubscription(ctx context.Context, device, endpoint string) error {
	return p.Broker.Tx(ctx, func(ctx context.Context) error {
		d, err := p.Devices.Device(ctx, DeviceID(device))
		if err != nil {
			return fmt.Errorf("holding device %s: %w", device, err)
		}
		if d.ID == "" || d.Push == nil || d.Push.Endpoint != endpoint {
			return nil // forgotten, or subscribed anew
		}
		d.Push = nil
		if err := p.Devices.KeepDevice(ctx, d); err != nil {
			return fmt.Errorf("keeping device %s: %w", device, err)
		}
		return nil
	})
}
