package oidc

import "clave/broker"

// Refusal is an error that a relying party gets, by redirect or as JSON.
type Refusal struct {
	// Code is the error code of the protocol.
	Code string
	// Text is the sentence for the integrator: why, and what to do. It is stable,
	// in English, and names no personal data.
	Text string
}

// Error implements error.
func (r *Refusal) Error() string { return r.Code + ": " + r.Text }

func refuse(code, text string) *Refusal { return &Refusal{code, text} }

// Error codes. Sources: RFC 6749 sections 4.1.2.1 and 5.2; OpenID Connect Core
// 1.0, section 3.1.2.6; OpenID Connect Core Unmet Authentication Requirements
// 1.0; RFC 6750 section 3.1.
const (
	invalidRequest        = "invalid_request"
	invalidClient         = "invalid_client"
	invalidGrant          = "invalid_grant"
	invalidScope          = "invalid_scope"
	invalidToken          = "invalid_token"
	unauthorizedClient    = "unauthorized_client"
	unsupportedResponse   = "unsupported_response_type"
	unsupportedRequest    = "request_not_supported"
	unsupportedRequestURI = "request_uri_not_supported"
	unsupportedRegister   = "registration_not_supported"
	unsupportedGrant      = "unsupported_grant_type"
	serverError           = "server_error"
	unmetRequirements     = "unmet_authentication_requirements"
)

// refusalFor is how a reason of the broker is said in this protocol.
func refusalFor(reason broker.Reason) *Refusal {
	m := reason.Meaning()
	return refuse(m.OIDC, m.Text)
}
