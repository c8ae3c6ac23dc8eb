package saml2

import (
	"crypto"
	"errors"
	"slices"
	"time"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// Terms are those on which a message is taken. The zero value takes none.
type Terms struct {
	// Keys may have signed. They come from a registration, never from a message.
	Keys []crypto.PublicKey
	// Unsigned takes messages without a signature too. One that is there has to hold
	// all the same.
	Unsigned bool
	// Issuer is whom the message has to name.
	Issuer string
	// AnyIssuer takes any instead, or none: whose the message is follows from Keys.
	AnyIssuer bool
	// Destinations are our addresses, of which the message has to name one, letter by
	// letter.
	Destinations []string
	// DestinationOptional takes signed messages that name no destination; unsigned
	// ones need none. Source: SAML 2.0 Bindings, sections 3.4.5.2 and 3.5.5.2.
	DestinationOptional bool
	// Zone is that of times that are written without one; nil when none may be.
	Zone *time.Location
	// Now is when the message is read, MaxAge how long ago it may have been written,
	// and MaxSkew how far its clock may be ahead of ours.
	Now             time.Time
	MaxAge, MaxSkew time.Duration
}

// Header is what all messages have.
type Header struct {
	// ID is unique for its issuer, and has the shape of one.
	ID string
	// Issuer is who wrote it; Destination where it was sent; both may be empty where
	// the terms allow it. Consent is a URI, or empty.
	Issuer, Destination, Consent string
	// IssueInstant is when it was written, in UTC.
	IssueInstant time.Time
}

// Received tells how a message was taken.
type Received struct {
	// Signed is whether a key of the terms signed it.
	Signed bool
	// Binding is how it came, RelayState what came along.
	Binding, RelayState string
}

// proven gives the message as its signature covers it, or as it came, if it may.
func (in *Incoming) proven(t Terms) (*etree.Element, Received, error) {
	r := Received{Binding: in.Binding, RelayState: in.RelayState}
	root := in.document.Root()
	if in.query.present() {
		if err := in.query.verify(t.Keys); err != nil {
			return nil, r, err
		}
		r.Signed = true
		// What was signed says all; a signature inside does not count.
		// Source: SAML 2.0 Bindings, section 3.4.4.1.
		if slices.ContainsFunc(root.ChildElements(), isSignature) {
			return nil, r, verdict(xmlsig.ErrForm)
		}
		return root, r, nil
	}
	if in.Binding == BindingRedirect && slices.ContainsFunc(root.ChildElements(), isSignature) {
		return nil, r, verdict(xmlsig.ErrForm)
	}
	signed, err := in.document.Verify(nil, xmlsig.Trust{Keys: t.Keys})
	switch {
	case err == nil:
		r.Signed = true
		return signed.Element, r, nil
	case errors.Is(err, xmlsig.ErrUnsigned) && t.Unsigned:
		return root, r, nil
	}
	return nil, r, verdict(err)
}

func isSignature(el *etree.Element) bool { return is(el, spaceSignature, "Signature") }

// header checks what all messages have, and leaves the rest of their parts.
func (t Terms) header(root *etree.Element, r Received) (Header, *parts, error) {
	h := Header{ID: value(root, "ID"), Destination: value(root, "Destination"), Consent: value(root, "Consent")}
	if value(root, "Version") != "2.0" {
		return h, nil, ErrVersion
	}
	if !idShape.MatchString(h.ID) {
		return h, nil, invalid("its ID is none")
	}
	p, err := partsOf(root)
	if err != nil {
		return h, nil, err
	}
	issuer, err := p.one(spaceAssertion, "Issuer")
	if err != nil {
		return h, nil, err
	}
	if h.Issuer, err = t.issuer(issuer); err != nil {
		return h, nil, err
	}
	if err := t.destination(h.Destination, r); err != nil {
		return h, nil, err
	}
	h.IssueInstant, err = instant(value(root, "IssueInstant"), t.Zone)
	switch {
	case err != nil:
		return h, nil, err
	case h.IssueInstant.After(t.Now.Add(t.MaxSkew)):
		return h, nil, ErrEarly
	case h.IssueInstant.Before(t.Now.Add(-t.MaxAge)):
		return h, nil, ErrExpired
	}
	return h, p, nil
}

// formatEntity is the only format that an issuer's name may have.
// Source: SAML 2.0 Profiles, section 4.1.4.1.
const formatEntity = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"

func (t Terms) issuer(el *etree.Element) (string, error) {
	if t.AnyIssuer {
		if el == nil {
			return "", nil
		}
		return text(el)
	}
	if el == nil {
		return "", ErrIssuer
	}
	name, err := text(el)
	if err != nil {
		return "", err
	}
	format, stands := attribute(el, "Format")
	if name == "" || name != t.Issuer || stands && format != formatEntity {
		return "", ErrIssuer
	}
	return name, nil
}

func (t Terms) destination(named string, r Received) error {
	switch {
	case named == "" && (!r.Signed || t.DestinationOptional):
		return nil
	case named == "" || !slices.Contains(t.Destinations, named):
		return ErrDestination
	}
	return nil
}

// open proves a message of a kind and reads its header.
func (in *Incoming) open(kind Kind, t Terms) (Header, Received, *parts, error) {
	if in.Kind != kind {
		return Header{}, Received{}, nil, malformed("another message than expected")
	}
	root, r, err := in.proven(t)
	if err != nil {
		return Header{}, r, nil, err
	}
	h, p, err := t.header(root, r)
	return h, r, p, err
}
