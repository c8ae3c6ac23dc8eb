package xmlsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"fmt"

	"github.com/beevik/etree"
)

// Signer signs elements.
type Signer struct {
	Key crypto.Signer
	// Method is an algorithm that fits the key, such as ECDSASHA256.
	Method string
	// Digest is that of what is signed, such as SHA512; empty means SHA256.
	Digest string
	// Certificate is told in the signature; nil for none.
	Certificate *x509.Certificate
	// Properties are XAdES' signed properties, with an Id, which the signature covers
	// too; nil for none.
	Properties *etree.Element
}

// Sign signs an element of its document by its ID, or, when it has none, the document
// whose root it is, and inserts the signature as its child at the index. What stands
// there must be strict enough for Parse, and is not changed afterwards: write it with
// Canonical, because etree by itself writes line ends in attributes as they are, and who
// reads them sees spaces. The canonical form is the exclusive one.
func (s Signer) Sign(el *etree.Element, at int) error {
	scheme, hash, ok := methodOf(s.Method)
	if !ok {
		return fmt.Errorf("signing: unknown method %q", s.Method)
	}
	if s.Digest == "" {
		s.Digest = SHA256
	}
	if _, ok := digestOf(s.Digest); !ok {
		return fmt.Errorf("signing: unknown digest %q", s.Digest)
	}
	signature := newElement("ds:Signature", "xmlns:ds", spaceSignature)
	info := add(signature, "ds:SignedInfo")
	add(info, "ds:CanonicalizationMethod", "Algorithm", Exclusive)
	add(info, "ds:SignatureMethod", "Algorithm", s.Method)
	uri := idOf(el)
	if uri != "" {
		uri = "#" + uri
	}
	covered, err := Canonical(el)
	if err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	s.refer(info, covered, uri, "", transformEnveloped, Exclusive)
	value := add(signature, "ds:SignatureValue")
	if s.Certificate != nil {
		data := add(add(signature, "ds:KeyInfo"), "ds:X509Data")
		add(data, "ds:X509Certificate").SetText(base64.StdEncoding.EncodeToString(s.Certificate.Raw))
	}
	el.InsertChildAt(at, signature)
	if s.Properties != nil {
		qualifying := add(add(signature, "ds:Object"), "xades:QualifyingProperties", "xmlns:xades", spaceXAdES)
		qualifying.AddChild(s.Properties)
		if covered, err = Canonical(s.Properties); err != nil {
			return fmt.Errorf("signing: %w", err)
		}
		s.refer(info, covered, "#"+idOf(s.Properties), typeProperties, Exclusive)
	}
	if covered, err = canonical(info, form{}, nil, 1<<30, usualInfoBytes); err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	h := hash.New()
	h.Write(covered)
	raw, err := s.raw(scheme, hash, h.Sum(nil))
	if err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	value.SetText(base64.StdEncoding.EncodeToString(raw))
	return nil
}

// raw signs a digest, and writes an ECDSA signature as two numbers of fixed length.
// Source: XML Signature 1.1, section 6.4.3.
func (s Signer) raw(scheme scheme, hash crypto.Hash, digest []byte) ([]byte, error) {
	var options crypto.SignerOpts = hash
	if scheme == schemePSS {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	}
	raw, err := s.Key.Sign(rand.Reader, digest, options)
	key, is := s.Key.Public().(*ecdsa.PublicKey)
	if err != nil || !is {
		return raw, err
	}
	var p pair
	if _, err := asn1.Unmarshal(raw, &p); err != nil {
		return nil, err
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	raw = make([]byte, 2*size)
	p.R.FillBytes(raw[:size])
	p.S.FillBytes(raw[size:])
	return raw, nil
}

// Canonical is the exclusive canonical form of an element where it stands.
func Canonical(el *etree.Element) ([]byte, error) {
	return canonical(el, form{}, nil, 1<<30, usualBytes)
}

// refer adds a reference to what is covered.
func (s Signer) refer(info *etree.Element, covered []byte, uri, kind string, transforms ...string) {
	reference := add(info, "ds:Reference", "URI", uri)
	if kind != "" {
		reference.CreateAttr("Type", kind)
	}
	list := add(reference, "ds:Transforms")
	for _, t := range transforms {
		add(list, "ds:Transform", "Algorithm", t)
	}
	add(reference, "ds:DigestMethod", "Algorithm", s.Digest)
	hash, _ := digestOf(s.Digest) // Sign has asked
	h := hash.New()
	h.Write(covered)
	add(reference, "ds:DigestValue").SetText(base64.StdEncoding.EncodeToString(h.Sum(nil)))
}

func newElement(name string, attributes ...string) *etree.Element {
	el := etree.NewElement(name)
	for i := 0; i < len(attributes); i += 2 {
		el.CreateAttr(attributes[i], attributes[i+1])
	}
	return el
}

func add(parent *etree.Element, name string, attributes ...string) *etree.Element {
	el := newElement(name, attributes...)
	parent.AddChild(el)
	return el
}
