package broker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"clave/audit"
	"clave/broker/registry"
	"clave/identity"
	"clave/keys"
	"clave/web/page"
)

// Logins keeps what is known about logins beyond the browser's cookie.
type Logins interface {
	Rows
	Requests
}

// Rows keeps the rows of logins.
type Rows interface {
	// Login reads a row and, inside a transaction, holds it until the end.
	// ErrNoLogin when no challenge was made yet.
	Login(ctx context.Context, id LoginID) (Row, error)
	// HoldLogin asks for a row and the standing of its person, and holds both until
	// the transaction in ctx ends: the answer comes with the transaction's next
	// question, and is that of Login and Standing after it.
	HoldLogin(ctx context.Context, id LoginID) error
	// AddLogin writes a new row, or takes over one in which nothing is proven, and
	// holds it. ErrEnded when something is, or when the login is over: at once, or
	// with the next question of the transaction in ctx, or instead of its commit.
	AddLogin(ctx context.Context, row Row) error
	// SaveLogin writes a row that this transaction holds.
	SaveLogin(ctx context.Context, row Row) error
}

// Requests keeps requests that are too large for a cookie.
type Requests interface {
	// KeepRequest stores a request.
	KeepRequest(ctx context.Context, req Request) error
	// Request reads it back; ErrNoLogin when there is none.
	Request(ctx context.Context, id LoginID) (Request, error)
}

// Sessions keeps sessions.
type Sessions interface {
	// Session finds a session by the hash of the browser's token and, inside a
	// transaction, holds it. ErrNoSession when there is none.
	Session(ctx context.Context, tokenHash []byte) (Session, error)
	// SaveSession writes a new session, or one that this transaction holds.
	SaveSession(ctx context.Context, s Session) error
	// SessionsOf finds the sessions of a person, the last used first, and, inside a
	// transaction, holds them. Those that ended lately are among them.
	SessionsOf(ctx context.Context, person identity.PersonID) ([]Session, error)
}

// Register tells what is known about a person.
type Register interface {
	// Standing reads a person's standing and, inside a transaction, holds it.
	// ErrNoPerson when there is none.
	Standing(ctx context.Context, id identity.PersonID) (Standing, error)
	// SetLanguage remembers the language for the person's messages.
	SetLanguage(ctx context.Context, id identity.PersonID, language string) error
}

// Transactor runs a transaction that travels in the context.
type Transactor interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Parties finds relying parties as they are registered now.
type Parties interface {
	Snapshot() *registry.Snapshot
}

// Meter counts what happens to logins.
type Meter interface {
	LoginOpened(relyingParty string)
	LoginFinished(relyingParty string, method identity.Method, level identity.Level)
	LoginRefused(relyingParty string, reason Reason)
}

// Errors of the stores that the broker decides on.
var (
	ErrNoSession = errors.New("no such session")
	ErrNoPerson  = errors.New("no such person")
)

// Config is what a Broker needs. Every field is required, except Lifetimes and
// Handsfree.
type Config struct {
	Tx        Transactor
	Logins    Logins
	Sessions  Sessions
	Register  Register
	Parties   Parties
	Trail     audit.Trail
	Keys      *keys.Keyring
	Pages     *page.Engine
	Jar       CookieJar
	Meter     Meter
	Log       *slog.Logger
	Now       func() time.Time
	Fronts    []Front
	Installed []identity.Method // in the chooser's order
	Lifetimes Lifetimes         // the zero value is DefaultLifetimes
	// Handsfree is the path below /login/{id} where the sandbox logs a test
	// citizen in; empty outside the sandbox.
	Handsfree string
}

// Broker decides what happens in logins and owns the sessions.
type Broker struct {
	Config
	fronts map[string]Front
	pages  pages
}

// New makes a broker. It panics when a template is broken, which is a mistake
// of ours.
func New(c Config) *Broker {
	b := &Broker{Config: c, fronts: map[string]Front{}, pages: parsePages(c.Pages)}
	if b.Lifetimes == (Lifetimes{}) {
		b.Lifetimes = DefaultLifetimes()
	}
	for _, f := range c.Fronts {
		b.fronts[f.Name()] = f
	}
	return b
}

// AddFront makes a front known that itself needs the broker. It is called
// before the first request.
func (b *Broker) AddFront(f Front) { b.fronts[f.Name()] = f }

// Demand is what the login has to satisfy.
func (b *Broker) Demand(l *Login) Demand { return DemandOf(l.Party, l.Request, b.Installed) }

// subject is the pairwise subject of a person at the relying party.
func (b *Broker) subject(p *registry.RelyingParty, person identity.PersonID) string {
	return b.Keys.Subjects().Subject(p.Sector, string(person))
}
