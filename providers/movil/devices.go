package movil

import (
	"context"
	"fmt"

	"clave/audit"
	"clave/identity"
)

// DevicesOf are a person's devices, the last used first.
func (p *Provider) DevicesOf(ctx context.Context, person identity.PersonID) ([]Device, error) {
	held, err := p.Devices.DevicesOf(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("reading the devices of person %s: %w", person, err)
	}
	return held, nil
}

// Rename gives a person's device another name. Otherwise it returns a [Denied]: BadName,
// NoDevice.
func (p *Provider) Rename(ctx context.Context, person identity.PersonID, id DeviceID, typed string) error {
	name, ok := ReadName(typed)
	if !ok {
		return &Denied{Cause: BadName}
	}
	_, err := p.change(ctx, person, id, func(d *Device) { d.Name = name })
	return err
}

// Forget removes a person's device and tells them. NoDevice when there is none.
func (p *Provider) Forget(ctx context.Context, person identity.PersonID, id DeviceID) error {
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		who, err := p.Register.Standing(ctx, person)
		if err != nil {
			return fmt.Errorf("reading the standing of person %s: %w", person, err)
		}
		if _, err := p.own(ctx, person, id); err != nil {
			return err
		}
		if err := p.Devices.ForgetDevice(ctx, id); err != nil {
			return fmt.Errorf("forgetting device %s: %w", id, err)
		}
		if err := p.record(ctx, nil, person, audit.DeviceRemoved{Device: string(id)}); err != nil {
			return err
		}
		c, err := p.Register.Candidate(ctx, who.Identity.Document)
		if err != nil {
			return fmt.Errorf("asking the register: %w", err)
		}
		return p.tell(ctx, c, noticeRemoved)
	})
	return told(err)
}
