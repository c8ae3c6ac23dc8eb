package saml2

import (
	"errors"
	"fmt"

	"clave/internal/xmlsig"
)

// Errors that callers decide on. The text around them says what was wrong, for whoever
// integrates a service, and never repeats what stood in the message. Those from
// ErrVersion on come after the signature held, or where none is asked for: who has such
// a message can answer it.
var (
	// ErrMalformed: no message can be read from what arrived. There is nobody to answer.
	ErrMalformed = errors.New("unacceptable message")
	// ErrUnsigned: the message has no signature and should.
	ErrUnsigned = errors.New("the message is not signed")
	// ErrSignature: the signature has an unacceptable form, is of nobody who is
	// trusted, or is not over what arrived.
	ErrSignature = errors.New("the signature of the message is not accepted")
	// ErrVersion: the message is of another SAML than 2.0.
	ErrVersion = errors.New("the message is not SAML 2.0")
	// ErrIssuer: the message says no issuer, or another than it should.
	ErrIssuer = errors.New("the message is of another issuer")
	// ErrDestination: the message was meant for another place, or says none.
	ErrDestination = errors.New("the message was sent elsewhere")
	// ErrExpired: the message is too old.
	ErrExpired = errors.New("the message is too old")
	// ErrEarly: the message is of the future.
	ErrEarly = errors.New("the message is of the future")
	// ErrInvalid: the message breaks a rule of SAML.
	ErrInvalid = errors.New("the message breaks a rule of SAML")
	// ErrUnsupported: the message asks for what is not offered.
	ErrUnsupported = errors.New("the message asks for what is not offered")
	// ErrMetadata: metadata cannot be used. Operators read the text.
	ErrMetadata = errors.New("unusable metadata")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}

// verdict says in this package's words what xmlsig found.
func verdict(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, xmlsig.ErrUnsigned):
		return ErrUnsigned
	case errors.Is(err, xmlsig.ErrForm), errors.Is(err, xmlsig.ErrUntrusted):
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}
