package clave

import (
	"errors"
	"time"

	"clave/broker/registry"
	"clave/internal/saml2"
)

// How old a message may be, and how far the service's clock may be ahead of ours. Our
// choice: the way by the browser takes seconds, and a citizen may be shown another page
// on it; what is older can be asked again.
const (
	maxAge  = 5 * time.Minute
	maxSkew = 90 * time.Second
)

// terms are those on which messages of a service are taken, with all that the dialect
// tolerates: whose it is follows from the key alone.
func (f *Front) terms(service *registry.DialectService, now time.Time) saml2.Terms {
	return saml2.Terms{
		Keys: service.Keys, AnyIssuer: true, Destinations: []string{f.service()}, DestinationOptional: true,
		Zone: time.UTC, Now: now, MaxAge: maxAge, MaxSkew: maxSkew,
	}
}

// named finds the service that a message says to be of.
func (f *Front) named(provider string) (*registry.DialectService, mistake) {
	if provider == "" {
		return nil, mistakeNoProvider
	}
	service, err := f.Parties.Snapshot().Dialect(provider)
	switch {
	case errors.Is(err, registry.ErrNoService):
		return nil, mistakeUnknown
	case err != nil:
		return nil, mistakeUnusable
	}
	return service, ""
}

// is tells whether what was signed names the service by whose keys it was verified.
func is(provider string, service *registry.DialectService) bool {
	return registry.ProviderKey(provider) == registry.ProviderKey(service.Registered.ProviderName)
}

// proveLogin finds out who asks for a login, whether they do, and where an answer may be
// sent. Until it succeeds nothing is ever sent to an address from the request. What is
// proven and still cannot be taken is a refusal that the service gets.
func (f *Front) proveLogin(in *saml2.Incoming, now time.Time) (a *ask, m mistake, refused *saml2.Status) {
	claims := in.Claims()
	service, m := f.named(claims.ProviderName)
	if m != "" {
		return nil, m, nil
	}
	a = &ask{front: f, service: service}
	request, err := in.AuthnRequest(f.terms(service, now))
	if err != nil {
		if m := unproven(err); m != "" {
			return nil, m, nil
		}
		// The signature held, over what the claims were read from.
		if !a.answerTo(saml2.ACS{URL: claims.ACS}) {
			return nil, mistakeACS, nil
		}
		a.to.Request, a.to.RelayState = claims.ID, in.RelayState
		return a, "", untaken(err)
	}
	if !is(request.ProviderName, service) {
		return nil, mistakeSignature, nil
	}
	if !a.answerTo(request.ACS) {
		return nil, mistakeACS, nil
	}
	a.request = request
	a.to.Request, a.to.RelayState = request.ID, request.RelayState
	return a, "", nil
}

// answerTo notes where the answer goes, if that is registered. Without an address there
// is none: several may be registered, and none is meant for all.
func (a *ask) answerTo(wish saml2.ACS) bool {
	a.to.Service, a.to.ACS = registry.ProviderKey(a.service.Registered.ProviderName), wish.URL
	return a.service.AnswersAt(wish.URL) && wish.Index == nil && (wish.Binding == "" || wish.Binding == saml2.BindingPost)
}
