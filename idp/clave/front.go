package clave

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"clave/broker"
	"clave/broker/logout"
	"clave/broker/registry"
	"clave/internal/inbound"
	"clave/keys"
	"clave/web/page"
	"clave/web/route"
)

// Name is the front's name in a broker.Request.
const Name = "clave"

// Broker takes requests from here.
type Broker interface {
	// Open takes the request and sends the browser on; it answers r.
	Open(w http.ResponseWriter, r *http.Request, req broker.Request)
	// CurrentSession is the live session of the browser; nil when there is none.
	CurrentSession(r *http.Request) (*broker.Session, error)
}

// Parties finds services as they are registered now.
type Parties interface {
	Snapshot() *registry.Snapshot
}

// Signers are the keys that sign messages.
type Signers interface {
	// Active is the key that signs with the algorithm now; keys.ErrNoKey without one.
	Active(alg string) (keys.SigningKey, error)
	// Kept is a key that signs for who stays on it; keys.ErrNoKey when it is gone.
	Kept(id string) (keys.SigningKey, error)
	// Published are all keys.
	Published() []keys.PublicKey
	// Ensure makes an active key for each algorithm that has none yet.
	Ensure(ctx context.Context, algs ...string) error
}

// Participants keeps which services got a login of a session.
type Participants interface {
	// AddParticipant remembers one, inside the transaction that finishes the login.
	AddParticipant(ctx context.Context, p logout.Participant) error
	// Participants are those of a session.
	Participants(ctx context.Context, session broker.SessionID) ([]logout.Participant, error)
}

// Logouts takes browsers through logouts.
type Logouts interface {
	// Start logs the browser out, if it or its citizen agrees, and answers r.
	Start(w http.ResponseWriter, r *http.Request, after logout.After)
}

// Config is what a Front needs. Every field is required, except Documentation.
type Config struct {
	// Issuer is our address: an origin without a path or a slash at the end, such as
	// https://clave.example. It is our name in answers too, as kits are configured with
	// the address of Cl@ve.
	Issuer       string
	Parties      Parties
	Signers      Signers
	Once         inbound.Store
	Broker       Broker
	Participants Participants
	Logouts      Logouts
	Pages        *page.Engine
	Log          *slog.Logger
	Now          func() time.Time
	// Sandbox takes hints that name test citizens.
	Sandbox bool
	// Documentation is an address for integrators; it may be empty.
	Documentation string
}

// Front is the front of the dialect. It implements broker.Front, broker.HomeTeller and
// logout.Asker.
type Front struct {
	Config
	mistakes *inbound.MistakePage
}

// New makes a front.
func New(c Config) *Front {
	return &Front{c, inbound.NewMistakePage(c.Pages, c.Documentation, c.Log)}
}

// The addresses of the front, below the issuer. The first and the last are those of
// Cl@ve 2. Source: the configuration of its public integration kits.
const (
	pathService      = "/Proxy2/ServiceProvider"
	pathLogin        = pathService + "/login"
	pathLogout       = pathService + "/logout"
	pathCertificates = "/Proxy2/Certificates"
)

// service is where messages have to be sent, letter by letter.
func (f *Front) service() string { return f.Issuer + pathService }

// Routes are the addresses of the front.
func (f *Front) Routes() []route.Route {
	return []route.Route{
		{Method: http.MethodPost, Path: pathService, Access: route.Peer, Handler: f.receive},
		{Method: http.MethodGet, Path: pathLogin, Access: route.Peer, Handler: f.resumeLogin},
		{Method: http.MethodGet, Path: pathLogout, Access: route.Peer, Handler: f.resumeLogout},
		{Method: http.MethodGet, Path: pathCertificates, Access: route.Public, Handler: f.showCertificates, Cache: certificatesCache},
	}
}

// Name implements broker.Front and logout.Asker.
func (f *Front) Name() string { return Name }

// way leads from the POST of a message to a GET of ours.
func (f *Front) way(path string) inbound.Way {
	return inbound.Way{Store: f.Once, Path: path, Now: f.Now}
}

// fail shows an error of ours and logs it once.
func (f *Front) fail(w http.ResponseWriter, r *http.Request, err error) {
	f.Pages.Failed(w, r, f.Log.With("path", r.URL.Path), "request failed", err)
}
