package xmlsig

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Trust says whose signatures count. Either Keys or Certificates.
type Trust struct {
	// Keys may have signed. What the message says about its key is not looked at.
	Keys []crypto.PublicKey
	// Certificates may have signed, and the message must name the one that did, by
	// all its bytes and no other: how trusted lists are signed. Nobody looks at dates,
	// issuers and usages: the caller trusts these certificates as they are.
	Certificates []*x509.Certificate
	// Properties lets a signature cover its own XAdES properties too. Nothing is read
	// from them.
	Properties bool
}

// Signed is what a signature covers.
type Signed struct {
	// Element is the element anew, without its signature, comments and surroundings.
	Element *etree.Element
	// Bytes are what was signed: Element in its canonical form.
	Bytes []byte
	// Signer is the certificate that signed, where Trust has certificates.
	Signer *x509.Certificate
}

// typeProperties marks the reference to XAdES' signed properties.
// Source: ETSI EN 319 132-1, section 4.4.2.
const typeProperties = "http://uri.etsi.org/01903#SignedProperties"

// transformEnveloped takes the signature out of what it covers.
// Source: XML Signature 1.1, section 6.6.4.
const transformEnveloped = spaceSignature + "enveloped-signature"

// Verify checks the signature of an element of the document, nil for its root. It has
// to be the element's only child of that name, and has to refer to the element, by its
// ID or, for the root, by naming nothing. Errors: ErrUnsigned, ErrForm, ErrUntrusted.
func (d *Document) Verify(el *etree.Element, trust Trust) (Signed, error) {
	if el == nil {
		el = d.root
	}
	signature, err := signatureOf(el)
	if err != nil {
		return Signed{}, err
	}
	parts, err := partsOf(signature, trust)
	if err != nil {
		return Signed{}, err
	}
	signer, keys, err := signerOf(parts.keyInfo, trust)
	if err != nil {
		return Signed{}, err
	}
	info, err := d.proven(parts, keys)
	if err != nil {
		return Signed{}, err
	}
	about, properties, err := info.references(trust.Properties)
	if err != nil {
		return Signed{}, err
	}
	if properties != nil {
		target := propertiesOf(parts.object, properties.id)
		if target == nil {
			return Signed{}, fmt.Errorf("%w: it covers something that is not its properties", ErrForm)
		}
		if _, err := d.digested(target, nil, *properties); err != nil {
			return Signed{}, err
		}
	}
	if about.id == "" && el != d.root || about.id != "" && about.id != idOf(el) {
		return Signed{}, fmt.Errorf("%w: it covers another element than its own", ErrForm)
	}
	covered, err := d.digested(el, signature, about)
	if err != nil {
		return Signed{}, err
	}
	anew, err := parse(covered, d.grown())
	if err != nil {
		return Signed{}, err
	}
	return Signed{Element: anew.root, Bytes: covered, Signer: signer}, nil
}

// signatureOf finds the element's own signature.
func signatureOf(el *etree.Element) (*etree.Element, error) {
	switch all := children(el, spaceSignature, "Signature"); len(all) {
	case 0:
		return nil, ErrUnsigned
	case 1:
		return all[0], nil
	}
	return nil, fmt.Errorf("%w: two signatures of one element", ErrForm)
}

// parts are those of a signature, in the only order that we take.
// Source: XML Signature 1.1, section 4.1.
type parts struct {
	info, value, keyInfo *etree.Element
	object               *etree.Element // with XAdES' properties
}

func partsOf(signature *etree.Element, trust Trust) (parts, error) {
	rest := signature.ChildElements()
	next := func(name string) *etree.Element {
		if len(rest) == 0 || !is(rest[0], spaceSignature, name) {
			return nil
		}
		el := rest[0]
		rest = rest[1:]
		return el
	}
	p := parts{info: next("SignedInfo"), value: next("SignatureValue"), keyInfo: next("KeyInfo")}
	if trust.Properties {
		p.object = next("Object")
	}
	if p.info == nil || p.value == nil || len(rest) > 0 {
		return parts{}, fmt.Errorf("%w: other parts than it should have", ErrForm)
	}
	return p, nil
}

