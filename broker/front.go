package broker

import (
	"clave/broker/registry"
	"context"
	"errors"
	"net/http"
)

// ErrRedeemed is what Reissue answers when the relying party has redeemed the
// answer already.
var ErrRedeemed = errors.New("the answer was redeemed")

// Front speaks one protocol towards relying parties.
type Front interface {
	// Name is the front's name in a Request, such as "oidc".
	Name() string
	// Issue stores what the relying party will redeem and returns the answer,
	// which the broker seals with the login. It runs inside the finishing
	// transaction, which travels in ctx, and may be repeated.
	Issue(ctx context.Context, req Request, out Outcome) (answer []byte, err error)
	// Reissue replaces an answer that nobody has redeemed, so that just one is
	// live; ErrRedeemed otherwise. It runs in a transaction.
	Reissue(ctx context.Context, req Request, answer []byte) ([]byte, error)
	// Answer sends the browser to the relying party with the answer.
	Answer(w http.ResponseWriter, r *http.Request, req Request, answer []byte, via Via)
	// Refuse sends the browser to the relying party with the protocol's error.
	Refuse(w http.ResponseWriter, r *http.Request, req Request, reason Reason, via Via)
}

// SessionEnder is told, inside the transaction that ends a session, to revoke
// what depends on it.
//
// Services that can be told without the browser hear of the end from here, and not from
// package logout: OpenID Connect Back-Channel Logout 1.0 puts one logout token for each
// relying party of the session into an outbox in this transaction, which is delivered
// after the commit, so that a session ended at "My Cl@ve" or by another person's login
// is told of as well.
type SessionEnder interface {
	EndSession(ctx context.Context, session SessionID) error
}

// HomeTeller knows where a service begins, for the way back from a login that is
// over and has no answer to take along any more.
type HomeTeller interface {
	// Home is the address, which belongs to what the relying party registered;
	// empty when there is none. Nothing of the request is in it.
	Home(req Request) string
}

// NameTeller knows a service by a name of its own beside the relying party's.
type NameTeller interface {
	// ServiceName is what pages call the service of a request: the relying party's name
	// is always in it, since messages and the app say that alone. Nil for nothing else.
	ServiceName(req Request) registry.Names
}

// serviceName is what pages call who asks.
func (b *Broker) serviceName(req Request, party *registry.RelyingParty) registry.Names {
	if f, ok := b.fronts[req.Front].(NameTeller); ok {
		if names := f.ServiceName(req); names != nil {
			return names
		}
	}
	return party.Name
}

// Via is how the browser leaves for the relying party.
type Via int

const (
	// ByPage is a page with a refresh and a visible link. A redirect chain that
	// began with a form must not leave our origin: form-action 'self' blocks it.
	ByPage Via = iota
	// ByRedirect is a 303, where no form was sent: prompt=none, a session, no hands.
	ByRedirect
)
