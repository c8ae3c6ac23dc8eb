package oidc

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"clave/broker"
	"clave/identity"
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
	URI   string `json:"u"`
	Mode  string `json:"m,omitempty"` // form_post; otherwise query
	State string `json:"s,omitempty"`
}

// ticket is our own state of a login, which the broker carries for us, sealed.
type ticket struct {
	target
	Client    string           `json:"c"`
	Nonce     string           `json:"n,omitempty"`
	Challenge string           `json:"h,omitempty"`
	Scope     string           `json:"o"`
	ACRs      []identity.Level `json:"a,omitempty"`
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

func (t ticket) encode() []byte {
	encoded, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("oidc: a ticket cannot be encoded: %v", err)) // texts and numbers only
	}
	return encoded
}

func decodeTicket(encoded []byte) (ticket, error) {
	var t ticket
	if err := json.Unmarshal(encoded, &t); err != nil {
		return ticket{}, fmt.Errorf("decoding our state of the login: %w", err)
	}
	return t, nil
}
