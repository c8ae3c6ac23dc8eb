package main

import (
	"context"
	"fmt"
	"net/url"

	"clave/identity"
)

// home begins all addresses of relying parties: nobody listens there, and the browser
// stops before it asks.
const home = "http://127.0.0.1:9/"

// relyingParty is the software of a service that sends citizens to log in.
type relyingParty interface {
	// begin begins a login.
	begin() (attempt, error)
}

// attempt is one login, as the relying party sees it.
type attempt struct {
	// first is what the browser is sent with.
	first request
	// finish checks what the browser came back with, and asks for the rest.
	finish func(ctx context.Context, b *browser, back request) error
}

// request is an address, with a form if something is posted to it.
type request struct {
	to   *url.URL
	form url.Values
}

// service is a relying party that takes one method.
type service struct {
	// name is that of its client, and what the report calls its logins.
	name   string
	method identity.Method
	level  identity.Level
	// saml is how it speaks SAML 2.0; the zero value speaks OpenID Connect.
	saml samlWay
}

// The services. A code follows a password where more than low is asked for.
var (
	byPIN         = service{name: "pin", method: identity.PIN, level: identity.Low}
	byPassword    = service{name: "password", method: identity.Permanente, level: identity.Low}
	byPassCode    = service{name: "password-and-code", method: identity.Permanente, level: identity.Substantial}
	byCertificate = service{name: "certificate", method: identity.Certificate, level: identity.Low}
	byMovil       = service{name: "movil", method: identity.Movil, level: identity.Low}
	oidcServices  = []service{byPIN, byMovil, byPassword, byPassCode, byCertificate}
)

// services are those of a front, the one whose logins are measured most first.
func services(front string) ([]service, error) {
	switch front {
	case "oidc":
		return oidcServices, nil
	case "saml":
		return samlServices(), nil
	}
	return nil, fmt.Errorf("front %q is unknown: want oidc or saml", front)
}

// registrations is the relying parties' file. sso is their choice about sessions.
func registrations(sso string, services []service, by samlCredentials) []byte {
	var file []byte
	for _, s := range services {
		file = fmt.Appendf(file, `- id: load-%s
  name: {es: Servicio de carga, en: Load service}
  organisation: {nif: P2807900B, dir3: L01280796}
  sector: load
  minimum_level: %s
  minimum_registration: basic
  methods: [%s]
  sso: %s
  attributes: [given_name, family_name, birthdate, document_number]
`, s.name, s.level, s.method, sso)
		if s.saml.binding == "" {
			file = append(file, oidcClient(s)...)
		} else {
			file = append(file, by.registration(s)...)
		}
	}
	return file
}
