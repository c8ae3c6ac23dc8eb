package saml2

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// Prefixes are those of names in what is written. The zero value has the usual ones,
// samlp and saml.
type Prefixes struct{ Protocol, Assertion string }

// DialectPrefixes are those that services of Cl@ve 2 look for in the text.
// Source: the public integration kits of Cl@ve 2.
func DialectPrefixes() Prefixes { return Prefixes{Protocol: "saml2p", Assertion: "saml2"} }

func (n Prefixes) filled() Prefixes {
	if n.Protocol == "" {
		n.Protocol = "samlp"
	}
	if n.Assertion == "" {
		n.Assertion = "saml"
	}
	return n
}

func (n Prefixes) protocol(name string) string  { return n.filled().Protocol + ":" + name }
func (n Prefixes) assertion(name string) string { return n.filled().Assertion + ":" + name }

// NewID makes an ID that nobody guesses, of 130 random bits.
// Source: SAML 2.0 Core, section 1.3.4, wants 128 at least, rather 160: ours are for one
// answer each, and 2^65 of them are not reached.
func NewID() string { return "_" + rand.Text() }

// timeLayout is how times are written: in UTC, whole seconds.
// Source: SAML 2.0 Core, section 1.3.3.
const timeLayout = "2006-01-02T15:04:05Z"

// message begins one, with its issuer first.
func (n Prefixes) message(name string, h Header) *etree.Element {
	root := etree.NewElement(n.protocol(name))
	root.CreateAttr("xmlns:"+n.filled().Protocol, spaceProtocol)
	root.CreateAttr("xmlns:"+n.filled().Assertion, spaceAssertion)
	root.CreateAttr("ID", h.ID)
	root.CreateAttr("Version", "2.0")
	setTime(root, "IssueInstant", h.IssueInstant)
	set(root, "Destination", h.Destination)
	set(root, "Consent", h.Consent)
	if h.Issuer != "" {
		root.CreateElement(n.assertion("Issuer")).SetText(h.Issuer)
	}
	return root
}

func (n Prefixes) nameID(id NameID) *etree.Element {
	el := etree.NewElement(n.assertion("NameID"))
	set(el, "Format", id.Format)
	set(el, "NameQualifier", id.NameQualifier)
	set(el, "SPNameQualifier", id.SPNameQualifier)
	set(el, "SPProvidedID", id.SPProvidedID)
	el.SetText(id.Value)
	return el
}

// set adds an attribute, unless it is empty.
func set(el *etree.Element, key, value string) {
	if value != "" {
		el.CreateAttr(key, value)
	}
}

// setTime adds a time, unless it is zero.
func setTime(el *etree.Element, key string, at time.Time) {
	if !at.IsZero() {
		el.CreateAttr(key, at.UTC().Format(timeLayout))
	}
}

// written signs a message, if somebody does, and writes it.
func written(root *etree.Element, s *xmlsig.Signer) ([]byte, error) {
	if err := signed(root, s); err != nil {
		return nil, err
	}
	data, err := xmlsig.Canonical(root)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", root.Tag, err)
	}
	if err := readable(data); err != nil {
		return nil, fmt.Errorf("writing %s: %w", root.Tag, err)
	}
	return data, nil
}

// signed signs an element that has an ID, behind its issuer, where the schema wants it.
func signed(el *etree.Element, s *xmlsig.Signer) error {
	if s == nil {
		return nil
	}
	at := 0
	if first := el.ChildElements(); len(first) > 0 && first[0].Tag == "Issuer" {
		at = 1
	}
	return s.Sign(el, at)
}

// readable refuses what no parser reads: a name with a control character would make
// the whole message unreadable for its service.
// Source: Extensible Markup Language (XML) 1.0, section 2.2.
func readable(data []byte) error {
	bad := func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	}
	if !utf8.Valid(data) || bytes.ContainsFunc(data, bad) {
		return errors.New("a character that XML cannot have")
	}
	return nil
}
