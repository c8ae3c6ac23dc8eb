package saml

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/internal/inbound"
	"clave/internal/saml2"
	"clave/keys"
	"clave/web/page"
	"clave/web/route"
)

// Name is the front's name in a broker.Request.
const Name = "saml"

// Broker takes requests from here.
type Broker interface {
	// Open takes the request and sends the browser on; it answers r.
	Open(w http.ResponseWriter, r *http.Request, req broker.Request)
}

// Parties finds services as they are registered now.
type Parties interface {
	Snapshot() *registry.Snapshot
}

// Signers are the keys that sign messages and metadata.
type Signers interface {
	// Active is the key that signs with the algorithm now; keys.ErrNoKey without one.
	Active(alg string) (keys.SigningKey, error)
	// Kept is a key that signs for who stays on it; keys.ErrNoKey when it is gone.
	Kept(id string) (keys.SigningKey, error)
	// Published are all keys. The slice is the same one until the ring changes.
	Published() []keys.PublicKey
	// Ensure makes an active key for each algorithm that has none yet.
	Ensure(ctx context.Context, algs ...string) error
}

// Config is what a Front needs. Every field is required, except where it says.
type Config struct {
	// Issuer is our address: an origin without a path or a slash at the end, such as
	// https://clave.example. Plain http is for the sandbox.
	Issuer  string
	Parties Parties
	Signers Signers
	Once    inbound.Store
	Broker  Broker
	// Logouts, Participants and Sessions are for single logout; Cookies seals the names of
	// logouts on their way.
	Logouts      Logouts
	Participants Participants
	Sessions     Sessions
	Cookies      *keys.Sealer
	Pages        *page.Engine
	Log          *slog.Logger
	Now          func() time.Time
	// Sandbox lets the issuer be plain http.
	Sandbox bool
	// Documentation is an address for integrators; it may be empty.
	Documentation string
	// Interface, Organization and Contacts stand in the metadata as they are; each may
	// be empty.
	Interface    saml2.Interface
	Organization *saml2.Organization
	Contacts     []saml2.Contact
}

// Front is the SAML 2.0 front. It implements broker.Front, broker.HomeTeller,
// logout.Teller and logout.Asker.
type Front struct {
	Config
	mistakes *inbound.MistakePage
	metadata atomic.Pointer[published]
}

// New makes a front. It fails when the issuer is not an origin, or has no https.
func New(c Config) (*Front, error) {
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || strings.ContainsAny(c.Issuer, "?#") {
		return nil, errors.New("the issuer has to be an origin, such as https://clave.example, without a path or a slash at the end")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && c.Sandbox) {
		return nil, errors.New("the issuer has to begin with https:// outside the sandbox")
	}
	return &Front{Config: c, mistakes: inbound.NewMistakePage(c.Pages, c.Documentation, c.Log)}, nil
}

// The addresses of the front, below the issuer.
const (
	pathSSO      = "/saml/sso"
	pathResume   = "/saml/sso/resume"
	pathStart    = "/saml/start"
	pathMetadata = "/saml/metadata"
)

// EntityID is our name among services: the address of our metadata.
func (f *Front) EntityID() string { return f.Issuer + pathMetadata }

// sso is where requests have to be sent, letter by letter.
func (f *Front) sso() string { return f.Issuer + pathSSO }

// Routes are the addresses of the front.
func (f *Front) Routes() []route.Route {
	return []route.Route{
		{Method: http.MethodGet, Path: pathMetadata, Access: route.Public, Handler: f.showMetadata, Cache: metadataCache},
		{Method: http.MethodGet, Path: pathSSO, Access: route.Peer, Handler: f.asked},
		{Method: http.MethodPost, Path: pathSSO, Access: route.Peer, Handler: f.askedByPost},
		{Method: http.MethodGet, Path: pathResume, Access: route.Peer, Handler: f.resume},
		{Method: http.MethodGet, Path: pathStart, Access: route.Peer, Handler: f.start},
		{Method: http.MethodGet, Path: pathSLO, Access: route.Peer, Handler: f.parted},
		{Method: http.MethodPost, Path: pathSLO, Access: route.Peer, Handler: f.partedByPost},
		{Method: http.MethodGet, Path: pathSLOResume, Access: route.Peer, Handler: f.resumeFarewell},
	}
}

// Name implements broker.Front.
func (f *Front) Name() string { return Name }

// fail shows an error of ours and logs it once.
func (f *Front) fail(w http.ResponseWriter, r *http.Request, err error) {
	f.Pages.Failed(w, r, f.Log.With("path", r.URL.Path), "request failed", err)
}
