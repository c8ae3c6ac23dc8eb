package broker

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"clave/identity"
)

// Evidence is what a provider proved: who, how well, when. The broker never
// trusts it beyond what the method and the registration can reach.
type Evidence struct {
	Method identity.Method   `json:"method"`
	Level  identity.Level    `json:"level"` // before the ceiling of the registration
	Person identity.PersonID `json:"person"`
	At     time.Time         `json:"at"`
	// Login is the login in which it was proven; Succeed sets it. It is empty in
	// evidence from before it was kept.
	Login LoginID `json:"login,omitempty"`
	// Factors are authentication method references (RFC 8176), such as "otp".
	Factors []string `json:"factors"`
	// Certificate is what a proof by certificate rests on; nil for others.
	Certificate *Certificate `json:"certificate,omitempty"`
}

// Certificate is what a certificate says of itself beside its holder, for relying
// parties that are told. With its number anybody finds the holder: it is personal, and
// prints nothing.
type Certificate struct {
	// Issuer is the name of the authority, as RFC 2253 writes it, and Serial the
	// certificate's number there, decimal.
	Issuer string `json:"issuer"`
	Serial string `json:"serial"`
	// NotBefore and NotAfter are when it is in force.
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	// Policy is the object identifier under which it was accepted.
	Policy string `json:"policy"`
	// Qualified: it says to be one by Regulation (EU) 910/2014.
	Qualified bool `json:"qualified"`
	// Employee: the holder acts for an administration.
	Employee bool `json:"employee,omitempty"`
}

// String tells nothing.
func (Certificate) String() string { return "certificate" }

// Format writes String for every verb.
func (c Certificate) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue gives logs String.
func (c Certificate) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Standing is what the register says about a person now.
type Standing struct {
	Person       identity.PersonID
	Identity     identity.Person
	Registration identity.Registration // NoRegistration for who is not registered now
	Channel      identity.Channel
	State        identity.State
	Language     string
}

// Outcome is what a finished login says: who, and how sure we are. It is
// frozen: fronts keep it with what they issue.
type Outcome struct {
	Login   LoginID   `json:"login"`
	Session SessionID `json:"session"`
	// SessionEndsAt is when the session ends however much it is used. It is for the
	// issuing front and not kept with what is frozen.
	SessionEndsAt time.Time             `json:"-"`
	RelyingParty  string                `json:"relying_party"`
	Person        identity.PersonID     `json:"person"`
	Subject       string                `json:"subject"` // pairwise, by the relying party's sector
	Level         identity.Level        `json:"level"`
	Method        identity.Method       `json:"method"`
	Factors       []string              `json:"factors"`
	AuthTime      time.Time             `json:"auth_time"`
	Registration  identity.Registration `json:"registration"`
	Channel       identity.Channel      `json:"channel"`
	Attributes    identity.Attributes   `json:"attributes"` // only what may be released and was asked for
	// Certificate is that of the proof, where it was asked for; nil for other methods. It
	// is for the issuing front and not kept with what is frozen.
	Certificate *Certificate `json:"-"`
}
