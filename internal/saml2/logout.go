package saml2

import (
	"time"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// NameID names a citizen, or in Cl@ve 2 a service. Source: SAML 2.0 Core, section 2.2.2.
type NameID struct {
	Value, Format, NameQualifier, SPNameQualifier, SPProvidedID string
}

func nameIDOf(el *etree.Element) (*NameID, error) {
	v, err := needed(el)
	if err != nil {
		return nil, err
	}
	return &NameID{v, value(el, "Format"), value(el, "NameQualifier"), value(el, "SPNameQualifier"), value(el, "SPProvidedID")}, nil
}

// LogoutRequest asks to end sessions. Source: SAML 2.0 Core, section 3.7.1.
type LogoutRequest struct {
	Header
	Received
	// NotOnOrAfter is until when it counts; zero for no end of its own.
	NotOnOrAfter time.Time
	// Reason is a URI, or empty.
	Reason string
	NameID NameID
	// SessionIndexes are the sessions; empty for all.
	SessionIndexes []string
}

// LogoutRequest proves and decodes a request. On every error there is no request.
func (in *Incoming) LogoutRequest(t Terms) (*LogoutRequest, error) {
	h, received, p, err := in.open(KindLogoutRequest, t)
	if err != nil {
		return nil, err
	}
	r := &LogoutRequest{Header: h, Received: received, Reason: value(p.of, "Reason")}
	if err := within(p.of, t); err != nil {
		return nil, err
	}
	if r.NotOnOrAfter, err = notOnOrAfter(p.of, t); err != nil {
		return nil, err
	}
	if _, err := p.one(spaceProtocol, "Extensions"); err != nil {
		return nil, err
	}
	name, err := p.one(spaceAssertion, "NameID")
	if err != nil {
		return nil, err
	}
	if r.SessionIndexes, err = texts(p.all(spaceProtocol, "SessionIndex")); err != nil {
		return nil, err
	}
	if err := p.done(); err != nil { // an encrypted name is one: we publish no key for it
		return nil, err
	}
	if name == nil {
		return nil, invalid("a logout of nobody")
	}
	id, err := nameIDOf(name)
	if err != nil {
		return nil, err
	}
	r.NameID = *id
	return r, nil
}

// Write writes the request; without a signer it has no signature inside, as
// HTTP-Redirect wants it.
func (r LogoutRequest) Write(n Prefixes, s *xmlsig.Signer) ([]byte, error) {
	root := n.message("LogoutRequest", r.Header)
	set(root, "Reason", r.Reason)
	setTime(root, "NotOnOrAfter", r.NotOnOrAfter)
	root.AddChild(n.nameID(r.NameID))
	for _, index := range r.SessionIndexes {
		root.CreateElement(n.protocol("SessionIndex")).SetText(index)
	}
	return written(root, s)
}

// LogoutResponse answers a LogoutRequest. Source: SAML 2.0 Core, section 3.7.2.
type LogoutResponse struct {
	Header
	Received
	// InResponseTo is the ID of what it answers.
	InResponseTo string
	Status       Status
}

// LogoutResponse proves and decodes an answer. On every error there is none. What it
// answers is the caller's to compare.
func (in *Incoming) LogoutResponse(t Terms) (*LogoutResponse, error) {
	h, received, p, err := in.open(KindLogoutResponse, t)
	if err != nil {
		return nil, err
	}
	r := &LogoutResponse{Header: h, Received: received, InResponseTo: value(p.of, "InResponseTo")}
	if !idShape.MatchString(r.InResponseTo) {
		return nil, invalid("it answers nothing")
	}
	if _, err := p.one(spaceProtocol, "Extensions"); err != nil {
		return nil, err
	}
	status, err := p.one(spaceProtocol, "Status")
	if err != nil {
		return nil, err
	}
	if status == nil {
		return nil, invalid("an answer without a status")
	}
	if r.Status, err = statusOf(status); err != nil {
		return nil, err
	}
	if err := p.done(); err != nil {
		return nil, err
	}
	return r, nil
}

// Write writes the answer; without a signer it has no signature inside, as
// HTTP-Redirect wants it.
func (r LogoutResponse) Write(n Prefixes, s *xmlsig.Signer) ([]byte, error) {
	root := n.message("LogoutResponse", r.Header)
	set(root, "InResponseTo", r.InResponseTo)
	root.AddChild(n.status(r.Status))
	return written(root, s)
}
