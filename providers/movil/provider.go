package movil

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/broker/registry"
	"clave/census"
	"clave/census/pair"
	"clave/identity"
	"clave/internal/tally"
	"clave/notify"
	"clave/notify/push"
	"clave/providers/movil/passkey"
	"clave/web/page"
)

// Broker is what the method needs of the broker to prove something.
type Broker interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
	Demand(l *broker.Login) broker.Demand
	Hold(ctx context.Context, l *broker.Login, ask func() error) error
	Begin(ctx context.Context, l *broker.Login, person identity.PersonID) error
	Succeed(ctx context.Context, l *broker.Login, ev broker.Evidence) error
	// EndOf ends a login that somebody refuses elsewhere than in its browser.
	EndOf(ctx context.Context, row broker.Row, reason broker.Reason) error
}

// Ways are the ways out of the method's pages.
type Ways interface {
	// Began tells the browser's later requests that the login has a row.
	Began(w http.ResponseWriter, r *http.Request, l *broker.Login)
	// Return sends the browser to the dispatcher.
	Return(w http.ResponseWriter, r *http.Request, l *broker.Login)
	// ShowRefusal says why this person cannot log in so, and the ways on.
	ShowRefusal(w http.ResponseWriter, r *http.Request, l *broker.Login, reason broker.Reason)
}

// Parties finds relying parties as they are registered now.
type Parties interface {
	Snapshot() *registry.Snapshot
}

// Register tells what is known about citizens.
type Register interface {
	// Candidate answers about a document, in one question that is the same for unknown
	// ones.
	Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error)
	// Standing reads a person's standing and, inside a transaction, holds it.
	// broker.ErrNoPerson when there is none.
	Standing(ctx context.Context, id identity.PersonID) (broker.Standing, error)
}

// Pairs tell whose a document and the datum printed on it are.
type Pairs interface {
	Enter(ctx context.Context, document identity.DocumentID) (leave func(), err error)
	Check(ctx context.Context, who pair.For, p pair.Pair, belongs pair.Rule) (census.Candidate, error)
}

// Codes hashes codes under a key that the database does not hold.
type Codes interface {
	Sum(parts ...string) []byte
	Equal(sum []byte, parts ...string) bool
}

// Handles name persons to authenticators, always the same and telling nobody who.
type Handles interface {
	Of(kind, value string) []byte
}

// Outbox sends messages with the transaction in ctx.
type Outbox interface {
	Send(ctx context.Context, m notify.Message) error
}

// Composer writes the message of a code.
type Composer interface {
	Code(t notify.CodeText) string
}

// Budget says whether one more message may be sent under a key, and counts it.
type Budget interface {
	Allow(key string) bool
}

// Cookies seals what the browser keeps.
type Cookies interface {
	Seal(plain []byte, aad ...string) []byte
	Open(sealed []byte, aad ...string) ([]byte, error)
}

// Config is what the method needs. Every field is required, but for Pages, Ways and
// Cookies where nobody looks at pages. The zero Jar is right in the sandbox alone.
type Config struct {
	Broker      Broker
	Ways        Ways
	Parties     Parties
	Register    Register
	Pairs       Pairs
	Tallies     tally.Store
	Devices     Devices
	Activations Activations
	Requests    Requests
	Passkeys    *passkey.RP
	Trail       audit.Trail
	// Codes hashes the codes in messages and what the app is asked.
	Codes    Codes
	Handles  Handles
	Outbox   Outbox
	Composer Composer
	Notices  *Notices
	Budget   Budget
	Cookies  Cookies
	Jar      broker.CookieJar
	Pages    *page.Engine
	// PhoneLimit is how many messages go to one phone in a day, all methods together.
	PhoneLimit int
	// Pushes are where apps may take pushed messages; nil where nothing is pushed.
	Pushes *push.Settings
	// RefuseSynced refuses passkeys that may be copied, where their device does not
	// prove itself as well.
	RefuseSynced bool
	Log          *slog.Logger
	Now          func() time.Time
}

// Provider is the method Cl@ve Móvil. It is safe for concurrent use.
type Provider struct {
	Config
	pages   pages
	streams *streams
}

// New returns the method. It panics when a template is broken, which is a mistake of
// ours.
func New(c Config) *Provider {
	return &Provider{Config: c, pages: parsePages(c.Pages), streams: newStreams()}
}

// Method is the name of the method.
func (p *Provider) Method() identity.Method { return identity.Movil }

// record writes an audit event about a citizen. Outside a login l is nil.
func (p *Provider) record(ctx context.Context, l *broker.Login, person identity.PersonID, fact audit.Data) error {
	e := audit.Event{Actor: audit.Citizen, Person: person, Data: fact}
	if l != nil {
		e.RelyingParty, e.Login = l.Party.ID, string(l.Request.ID)
	}
	if err := p.Trail.Record(ctx, e); err != nil {
		return fmt.Errorf("recording %s: %w", fact.Kind(), err)
	}
	return nil
}

// clock is now as databases keep it.
func (p *Provider) clock() time.Time { return p.Now().UTC().Truncate(time.Microsecond) }
