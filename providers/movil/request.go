package movil

import (
	"context"
	"time"

	"clave/broker"
	"clave/identity"
)

// RequestID names a request in the app's addresses: random, ours.
type RequestID string

// Request is what a browser asks of a citizen's devices: one for a login at a time.
type Request struct {
	ID    RequestID
	Login broker.LoginID
	Way   Way
	State State
	// Person is empty until a device claims a request by QR.
	Person identity.PersonID
	// Device is the one that claimed, approved or denied it.
	Device    DeviceID
	OpenedAt  time.Time
	ExpiresAt time.Time
	DecidedAt time.Time
	// Asked is kept sealed.
	Asked Asked
}

// Asked is what a request is about.
type Asked struct {
	// Party is the relying party's id.
	Party string `json:"party"`
	// Digits are shown in the browser: three.
	Digits string `json:"digits"`
	// Secret makes the handles in the QR, and the challenge: 32 bytes.
	Secret []byte `json:"secret"`
	// Wrong counts digits typed wrong.
	Wrong int `json:"wrong,omitempty"`
	// Level and Registration are what the service demands.
	Level        identity.Level        `json:"level"`
	Registration identity.Registration `json:"registration,omitempty"`
	// From is where the browser is.
	From Place `json:"from"`
}

// Way is how a request gets to a device. The list is closed.
type Way string

// The ways.
const (
	ByQR       Way = "qr"       // the device reads the browser's screen
	ByDocument Way = "document" // the browser says whose devices; the digits are typed
)

// State of a request. The list is closed; time ends all but the last ones.
type State string

// The states.
const (
	Open     State = "open"     // no device took it
	Claimed  State = "claimed"  // a device read the QR, or typed the digits: it alone may approve
	Approved State = "approved" // both keys have signed
	Rejected State = "rejected" // "no"
	Disowned State = "disowned" // "this was not me"
	Replaced State = "replaced" // a later request took its place, or digits ran out
	Spent    State = "spent"    // the login has its evidence
)

// Requests keep requests.
type Requests interface {
	// Request reads one and, inside a transaction, holds it; the zero value when there
	// is none.
	Request(ctx context.Context, id RequestID) (Request, error)
	// RequestOf is a login's, likewise.
	RequestOf(ctx context.Context, login broker.LoginID) (Request, error)
	// Waiting is the one that a person's devices may decide, likewise: open or claimed,
	// and not expired. There is one at most.
	Waiting(ctx context.Context, person identity.PersonID, now time.Time) (Request, error)
	// KeepRequest writes that of a login, whose last one the transaction in ctx has read:
	// a new one takes its place.
	KeepRequest(ctx context.Context, r Request) error
}
