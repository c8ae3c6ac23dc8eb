package oidc

import (
	"errors"
	"strings"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/packed"
)

// ask is an authorization request while the rules look at it: what came, and
// what the rules made of it.
type ask struct {
	params
	front  *Front
	client *client

	redirectURI string
	mode        string
	scopes      []string
	challenge   string
	prompt      prompt
	maxAge      *time.Duration
	level       identity.Level
	acrs        []identity.Level // one of these is to be answered; nil for any
	registered  identity.Registration
	methods     []identity.Method
	subject     string
	languages   []string
}

// prove finds out where an answer may be sent. Until it succeeds nothing is ever
// sent to an address from the request.
func (a *ask) prove() mistake {
	if a.get("client_id") == "" {
		return mistakeNoClient
	}
	c, ok := a.front.clients.find(a.get("client_id"))
	if !ok {
		return mistakeUnknownClient
	}
	if !a.once("redirect_uri") {
		return mistakeNoRedirect
	}
	if !c.accepts(a.get("redirect_uri")) {
		return mistakeRedirect
	}
	a.client, a.redirectURI = c, a.get("redirect_uri")
	return ""
}

// rule looks at one thing of a request and notes what it found.
type rule func(*ask) *Refusal

// check applies the rules in order; the first refusal counts. How to answer is
// settled first, so that every refusal goes the way the relying party asked for.
func (a *ask) check() *Refusal {
	for _, r := range [...]rule{
		ruleResponseMode,
		ruleWellFormed,
		ruleNotSupported,
		ruleResponseType,
		ruleScope,
		rulePKCE,
		rulePrompt,
		ruleMaxAge,
		ruleACRValues,
		ruleClaims,
		ruleIDTokenHint,
		ruleLocales,
	} {
		if refused := r(a); refused != nil {
			return refused
		}
	}
	return nil
}

// request is what the broker gets.
func (a *ask) request() broker.Request {
	req := broker.Request{
		Front:        Name,
		RelyingParty: a.client.party.ID,
		Level:        a.level,
		Registration: a.registered,
		Methods:      a.methods,
		Passive:      a.prompt.none,
		Fresh:        a.prompt.login,
		Ask:          a.prompt.ask,
		MaxAge:       a.maxAge,
		Subject:      a.subject,
		Languages:    a.languages,
		Attributes:   a.client.attributes(a.scopes),
		Return:       a.ticket().encode(),
	}
	if a.front.Sandbox {
		req.Hint = a.get("login_hint")
	}
	return req
}

// target is where answers to this request go.
func (a *ask) target() target {
	t := target{URI: a.redirectURI, Mode: a.mode}
	if a.once("state") {
		t.State = a.get("state")
	}
	return t
}

// target is where an answer goes: a registered redirect URI.
type target struct {
	URI   string
	Mode  string // form_post; otherwise query
	State string
}

// ticket is our own state of a login, which the broker carries for us, sealed.
type ticket struct {
	target
	Client    string
	Nonce     string
	Challenge string
	Scope     string
	ACRs      []identity.Level
}

func (a *ask) ticket() ticket {
	return ticket{
		target:    a.target(),
		Client:    a.client.ClientID,
		Nonce:     a.get("nonce"),
		Challenge: a.challenge,
		Scope:     strings.Join(a.scopes, " "),
		ACRs:      a.acrs,
	}
}

// ticketVersion begins a ticket: the order of encode.
const ticketVersion = 1

func (t ticket) encode() []byte {
	w := packed.Writer{Bytes: append(make([]byte, 0, 512), ticketVersion)}
	for _, text := range [...]string{t.URI, t.Mode, t.State, t.Client, t.Nonce, t.Challenge, t.Scope} {
		w.String(text)
	}
	w.Int(int64(len(t.ACRs)))
	for _, level := range t.ACRs {
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
	for _, text := range [...]*string{&t.URI, &t.Mode, &t.State, &t.Client, &t.Nonce, &t.Challenge, &t.Scope} {
		*text = in.String()
	}
	for range min(in.Int(), int64(len(encoded))) { // each takes a byte at least
		t.ACRs = append(t.ACRs, identity.Level(in.Int()))
	}
	if !in.Done() {
		return ticket{}, errTicket
	}
	return t, nil
}
