package saml

import (
	"errors"
	"time"

	"clave/broker/registry"
	"clave/internal/saml2"
)

// How old a request may be, and how far the service's clock may be ahead of ours. Our
// choice: the way by the browser takes seconds, and a citizen may be shown another page
// on it; what is older can be asked again.
const (
	maxAge  = 5 * time.Minute
	maxSkew = 90 * time.Second
)

// prove finds out who asks, whether they do, and where an answer may be sent. Until it
// succeeds nothing is ever sent to an address from the request. What is proven and
// still cannot be taken is a refusal that the service gets.
func (f *Front) prove(in *saml2.Incoming, now time.Time) (a *ask, m mistake, refused *saml2.Status) {
	if in.Kind != saml2.KindAuthnRequest || in.Field != saml2.FieldRequest {
		return nil, mistakeKind, nil
	}
	claims := in.Claims()
	service, m := f.claimed(claims, now)
	if m != "" {
		return nil, m, nil
	}
	a = &ask{front: f, service: service}
	var err error
	a.request, err = in.AuthnRequest(saml2.Terms{
		Keys: service.Keys, Unsigned: service.TakesUnsigned(), Issuer: service.Metadata.EntityID,
		Destinations: []string{f.sso()}, DestinationOptional: in.Binding == saml2.BindingRedirect,
		Now: now, MaxAge: maxAge, MaxSkew: maxSkew,
	})
	if err != nil {
		return a.broken(in, claims, err)
	}
	if !a.answerTo(a.request.Signed, a.request.ACS) {
		return nil, mistakeACS, nil
	}
	a.to.Request, a.to.RelayState = a.request.ID, a.request.RelayState
	return a, "", nil
}

// claimed is the service that a message says to be of.
func (f *Front) claimed(claims saml2.Claims, now time.Time) (*registry.SAMLService, mistake) {
	if claims.Issuer == "" {
		return nil, mistakeNoIssuer
	}
	service, err := f.Parties.Snapshot().SAML(claims.Issuer, now)
	switch {
	case errors.Is(err, registry.ErrNoService):
		return nil, mistakeUnknown
	case err != nil:
		return nil, mistakeUnusable
	}
	return service, ""
}

// answerTo notes where the answer goes, if that is registered.
func (a *ask) answerTo(signed bool, wish saml2.ACS) bool {
	choose := a.service.AnswerUnsigned
	if signed {
		choose = a.service.Answer
	}
	at, ok := choose(wish)
	a.to.Service, a.to.ACS = a.service.Metadata.EntityID, at.Location
	return ok
}

// broken decides about a request that was not taken. Where its signature held, or none
// is asked for, the service hears of it; what the message claims is used for the way
// back alone, and that is compared with what is registered. Whether it was signed is not
// known then, so a service that may send unsigned ones hears at its fixed address.
func (a *ask) broken(in *saml2.Incoming, claims saml2.Claims, err error) (*ask, mistake, *saml2.Status) {
	if m := unproven(err); m != "" {
		return nil, m, nil
	}
	if !a.answerTo(!a.service.TakesUnsigned(), saml2.ACS{URL: claims.ACS}) {
		return nil, mistakeACS, nil
	}
	a.to.Request, a.to.RelayState = claims.ID, in.RelayState
	return a, "", untaken(err)
}

// unproven is why nobody hears of a message that was not taken; empty when its service
// can be told.
func unproven(err error) mistake {
	switch {
	case errors.Is(err, saml2.ErrUnsigned):
		return mistakeUnsigned
	case errors.Is(err, saml2.ErrSignature):
		return mistakeSignature
	case errors.Is(err, saml2.ErrMalformed):
		return mistakeUnreadable
	case errors.Is(err, saml2.ErrIssuer):
		return mistakeNoIssuer
	}
	return ""
}
