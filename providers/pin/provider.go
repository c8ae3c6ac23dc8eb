package pin

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census/pair"
	"clave/identity"
	"clave/internal/tally"
	"clave/notify"
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
	// ShowRefusal says why this person cannot log in so, and the ways on.
	ShowRefusal(w http.ResponseWriter, r *http.Request, l *broker.Login, reason broker.Reason)
}

// Challenges keep the challenge of each login.
type Challenges interface {
	// Challenge reads a login's challenge; the zero value when it has none.
	Challenge(ctx context.Context, login broker.LoginID) (Challenge, error)
	// HoldToSend reads all that sending a PIN depends on, and holds the challenge
	// and the messages until the transaction in ctx ends, whose login has begun in
	// it. For a login without challenge it gives an empty one of the person. A
	// challenge of another person is given as it is.
	HoldToSend(ctx context.Context, login broker.LoginID, person identity.PersonID, phone identity.Phone) (Held, error)
	// HoldToTry reads all that trying a PIN depends on, and holds it likewise, so
	// that tries of one person are looked at one after the other: SMS is not filled
	// in. The zero value when there is no challenge.
	HoldToTry(ctx context.Context, login broker.LoginID) (Held, error)
	// KeepChallenge writes a challenge that the transaction in ctx holds, once. One
	// that is spent stays as it is.
	KeepChallenge(ctx context.Context, c Challenge) error
	// Showing are the challenges of a person whose PIN an app may show: not spent or
	// void, and not expired at now. The last sent comes first.
	Showing(ctx context.Context, person identity.PersonID, now time.Time) ([]Challenge, error)
}

// Held is what a decision about a PIN depends on.
type Held struct {
	Challenge Challenge
	Wrong     tally.Tally // wrong PINs of the challenge's person (of who is asked for, when sending)
	SMS       tally.Tally // messages to the phone
	// Devices is how many the person has activated, used or not, when sending: most have
	// none, and their app is not asked about.
	Devices int
}

// Codes hashes PINs under a key that the database does not hold.
type Codes interface {
	Sum(parts ...string) []byte
	Equal(sum []byte, parts ...string) bool
}

// Outbox sends messages with the transaction in ctx.
type Outbox interface {
	Send(ctx context.Context, m notify.Message) error
}

// App is the Cl@ve app of whoever activated it.
type App interface {
	// Active tells whether a person has it on a device that they use, in the
	// transaction in ctx.
	Active(ctx context.Context, person identity.PersonID) (bool, error)
	// Wake makes it ask for the PIN that is there for a person, when the transaction in
	// ctx commits: until the time, on behalf of the relying party.
	Wake(ctx context.Context, person identity.PersonID, party string, until time.Time) error
}

// Composer writes the message of a code.
type Composer interface {
	Code(t notify.CodeText) string
}

// Budget says whether one more message may be sent under a key, and counts it.
// Keys are "sms:country:34" and "sms:rp:" with the relying party's id.
type Budget interface {
	Allow(key string) bool
}

// Cookies seals what was typed into the browser.
type Cookies interface {
	Seal(plain []byte, aad ...string) []byte
	Open(sealed []byte, aad ...string) ([]byte, error)
}

// Config is what the method needs. Every field is required, but for Pages, Ways
// and Cookies where nobody looks at pages. The zero Jar is right in the sandbox
// alone.
type Config struct {
	Broker     Broker
	Ways       Ways
	Pairs      *pair.Checker
	Tallies    tally.Store
	Challenges Challenges
	Trail      audit.Trail
	Codes      Codes
	Outbox     Outbox
	Composer   Composer
	Budget     Budget
	Cookies    Cookies
	// App shows PINs instead of messages; nil where there is none.
	App   App
	Jar   broker.CookieJar
	Pages *page.Engine
	// PhoneLimit replaces the constant of that name unless it is 0: in the
	// sandbox, whose phones ring nobody, tests log the same citizen in all day.
	PhoneLimit int
	Log        *slog.Logger
	Now        func() time.Time
}

// Provider is the method Cl@ve PIN. It is safe for concurrent use.
type Provider struct {
	Config
	pages pages
}

// New returns the method. It panics when a template is broken, which is a
// mistake of ours.
func New(c Config) *Provider {
	if c.PhoneLimit == 0 {
		c.PhoneLimit = PhoneLimit
	}
	return &Provider{Config: c, pages: parsePages(c.Pages)}
}

// Method is the name of the method.
func (p *Provider) Method() identity.Method { return identity.PIN }

func wrongPINsOf(person identity.PersonID) tally.Subject {
	return tally.Subject{Kind: tally.WrongPINs, Value: string(person)}
}

func smsTo(phone identity.Phone) tally.Subject {
	return tally.Subject{Kind: tally.SentSMS, Value: phone.Reveal()}
}
