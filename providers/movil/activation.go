package movil

import (
	"context"
	"time"

	"clave/census"
	"clave/identity"
	"clave/internal/tally"
)

// Activation is a device that is about to be activated, in one browser.
type Activation struct {
	// Key is the hash of what the browser holds.
	Key    string
	Person identity.PersonID
	How    Activator
	// Document and Phone are kept sealed. Phone is where the code went; zero where a
	// certificate proves the person.
	Document identity.DocumentID
	Phone    identity.Phone
	// Secret is what the code is compared with, its keyed hash; nil when no code is
	// live.
	Secret []byte
	// Sends and Wrong never go down.
	Sends, Wrong      int
	SentAt, ExpiresAt time.Time
	// ProvenAt is when the person was proven; it ends the code.
	ProvenAt time.Time
}

// Activations keep activations under way.
type Activations interface {
	// Activation reads one and, inside a transaction, holds it; the zero value when
	// there is none.
	Activation(ctx context.Context, key string) (Activation, error)
	// KeepActivation writes one that the transaction in ctx has read.
	KeepActivation(ctx context.Context, a Activation) error
	// DropActivation deletes one.
	DropActivation(ctx context.Context, key string) error
}

// maySend decides whether a code may be sent: the reason why not, or nil.
func (a Activation) maySend(sms tally.Tally, phoneLimit int, now time.Time) *Denied {
	switch {
	case !a.ProvenAt.IsZero():
		return &Denied{Cause: Over}
	case a.Wrong >= codeTries:
		return &Denied{Cause: TriesSpent}
	case a.Sends > 0 && now.Before(a.SentAt.Add(SendSpacing)):
		return &Denied{Cause: TooSoon, Until: a.SentAt.Add(SendSpacing)}
	case a.Sends >= MaxSends:
		return &Denied{Cause: NoSendsLeft}
	}
	if until := sms.Full(smsLimits(phoneLimit), now); !until.IsZero() {
		return &Denied{Cause: PhoneFull, Until: until}
	}
	return nil
}

// sent is the activation after a new code: the old one is void.
func (a Activation) sent(secret []byte, now time.Time) Activation {
	a.Secret = secret
	a.Sends++
	a.SentAt, a.ExpiresAt = now, now.Add(CodeLifetime)
	return a
}

// mayTry decides whether a code is looked at: the reason why not, or nil.
func (a Activation) mayTry(now time.Time) *Denied {
	switch {
	case a.Key == "":
		return &Denied{Cause: NoActivation}
	case !a.ProvenAt.IsZero():
		return &Denied{Cause: Over}
	case a.Wrong >= codeTries:
		return &Denied{Cause: TriesSpent}
	case a.Secret == nil || !now.Before(a.ExpiresAt):
		return &Denied{Cause: CodeExpired}
	}
	return nil
}

// missed counts a wrong code.
func (a Activation) missed() (Activation, *Denied) {
	a.Wrong++
	if a.Wrong >= codeTries {
		a.Secret = nil
		return a, &Denied{Cause: TriesSpent}
	}
	return a, &Denied{Cause: WrongCode, Left: codeTries - a.Wrong}
}

// proven is the activation after the right code.
func (a Activation) proven(now time.Time) Activation {
	a.Secret, a.ProvenAt = nil, now
	return a
}

// Proven tells whether a passkey may be made on the strength of it.
func (a Activation) Proven(now time.Time) bool {
	return a.Key != "" && !a.ProvenAt.IsZero() && now.Before(a.ProvenAt.Add(creationTime))
}

// holds tells whether whom the activation is for still has the phone that the code
// went to.
func (a Activation) holds(holder census.Candidate) bool {
	if holder.PersonID != a.Person || holder.State != identity.Registered || holder.Deceased {
		return false
	}
	return a.How == ByCertificate || holder.Phone == a.Phone && !a.Phone.IsZero()
}
