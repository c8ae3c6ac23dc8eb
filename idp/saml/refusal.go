package saml

import (
	"errors"

	"clave/internal/saml2"
)

// untaken is how the service hears of a message that saml2 did not take.
func untaken(err error) *saml2.Status {
	switch {
	case errors.Is(err, saml2.ErrVersion):
		return &saml2.Status{Code: saml2.StatusVersionMismatch, Message: "the request is not SAML 2.0"}
	case errors.Is(err, saml2.ErrDestination):
		return saml2.Theirs(saml2.StatusRequestDenied, "Destination is not the address of this endpoint; compare it letter by letter with the metadata")
	case errors.Is(err, saml2.ErrExpired):
		return saml2.Theirs(saml2.StatusRequestDenied, "the request is older than 5 minutes; check the clock of the service")
	case errors.Is(err, saml2.ErrEarly):
		return saml2.Theirs(saml2.StatusRequestDenied, "the request is of the future; check the clock of the service")
	case errors.Is(err, saml2.ErrUnsupported):
		return saml2.Theirs(saml2.StatusRequestUnsupported, "the request has a part that is not understood here")
	}
	return saml2.Theirs("", "the request breaks a rule of SAML 2.0")
}
