package broker

import (
	"time"

	"clave/identity"
)

// Limits of a login. Source: our choice.
const (
	// RepeatWindow is how long the same answer is given again to the browser
	// whose reply was lost.
	RepeatWindow = 60 * time.Second
	// maxOpenLogins is how many logins one browser may have open.
	maxOpenLogins = 4
	// maxSealedBytes is the largest request that the cookie holds; a larger one
	// becomes a row.
	maxSealedBytes = 1500
)

// LoginID names a login: random, in URLs and logs.
type LoginID string

// Request is what a relying party asks for, as its front understood it. It is
// sealed when the login is opened and never changed, but for its deadline: an old
// copy that is played back only has less time.
type Request struct {
	ID           LoginID   `json:"i"`
	Front        string    `json:"f"`
	RelyingParty string    `json:"p"`
	OpenedAt     time.Time `json:"o"`
	// Deadline is when the login expires. The broker sets it; the zero value has
	// expired.
	Deadline time.Time `json:"x"`

	// Level and Registration are what this request asks for at least. The
	// registered minimum is added by the policy.
	Level        identity.Level        `json:"l,omitempty"`
	Registration identity.Registration `json:"g,omitempty"`
	// Methods narrows the methods; nil leaves those of the registration.
	Methods []identity.Method `json:"m,omitempty"`

	// Passive forbids pages (prompt=none, IsPassive).
	Passive bool `json:"n,omitempty"`
	// Fresh demands a new proof (prompt=login, ForceAuthn).
	Fresh bool `json:"r,omitempty"`
	// Ask demands the page that informs (prompt=consent, select_account).
	Ask bool `json:"k,omitempty"`
	// MaxAge is how old the proof may be; nil sets no limit.
	MaxAge *time.Duration `json:"a,omitempty"`
	// Subject is the pairwise subject that must result; empty accepts any.
	Subject string `json:"s,omitempty"`

	// Languages that the relying party prefers for the pages.
	Languages []string `json:"u,omitempty"`
	// Hint is the login_hint. Outside the sandbox it is not kept.
	Hint string `json:"h,omitempty"`
	// Attributes that are asked for; what is released is also bounded by the
	// registration.
	Attributes []identity.Attribute `json:"t,omitempty"`

	// Certificate asks for what a certificate says of itself, if the proof is one.
	Certificate bool `json:"c,omitempty"`

	// Return is the front's own state, opaque to the broker.
	Return []byte `json:"b,omitempty"`
}
