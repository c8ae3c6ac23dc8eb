package sample

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

// message is a signed message that came by a form: what follows is read of the bytes
// that the signature covers, and of nothing else.
type message struct{ *etree.Element }

// Errors of messages.
var (
	errUnreadable = errors.New("the message is not XML in base64")
	errSignature  = errors.New("the signature does not hold, or is none of Cl@ve's")
)

// verified reads a message of a form that one of the certificates signed.
//
// The library looks at the status of a response before its signature, and goes on with
// the element that it was given instead of the one that was verified; a LogoutRequest it
// does not read at all. So the signature of the whole message is checked here, first.
// The part below also takes SHA-1, with which two messages can have one signature.
func verified(form string, by []*x509.Certificate) (message, error) {
	raw, err := base64.StdEncoding.DecodeString(form)
	if err != nil {
		return message{}, errUnreadable
	}
	document := etree.NewDocument()
	if document.ReadFromBytes(raw) != nil || document.Root() == nil {
		return message{}, errUnreadable
	}
	for _, path := range []string{"//SignatureMethod", "//Reference/DigestMethod"} {
		for _, method := range document.FindElements(path) {
			if strings.HasSuffix(method.SelectAttrValue("Algorithm", ""), "sha1") {
				return message{}, errSignature
			}
		}
	}
	signed, err := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: by}).Validate(document.Root())
	if err != nil {
		return message{}, fmt.Errorf("%w: %w", errSignature, err)
	}
	return message{signed}, nil
}

// bytes are the message, without its signature.
func (m message) bytes() ([]byte, error) {
	document := etree.NewDocument()
	document.SetRoot(m.Copy())
	return document.WriteToBytes()
}

// into reads the message.
func (m message) into(v any) error {
	data, err := m.bytes()
	if err == nil {
		err = xml.Unmarshal(data, v)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return nil
}

// signers are the certificates by which Cl@ve signs now, or will next.
func signers(idp *saml.EntityDescriptor) []*x509.Certificate {
	var all []*x509.Certificate
	for _, role := range idp.IDPSSODescriptors {
		for _, key := range role.KeyDescriptors {
			if key.Use == "encryption" {
				continue
			}
			for _, given := range key.KeyInfo.X509Data.X509Certificates {
				der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(given.Data), ""))
				if err != nil {
					continue // one that nobody can have signed with
				}
				if certificate, err := x509.ParseCertificate(der); err == nil {
					all = append(all, certificate)
				}
			}
		}
	}
	return all
}

// encoded is a message as a form carries it.
func encoded(el *etree.Element) string {
	document := etree.NewDocument()
	document.SetRoot(el)
	data, err := document.WriteToBytes()
	if err != nil {
		panic("sample: " + err.Error()) // it is written to memory
	}
	return base64.StdEncoding.EncodeToString(data)
}
