package permanente

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/internal/tally"
	"clave/notify"
	"clave/providers/permanente/password"
	"clave/web/page"
)

// Broker is what the method needs of the broker to prove something.
type Broker interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
	Demand(l *broker.Login) broker.Demand
	Begin(ctx context.Context, l *broker.Login, person identity.PersonID) error
	Hold(ctx context.Context, l *broker.Login, ask func() error) error
	Succeed(ctx context.Context, l *broker.Login, ev broker.Evidence) error
	End(ctx context.Context, l *broker.Login, reason broker.Reason) error
}

// Ways are the ways out of the method's pages.
type Ways interface {
	// Began tells the browser's later requests that the login has a row.
	Began(w http.ResponseWriter, r *http.Request, l *broker.Login)
	// Return sends the browser to the dispatcher.
	Return(w http.ResponseWriter, r *http.Request, l *broker.Login)
	// Detour shows a page of ours before the login goes on, which that leads back to.
	Detour(w http.ResponseWriter, r *http.Request, l *broker.Login, path string)
	// ShowRefusal says why this person cannot log in so, and the ways on.
	ShowRefusal(w http.ResponseWriter, r *http.Request, l *broker.Login, reason broker.Reason)
}

// Register tells what is known about a document, in one question that is the same for
// unknown ones.
type Register interface {
	Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error)
	// Standing reads a person's standing and, inside a transaction, holds it.
	// broker.ErrNoPerson when there is none.
	Standing(ctx context.Context, person identity.PersonID) (broker.Standing, error)
}

// Codes hashes codes under a key that the database does not hold.
type Codes interface {
	Sum(parts ...string) []byte
	Equal(sum []byte, parts ...string) bool
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

// Sessions are where a citizen is logged in.
type Sessions interface {
	// EndSessions ends those sessions of a person that which picks, with all that
	// depends on them, in the transaction in ctx.
	EndSessions(ctx context.Context, person identity.PersonID, why string, which func(broker.SessionID) bool) error
}

// Grants are what relying parties were given.
type Grants interface {
	// RevokePerson revokes all that a person's logins gave, in the transaction in ctx.
	RevokePerson(ctx context.Context, person identity.PersonID, now time.Time) error
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
	Register    Register
	Tallies     tally.Store
	Accounts    Accounts
	Activations Activations
	Challenges  Challenges
	Passwords   *password.Queue
	Trail       audit.Trail
	// Codes hashes the codes in messages, ActivationCodes those on paper.
	Codes, ActivationCodes Codes
	Outbox                 Outbox
	Composer               Composer
	Notices                *Notices
	Budget                 Budget
	Sessions               Sessions
	Grants                 Grants
	Cookies                Cookies
	Jar                    broker.CookieJar
	Pages                  *page.Engine
	// PhoneLimit is how many messages go to one phone in a day, all methods together.
	PhoneLimit int
	Log        *slog.Logger
	Now        func() time.Time
}

// Provider is the method Cl@ve Permanente. It is safe for concurrent use.
type Provider struct {
	Config
	pages pages
}

// New returns the method. It panics when a template is broken, which is a mistake of
// ours.
func New(c Config) *Provider { return &Provider{Config: c, pages: parsePages(c.Pages)} }

// Method is the name of the method.
func (p *Provider) Method() identity.Method { return identity.Permanente }

// record writes an audit event. Outside a login l is nil; document is what was typed
// where no person stands for it.
func (p *Provider) record(ctx context.Context, l *broker.Login, person identity.PersonID, document identity.DocumentID, fact audit.Data) error {
	e := audit.Event{Actor: audit.Citizen, Person: person, Data: fact, Personal: audit.Personal{Document: document}}
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