// signerOf says which keys may have signed: all, or that of the certificate that the
// message names, if it is one of the caller's.
func signerOf(keyInfo *etree.Element, trust Trust) (*x509.Certificate, []crypto.PublicKey, error) {
	if len(trust.Certificates) == 0 {
		return nil, trust.Keys, nil
	}
	if keyInfo == nil {
		return nil, nil, fmt.Errorf("%w: it names no certificate", ErrForm)
	}
	var named []*etree.Element
	for _, data := range children(keyInfo, spaceSignature, "X509Data") {
		named = append(named, children(data, spaceSignature, "X509Certificate")...)
	}
	if len(named) != 1 {
		return nil, nil, fmt.Errorf("%w: it names %d certificates", ErrForm, len(named))
	}
	der, err := decoded(named[0])
	if err != nil {
		return nil, nil, err
	}
	at := slices.IndexFunc(trust.Certificates, func(c *x509.Certificate) bool { return bytes.Equal(c.Raw, der) })
	if at < 0 {
		return nil, nil, fmt.Errorf("%w: it names a certificate that is not trusted", ErrUntrusted)
	}
	signer := trust.Certificates[at]
	return signer, keysOf([]*x509.Certificate{signer}), nil
}

// proven checks the signature itself, and gives the signed information as its
// canonical bytes say it: what stands in the document could say more.
func (d *Document) proven(p parts, keys []crypto.PublicKey) (information, error) {
	stated := information{p.info}
	how, scheme, hash, err := stated.methods()
	if err != nil {
		return information{}, err
	}
	covered, err := canonical(p.info, how, nil, d.room(), usualInfoBytes)
	if err != nil {
		return information{}, err
	}
	value, err := decoded(p.value)
	if err != nil {
		return information{}, err
	}
	h := hash.New()
	h.Write(covered)
	digest := h.Sum(nil)
	if !slices.ContainsFunc(keys, func(k crypto.PublicKey) bool { return holds(k, scheme, hash, digest, value) }) {
		return information{}, fmt.Errorf("%w: no trusted key made it", ErrUntrusted)
	}
	anew, err := parse(covered, d.grown())
	if err != nil {
		return information{}, err
	}
	return information{anew.root}, nil
}

// usualInfoBytes is what the information of most signatures needs.
const usualInfoBytes = 1 << 10

// digested checks a reference's digest and gives the bytes that it covers.
func (d *Document) digested(el, without *etree.Element, r reference) ([]byte, error) {
	covered, err := canonical(el, r.form, without, d.room(), d.bytes)
	if err != nil {
		return nil, err
	}
	h := r.hash.New()
	h.Write(covered)
	if !bytes.Equal(h.Sum(nil), r.digest) {
		return nil, fmt.Errorf("%w: what it covers was changed", ErrUntrusted)
	}
	return covered, nil
}

// propertiesOf finds the properties that belong to the signature itself.
// Source: ETSI EN 319 132-1, section 4.4.1: an object of the signature holds them.
func propertiesOf(object *etree.Element, id string) *etree.Element {
	if object == nil {
		return nil
	}
	for _, qualifying := range children(object, spaceXAdES, "QualifyingProperties") {
		for _, signed := range children(qualifying, spaceXAdES, "SignedProperties") {
			if id != "" && idOf(signed) == id {
				return signed
			}
		}
	}
	return nil
}

func is(el *etree.Element, space, name string) bool {
	return el.Tag == name && el.NamespaceURI() == space
}

// attribute is the value of an attribute of no namespace; empty without one.
func attribute(el *etree.Element, key string) string {
	for _, a := range el.Attr {
		if a.Space == "" && a.Key == key {
			return a.Value
		}
	}
	return ""
}

// children are those of a name.
func children(el *etree.Element, space, name string) []*etree.Element {
	var found []*etree.Element
	for _, child := range el.ChildElements() {
		if is(child, space, name) {
			found = append(found, child)
		}
	}
	return found
}

// withoutSpace leaves out what XML takes for space, and nothing else.
func withoutSpace(r rune) rune {
	switch r {
	case ' ', '\t', '\r', '\n':
		return -1
	}
	return r
}

// decoded reads an element whose text is base64, and which holds nothing else.
func decoded(el *etree.Element) ([]byte, error) {
	var text strings.Builder
	for _, child := range el.Child {
		data, is := child.(*etree.CharData)
		if !is {
			return nil, fmt.Errorf("%w: more than text where text belongs", ErrForm)
		}
		text.WriteString(data.Data)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.Map(withoutSpace, text.String()))
	if err != nil || len(raw) == 0 {
		return nil, fmt.Errorf("%w: no base64 where it belongs", ErrForm)
	}
	return raw, nil
}
