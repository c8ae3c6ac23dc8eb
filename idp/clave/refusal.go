package clave

import (
	"errors"

	"clave/broker"
	"clave/internal/saml2"
)

// refusal is an answer without an assertion, as the service gets it.
type refusal struct {
	// Top blames the request or us; Second says more, and may be empty.
	Top, Second string
	// Text is the sentence for the integrator: why, and what to do. It is stable, in
	// English, and names no personal data.
	Text string
}

// theirs is a refusal of what the request asks for.
func theirs(second, text string) *refusal { return &refusal{saml2.StatusRequester, second, text} }

// ours is a refusal for which the request need not be changed.
func ours(second, text string) *refusal { return &refusal{saml2.StatusResponder, second, text} }

func (r *refusal) status() saml2.Status {
	return saml2.Status{Code: r.Top, Second: r.Second, Message: r.Text}
}

// statusPrefix begins all codes. Source: SAML 2.0 Core, section 3.2.2.2.
const statusPrefix = "urn:oasis:names:tc:SAML:2.0:status:"

// refusalFor is how a reason of the broker is said in this protocol.
func refusalFor(reason broker.Reason) *refusal {
	m := reason.Meaning()
	return ours(statusPrefix+m.SAML, m.Text)
}

// untaken is how the service hears of a message that saml2 did not take.
func untaken(err error) *refusal {
	switch {
	case errors.Is(err, saml2.ErrVersion):
		return &refusal{saml2.StatusVersionMismatch, "", "the request is not SAML 2.0"}
	case errors.Is(err, saml2.ErrDestination):
		return theirs(saml2.StatusRequestDenied, "Destination is not the address of this endpoint; compare it letter by letter, or leave it out")
	case errors.Is(err, saml2.ErrExpired):
		return theirs(saml2.StatusRequestDenied, "the request is older than 5 minutes; check the clock of the service, and that IssueInstant is in UTC")
	case errors.Is(err, saml2.ErrEarly):
		return theirs(saml2.StatusRequestDenied, "the request is of the future; check the clock of the service, and that IssueInstant is in UTC")
	case errors.Is(err, saml2.ErrUnsupported):
		return theirs(saml2.StatusRequestDenied, "the request has a part that is not understood here")
	}
	return theirs("", "the request breaks a rule of SAML 2.0")
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
	}
	return ""
}
