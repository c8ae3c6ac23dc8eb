package keys

import (
	"context"
	"errors"
	"time"
)

// Use says what a key is for. A key is never used for anything else.
type Use string

// The uses.
const (
	UseOIDC    Use = "oidc"    // signs ID and access tokens: ES256, RS256, PS256, EdDSA
	UseAudit   Use = "audit"   // signs the heads of the audit chain: EdDSA
	UseSeal    Use = "seal"    // seals personal columns: A256GCM
	UseCookie  Use = "cookie"  // seals what the browser carries: A256GCM
	UsePIN     Use = "pin"     // hashes one-time codes: HS256
	UseIndex   Use = "index"   // hashes what personal data are searched by: HS256
	UseSubject Use = "subject" // names a person to a relying party: HS256

	UseActivation Use = "activation" // hashes codes on paper, good for weeks or years: HS256
	UsePush       Use = "push"       // shows push services who sends (VAPID): ES256

	UseSAML  Use = "saml"  // signs messages of SAML 2.0 and our metadata: RS256, ES256; with a certificate
	UseClave Use = "clave" // signs messages of the Cl@ve 2 dialect: RS256; with a certificate
)

// Algorithms by their JOSE names. Source: RFC 7518, sections 3.1 and 5.1; RFC 8037, section 3.1.
const (
	ES256   = "ES256"
	RS256   = "RS256"
	PS256   = "PS256"
	EdDSA   = "EdDSA"
	A256GCM = "A256GCM"
	HS256   = "HS256"
)

// State is where in its life a key is.
type State string

// The states, in the order in which a key goes through them.
const (
	Next    State = "next"
	Active  State = "active"
	Retired State = "retired"
)

// Record is a key as it rests in the store. Times are UTC with a precision of
// microseconds; a zero time means "not known yet".
type Record struct {
	ID          string // 8 hexadecimal digits, random; the "kid" of signing keys
	Use         Use
	Alg         string
	State       State
	Sealed      []byte // the key under the master key, bound to ID, Use, Alg and Public
	Public      []byte // of a signing key: the certificate in DER where its use has one, else PKIX; for whoever verifies without the master key; otherwise empty
	CreatedAt   time.Time
	ActivatesAt time.Time // when it became active, or for a next key will; zero: by command only
	RetiresAt   time.Time // when its successor took over
}

// ErrConflict is what a Store returns when a guard does not hold, mostly because
// another node was first.
var ErrConflict = errors.New("the key is not, or no longer, in the state that this needs; look at the keys and try again")

// Store keeps records. Each method is one atomic fact. The package keystest has
// one in memory and the suite that every implementation passes.
type Store interface {
	// Keys returns all records in the order of CreatedAt, then ID.
	Keys(ctx context.Context) ([]Record, error)

	// AddKey adds a record. It returns ErrConflict when the ID exists or when
	// the same Use and Alg already have a key in the state Next, or Active:
	// there is at most one of each (two partial unique indexes), so that of two
	// nodes starting at once only one creates the ring.
	AddKey(ctx context.Context, r Record) error

	// ChangeKey moves a key from a state to another one, or returns ErrConflict
	// when it is not in the state from. There are two moves:
	//   - Next → Next sets ActivatesAt to at.
	//   - Next → Active sets ActivatesAt to at, and in the same transaction the
	//     key that was Active for this Use and Alg becomes Retired with RetiresAt at.
	// Any other move is ErrConflict.
	ChangeKey(ctx context.Context, id string, from, to State, at time.Time) error

	// RemoveKey deletes a retired key, or returns ErrConflict when there is no
	// such key or it is not retired.
	RemoveKey(ctx context.Context, id string) error
}
