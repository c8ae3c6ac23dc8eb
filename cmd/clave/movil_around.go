package main

import (
	"context"
	"errors"

	"clave/broker/registry"
	"clave/identity"
	"clave/providers/movil"
	"clave/providers/movil/app"
	"clave/providers/pin"
	"clave/web/portal/account"
)

// shownPINs are the PINs that the app shows instead of an SMS.
type shownPINs struct {
	pin     *pin.Provider
	parties *registry.Registry
}

// PINsOf implements app.PINs.
func (s shownPINs) PINsOf(ctx context.Context, d movil.Device) ([]app.PIN, error) {
	showing, err := s.pin.Showing(ctx, d.Person)
	if err != nil {
		return nil, err
	}
	var pins []app.PIN
	for _, c := range showing {
		service := c.Shown.Party
		if party, ok := s.parties.Snapshot().Party(service); ok {
			service = party.Name.In(d.Language)
		}
		pins = append(pins, app.PIN{ID: string(c.Login), Service: service, Code: c.Shown.PIN, SentAt: c.SentAt, ExpiresAt: c.ExpiresAt})
	}
	return pins, nil
}

// myDevices are the devices that My Cl@ve shows.
type myDevices struct{ in *installation }

// DevicesOf implements account.Devices.
func (m myDevices) DevicesOf(ctx context.Context, person identity.PersonID) ([]account.Device, error) {
	held, err := m.in.movil.DevicesOf(ctx, person)
	if err != nil {
		return nil, err
	}
	var devices []account.Device
	for _, d := range held {
		devices = append(devices, account.Device{
			ID: string(d.ID), Name: d.Name, How: string(d.How), ActivatedAt: d.ActivatedAt, UsedAt: d.UsedAt, Woken: d.Push != nil,
		})
	}
	return devices, nil
}

// RenameDevice implements account.Devices.
func (m myDevices) RenameDevice(ctx context.Context, person identity.PersonID, id, name string) error {
	return ofDevice(m.in.movil.Rename(ctx, person, movil.DeviceID(id), name))
}

// RemoveDevice implements account.Devices.
func (m myDevices) RemoveDevice(ctx context.Context, person identity.PersonID, id string) error {
	return ofDevice(m.in.movil.Forget(ctx, person, movil.DeviceID(id)))
}

// ofDevice says a refusal of the method in the words of My Cl@ve.
func ofDevice(err error) error {
	var denied *movil.Denied
	if !errors.As(err, &denied) {
		return err
	}
	switch denied.Cause {
	case movil.NoDevice:
		return account.ErrNoDevice
	case movil.BadName:
		return account.ErrDeviceName
	default:
		return err
	}
}

// devices are those of My Cl@ve; nil where the method is left out.
func (in *installation) devices() account.Devices {
	if in.Movil == nil {
		return nil
	}
	return myDevices{in}
}
