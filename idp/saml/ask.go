package saml

import (
	"cmp"
	"errors"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/internal/packed"
	"clave/internal/saml2"
)

// ask is a request while the rules look at it: what came, and what the rules made of it.
type ask struct {
	front   *Front
	service *registry.SAMLService
	request *saml2.AuthnRequest
	to      target

	hint       string // of the sandbox
	level      identity.Level
	class      class
	format     string // of the name
	subject    string
	attributes []identity.Attribute
}

// rule looks at one thing of a request and notes what it found.
type rule func(*ask) *saml2.Status

// check applies the rules in order; the first refusal counts.
func (a *ask) check() *saml2.Status {
	for _, r := range [...]rule{
		ruleScoping,
		ruleContext,
		ruleNameID,
		ruleSubject,
		ruleAudience,
		ruleAttributes,
	} {
		if refused := r(a); refused != nil {
			return refused
		}
	}
	return nil
}

// opened is what the broker gets.
func (a *ask) opened() broker.Request {
	req := broker.Request{
		Front:        Name,
		RelyingParty: a.service.Party.ID,
		Level:        a.level,
		Passive:      a.request.IsPassive,
		Fresh:        a.request.ForceAuthn,
		Subject:      a.subject,
		Attributes:   a.attributes,
		Return:       ticket{a.to, a.format, a.calls(), a.class}.encode(),
	}
	if a.front.Sandbox {
		req.Hint = cmp.Or(a.hint, a.service.Registered.LoginHint)
	}
	return req
}

// target is where an answer goes: a registered address.
type target struct {
	Service, ACS string
	// Request is the ID of what is answered.
	Request, RelayState string
}

// ticket is our own state of a login, which the broker carries for us, sealed.
type ticket struct {
	target
	Format string
	// Calls is what the service calls itself in its requests; it may be empty.
	Calls string
	Class class
}

// ticketVersion begins a ticket: the order of encode.
const ticketVersion = 1

func (t ticket) encode() []byte {
	w := packed.Writer{Bytes: append(make([]byte, 0, 512), ticketVersion)}
	for _, text := range [...]string{t.Service, t.ACS, t.Request, t.RelayState, t.Format, t.Calls, t.Class.Classic} {
		w.String(text)
	}
	w.Flags(t.Class.Exact)
	w.Int(int64(t.Class.Ceiling))
	w.Int(int64(len(t.Class.Levels)))
	for _, level := range t.Class.Levels {
		w.Int(int64(level))
	}
	return w.Bytes
}

var errTicket = errors.New("decoding our state of the login: it is none, or of another version")

func decodeTicket(encoded []byte) (ticket, error) {
	if len(encoded) == 0 || encoded[0] != ticketVersion {
		return ticket{}, errTicket
	}
	var t ticket
	in := packed.NewReader(encoded[1:])
	for _, text := range [...]*string{&t.Service, &t.ACS, &t.Request, &t.RelayState, &t.Format, &t.Calls, &t.Class.Classic} {
		*text = in.String()
	}
	t.Class.Exact = in.Flags().At(0)
	t.Class.Ceiling = identity.Level(in.Int())
	for range min(in.Int(), int64(len(encoded))) { // each takes a byte at least
		t.Class.Levels = append(t.Class.Levels, identity.Level(in.Int()))
	}
	if !in.Done() {
		return ticket{}, errTicket
	}
	return t, nil
}
