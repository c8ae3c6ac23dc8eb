package movil

import (
	"context"
	"time"

	"clave/identity"
	"clave/providers/movil/passkey"
)

// DeviceID names a device: random, ours.
type DeviceID string

// Device is a browser, on a phone as a rule, that a citizen has activated.
type Device struct {
	ID     DeviceID
	Person identity.PersonID
	// Name is the citizen's word for it; kept sealed, like all below but the times.
	Name string
	// Passkey proves the citizen.
	Passkey passkey.Credential
	// Key proves the device: its public half, P-256, as SubjectPublicKeyInfo in DER.
	Key []byte
	// Push is where its messages go; nil when it takes none.
	Push *Subscription
	// Language is the one that the app was used in last.
	Language string
	// How it was activated.
	How         Activator
	ActivatedAt time.Time
	// UsedAt is when it was last opened, to the hour.
	UsedAt time.Time
}

// LapsesAt is when the device is no longer one, because nobody used it for long.
func (d Device) LapsesAt() time.Time { return d.UsedAt.Add(unusedLife) }

// Activator is what a device was activated with. The list is closed.
type Activator string

// The activators.
const (
	ByCode        Activator = "sms"
	ByCertificate Activator = "certificate"
)

// Subscription is where a browser takes pushed messages.
// Source: W3C Push API, PushSubscription; RFC 8291.
type Subscription struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"`
	Auth     string `json:"auth"`
}

// Devices keep devices.
type Devices interface {
	// Device reads one and, inside a transaction, holds it; the zero value when there
	// is none.
	Device(ctx context.Context, id DeviceID) (Device, error)
	// DeviceWith finds the one with a passkey; the zero value when there is none.
	DeviceWith(ctx context.Context, credential []byte) (Device, error)
	// DevicesOf are a person's, the last used first, and, inside a transaction, held.
	DevicesOf(ctx context.Context, person identity.PersonID) ([]Device, error)
	// KeepDevice writes a new one, or one that the transaction in ctx holds.
	KeepDevice(ctx context.Context, d Device) error
	// ForgetDevice deletes one.
	ForgetDevice(ctx context.Context, id DeviceID) error
}
