package certificate

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/identity"
	"clave/providers/certificate/profile"
	"clave/web/page"
)

// Broker is what the method needs of the broker to prove something.
type Broker interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
	Demand(l *broker.Login) broker.Demand
	Begin(ctx context.Context, l *broker.Login, person identity.PersonID) error
	Succeed(ctx context.Context, l *broker.Login, ev broker.Evidence) error
}

// Ways are the ways out of the method's pages.
type Ways interface {
	// Began tells the browser's later requests that the login has a row.
	Began(w http.ResponseWriter, r *http.Request, l *broker.Login)
	// Return sends the browser to the dispatcher.
	Return(w http.ResponseWriter, r *http.Request, l *broker.Login)
}

// Persons give everybody who proves a document one lasting id.
type Persons interface {
	// Ensure finds the person of a document, or adds one who is not registered. The
	// names are kept only where the reference data do not know the document: they
	// win. state is what is known of the person now. It joins the transaction in ctx.
	Ensure(ctx context.Context, p identity.Person, language string) (identity.PersonID, identity.State, error)
}

// Trust finds the authorities that issued a certificate: trust.Store.
type Trust interface {
	Chain(presented []*x509.Certificate, now time.Time) ([]*x509.Certificate, error)
}

// Revocation tells whether a certificate of a verified chain was revoked. An error
// means that nobody could say.
type Revocation interface {
	Revoked(ctx context.Context, chain []*x509.Certificate) (bool, error)
}

// Presentations keep what was seen of a certificate until its browser is back.
type Presentations interface {
	// KeepPresentation stores it in place of the login's former one. ErrHandleUsed
	// when that one came by the same handle or a later one, or was spent.
	KeepPresentation(ctx context.Context, p Presentation) error
	// Presentation reads the login's; the zero value when there is none.
	Presentation(ctx context.Context, login broker.LoginID) (Presentation, error)
	// SpendPresentation takes it for good, in one statement, when the ticket is its
	// own, it is not spent and now is before its end; ErrNoPresentation otherwise.
	// It joins the transaction in ctx.
	SpendPresentation(ctx context.Context, login broker.LoginID, ticket []byte, now time.Time) (Presentation, error)
}

// Errors of Presentations.
var (
	ErrHandleUsed     = errors.New("the handle was used, or a later one")
	ErrNoPresentation = errors.New("no such presentation of a certificate")
)

// Sealer seals what travels through the browser.
type Sealer interface {
	Seal(plain []byte, aad ...string) []byte
	Open(sealed []byte, aad ...string) ([]byte, error)
}

// Config is what the method needs. Every field is required, but for Pages and Ways
// where nobody looks at pages, and for the last two.
type Config struct {
	Broker        Broker
	Ways          Ways
	Persons       Persons
	Trust         Trust
	Table         profile.Table
	Revocation    Revocation
	Presentations Presentations
	Trail         audit.Trail
	Sealer        Sealer
	Jar           broker.CookieJar
	Pages         *page.Engine
	// Issuer is the origin of our pages.
	Issuer string
	// Host is the origin of the certificates' host, such as
	// https://certificado.clave.example; https://*.certificado.clave.example gives
	// each attempt a fresh name.
	Host string
	Log  *slog.Logger
	Now  func() time.Time

	// Employees tells whether public employees may log in with their certificates;
	// nil lets them nowhere.
	Employees func(l *broker.Login) bool
	// AcceptUnchecked lets in who holds a certificate of which nobody could say
	// whether it was revoked.
	AcceptUnchecked bool
}

// Provider is the method. It is safe for concurrent use.
type Provider struct {
	Config
	pages pages
}

// New returns the method. It panics when a template is broken, which is a mistake
// of ours.
func New(c Config) *Provider {
	if c.Employees == nil {
		c.Employees = func(*broker.Login) bool { return false }
	}
	return &Provider{Config: c, pages: parsePages(c.Pages)}
}

// Method is the name of the method.
func (p *Provider) Method() identity.Method { return identity.Certificate }

// HandleLifetime is how long one may take from our page to the host of the
// certificates, choosing a certificate and typing the card's PIN included, and
// TicketLifetime from there back and to the confirmation.
// Source: our choice; other handles of the product last as long.
const (
	HandleLifetime = 5 * time.Minute
	TicketLifetime = 5 * time.Minute
)
