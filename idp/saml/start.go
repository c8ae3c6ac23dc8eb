package saml

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"clave/broker"
	"clave/broker/registry"
	"clave/internal/saml2"
)

// paramService names the service to which a citizen wants to go, by its entityID.
const paramService = "service"

// start begins a login that no service asked for, such as from a list of links. Only for
// services that are registered for it: who takes answers to nothing cannot tell those of
// its citizens from those that somebody else brings into their browser. Whoever writes
// the link is anybody, so that it says the service alone: the answer goes to the address
// that the metadata have for all, without RelayState, and the citizen is always told
// first where they go and what is released there.
// Source: SAML 2.0 Profiles, section 4.1.5.
func (f *Front) start(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(query[paramService]) != 1 {
		f.showMistake(w, r, mistakeStart)
		return
	}
	service, err := f.Parties.Snapshot().SAML(query.Get(paramService), f.Now())
	switch {
	case errors.Is(err, registry.ErrNoService), err == nil && !service.Registered.IdPInitiated:
		f.showMistake(w, r, mistakeStart)
		return
	case err != nil:
		f.showMistake(w, r, mistakeUnusable)
		return
	}
	a := &ask{front: f, service: service, request: &saml2.AuthnRequest{}, hint: query.Get(paramHint)}
	if !a.answerTo(true, saml2.ACS{}) {
		f.showMistake(w, r, mistakeACS)
		return
	}
	if refused := a.check(); refused != nil {
		f.fail(w, r, fmt.Errorf("starting a login to relying party %s: %s", service.Party.ID, refused.Message))
		return
	}
	req := a.opened()
	req.Ask = true
	f.Broker.Open(w, r, req)
}

// unasked tells that the service asked nothing.
func (t target) unasked() bool { return t.Request == "" }

// sendHome ends a login that no service asked for and that came to nothing: nobody waits
// to hear of it, so that the browser goes to the front page of the service.
func (f *Front) sendHome(w http.ResponseWriter, r *http.Request, req broker.Request) {
	home := f.Home(req)
	if home == "" {
		f.fail(w, r, fmt.Errorf("ending login %s: %w", req.ID, errServiceGone))
		return
	}
	f.Pages.Leave(w, r, home)
}
