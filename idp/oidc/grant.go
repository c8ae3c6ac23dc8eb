package oidc

import (
	"context"
	"errors"
	"time"

	"clave/broker"
	"clave/identity"
)

// RefreshKind says whether a grant has refresh tokens, and what ends them.
type RefreshKind string

// The kinds of refresh.
const (
	NoRefresh      RefreshKind = "none"
	RefreshSession RefreshKind = "session" // until the citizen's session ends
	RefreshOffline RefreshKind = "offline" // for Lifetimes.Offline, whatever happens to the session
)

// Grant is what one login gave to one client.
type Grant struct {
	ID           string // the login's
	Client       string
	RelyingParty string
	Person       identity.PersonID
	Session      broker.SessionID

	CodeHash    []byte
	CodeExpires time.Time
	RedirectURI string
	Challenge   string // S256; empty when the client sent none

	Refresh   RefreshKind
	CreatedAt time.Time
	EndsAt    time.Time // no token of the grant lives longer
	Frozen    Frozen
}

// Frozen is the sealed part of a grant: what its tokens say.
type Frozen struct {
	Outcome broker.Outcome `json:"outcome"`
	Scope   string         `json:"scope"` // granted, separated by spaces
	Nonce   string         `json:"nonce,omitempty"`
	ACR     identity.Level `json:"acr"` // the level to answer, never above Outcome.Level
}

// TokenKind says what a token opens.
type TokenKind string

// The kinds of tokens that are stored. ID tokens are not.
const (
	AccessToken  TokenKind = "access"
	RefreshToken TokenKind = "refresh"
)

// Token is an access or refresh token as it is stored.
type Token struct {
	Hash      []byte
	Grant     string
	Kind      TokenKind
	Scope     string // what was asked of the grant's scope
	CreatedAt time.Time
	ExpiresAt time.Time

	// RotatedAt, Seed and Next are set when a refresh token of a public client was
	// used: its successor is made from the token and the seed, so that the same
	// request sent again gets the same successor; see successor.
	RotatedAt time.Time
	Seed      []byte
	Next      []byte // hash of the successor
}

// Presented is a live token with its grant and how things stand now.
type Presented struct {
	Token Token
	Grant Grant
	// State of the person now; empty when the person is unknown.
	State identity.State
	// SessionEnds is when the grant's session ends; zero when it has ended.
	// NextUsed tells that the successor of a rotated token was used. Both are for
	// refresh tokens alone.
	SessionEnds time.Time
	NextUsed    bool
}

// Redemption is the attempt to redeem a code.
type Redemption struct {
	CodeHash    []byte
	Client      string
	RedirectURI string
	Challenge   string // S256 of the verifier; empty when none was sent
	At          time.Time
}

// Why a code is not redeemed. Only ErrReplayed changes anything.
var (
	ErrUnknownCode    = errors.New("the code is unknown or was given to another client")
	ErrExpiredCode    = errors.New("the code has expired")
	ErrOtherRedirect  = errors.New("the redirect URI is not the one of the authorization request")
	ErrWrongVerifier  = errors.New("the code verifier does not fit the challenge")
	ErrReplayed       = errors.New("the code was redeemed before")
	ErrNoToken        = errors.New("no such token")
	ErrSeen           = errors.New("the assertion was used before")
	ErrNoStoredParams = errors.New("no such stored request")
)

// Replayed is ErrReplayed with the grant that was revoked for it. A grant is
// revoked once, however often its code comes back.
type Replayed struct {
	Grant, RelyingParty string
	Person              identity.PersonID
}

// Error implements error.
func (*Replayed) Error() string { return ErrReplayed.Error() }

// Is makes it ErrReplayed.
func (*Replayed) Is(target error) bool { return target == ErrReplayed }

// Codes keeps grants and their codes. Each method is one atomic fact.
type Codes interface {
	// AddGrant stores a grant with its code, inside the transaction in ctx.
	AddGrant(ctx context.Context, g Grant) error
	// ReplaceCode gives a grant another code, while nobody has redeemed the old
	// one; broker.ErrRedeemed otherwise.
	ReplaceCode(ctx context.Context, old, fresh []byte, expires time.Time) error
	// Redeem spends the code if everything in the attempt fits, and stores the
	// tokens that issue makes from the grant, all or nothing. An attempt that does
	// not fit spends nothing. A spent code that its own client sends again revokes
	// the grant: *Replayed the first time, which a transaction in ctx has to commit,
	// and ErrReplayed after that. issue may be called again after a lost race.
	Redeem(ctx context.Context, r Redemption, issue func(Grant) ([]Token, error)) error
}

// Renewal is what becomes of a refresh token.
type Renewal struct {
	Tokens []Token // to add; a successor that exists already stays as it is
	// Rotate marks the presented token as used, with its seed and successor.
	Rotate *Token
	// Revoke revokes the grant, even when the decision is an error.
	Revoke bool
}

// Tokens keeps access and refresh tokens. Each method is one atomic fact.
type Tokens interface {
	// Token finds a token that has not expired and whose grant is not revoked;
	// ErrNoToken otherwise.
	Token(ctx context.Context, hash []byte, now time.Time) (Presented, error)
	// Renew holds a refresh token, lets decide look at it, and stores what it says.
	// A transaction in ctx has to be committed where decide revokes.
	Renew(ctx context.Context, hash []byte, now time.Time, decide func(Presented) (Renewal, error)) error
	// DropToken deletes one token, and RevokeGrant all that the grant gave, with
	// its frozen claims.
	DropToken(ctx context.Context, hash []byte) error
	RevokeGrant(ctx context.Context, grant string, now time.Time) error
	// RevokeSession revokes the grants of a session but the offline ones, inside
	// the transaction in ctx.
	RevokeSession(ctx context.Context, session broker.SessionID, now time.Time) error
}

// Once keeps what may be used once.
type Once interface {
	// SpendAssertion remembers the identifier of an assertion until it expires;
	// ErrSeen when it is known.
	SpendAssertion(ctx context.Context, hash []byte, expires time.Time) error
	// KeepParams stores the parameters of a posted request, sealed.
	KeepParams(ctx context.Context, hash []byte, params string, expires time.Time) error
	// TakeParams takes them out; ErrNoStoredParams when there are none or they expired.
	TakeParams(ctx context.Context, hash []byte, now time.Time) (string, error)
}
