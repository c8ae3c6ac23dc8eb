package clave

import (
	"errors"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/internal/packed"
	"clave/internal/saml2"
)

// ask is a request for a login while the rules look at it: what came, and what the rules
// made of it.
type ask struct {
	front   *Front
	service *registry.DialectService
	request *saml2.AuthnRequest
	to      target

	level   identity.Level
	methods []identity.Method // nil for those of the registration
	wishes  wishes
}

// wishes is what an answer says because the request asked for it.
type wishes struct {
	// Format is that of the name.
	Format string
	// State is the relay state that was asked for as an attribute, when HasState.
	HasState bool
	State    string
	// RegisterType says how the citizen registered.
	RegisterType bool
	// BirthDate is part of the answer.
	BirthDate bool
}

// opened is what the broker gets.
func (a *ask) opened() broker.Request {
	return broker.Request{
		Front:        Name,
		RelyingParty: a.service.Party.ID,
		Level:        a.level,
		Methods:      a.methods,
		Passive:      a.request.IsPassive,
		Fresh:        a.request.ForceAuthn,
		Attributes:   said(a.wishes),
		Certificate:  true, // PartialAfirma
		Return:       ticket{a.to, a.wishes}.encode(),
	}
}

// target is where an answer goes: a registered address.
type target struct {
	// Service is the provider name's key.
	Service, ACS string
	// Request is the ID of what is answered.
	Request, RelayState string
}

// ticket is our own state of a login, which the broker carries for us, sealed.
type ticket struct {
	target
	wishes
}

// ticketVersion begins a ticket: the order of encode.
const ticketVersion = 1

func (t ticket) encode() []byte {
	w := packed.Writer{Bytes: append(make([]byte, 0, 512), ticketVersion)}
	for _, text := range [...]string{t.Service, t.ACS, t.Request, t.RelayState, t.Format, t.State} {
		w.String(text)
	}
	w.Flags(t.HasState, t.RegisterType, t.BirthDate)
	return w.Bytes
}

var errTicket = errors.New("decoding our state of the login: it is none, or of another version")

func decodeTicket(encoded []byte) (ticket, error) {
	if len(encoded) == 0 || encoded[0] != ticketVersion {
		return ticket{}, errTicket
	}
	var t ticket
	in := packed.NewReader(encoded[1:])
	for _, text := range [...]*string{&t.Service, &t.ACS, &t.Request, &t.RelayState, &t.Format, &t.State} {
		*text = in.String()
	}
	flags := in.Flags()
	t.HasState, t.RegisterType, t.BirthDate = flags.At(0), flags.At(1), flags.At(2)
	if !in.Done() {
		return ticket{}, errTicket
	}
	return t, nil
}
