package main

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // inside OAEP, as metadata without a word about it have it
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"time"

	"clave/identity"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

// samlResponse is what a service reads of a response.
type samlResponse struct {
	Destination  string `xml:",attr"`
	InResponseTo string `xml:",attr"`
	Status       struct {
		StatusCode struct {
			Value string `xml:",attr"`
		}
	}
	Assertion          *samlAssertion
	EncryptedAssertion *struct {
		EncryptedData struct {
			KeyInfo struct {
				EncryptedKey struct{ CipherData cipherData }
			}
			CipherData cipherData
		}
	}
}

type cipherData struct{ CipherValue base64Text }

// samlAssertion is what a service reads of an assertion.
type samlAssertion struct {
	Issuer  string
	Subject struct {
		NameID              string
		SubjectConfirmation struct {
			SubjectConfirmationData struct {
				InResponseTo string    `xml:",attr"`
				Recipient    string    `xml:",attr"`
				NotOnOrAfter time.Time `xml:",attr"`
			}
		}
	}
	Conditions struct {
		AudienceRestriction struct{ Audience string }
	}
	AuthnStatement struct {
		AuthnContext struct{ AuthnContextClassRef string }
	}
	AttributeStatement struct {
		Attribute []struct {
			Name           string `xml:",attr"`
			AttributeValue string
		}
	}
}

// has tells whether an attribute has a value.
func (a *samlAssertion) has(name string) bool {
	for _, one := range a.AttributeStatement.Attribute {
		if one.Name == name {
			return one.AttributeValue != ""
		}
	}
	return false
}

// base64Text is bytes that stand as text.
type base64Text []byte

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *base64Text) UnmarshalText(text []byte) (err error) {
	*b, err = base64.StdEncoding.DecodeString(string(text))
	return err
}

// finish checks an answer as SAML 2.0 Profiles 4.1.4.3 says, and that it was protected
// as the service wants it.
func (p *samlParty) finish(back request, id, state string) error {
	if back.to.String() != p.service.acs() || back.form.Get(saml2.FieldRelayState) != state {
		return errors.New("the answer went elsewhere, or its RelayState is not ours")
	}
	response, err := p.opened(back.form)
	if err != nil {
		return err
	}
	if response.Status.StatusCode.Value != saml2.StatusSuccess {
		return errors.New("the login was refused")
	}
	if response.InResponseTo != id || response.Destination != p.service.acs() {
		return errors.New("the response is for somebody else")
	}
	assertion := response.Assertion
	if p.service.saml.encrypted {
		if assertion != nil {
			return errors.New("the assertion is not encrypted")
		}
		if assertion, err = p.decrypted(response); err != nil {
			return fmt.Errorf("decrypting the assertion: %w", err)
		}
	}
	if assertion == nil {
		return errors.New("the response has no assertion")
	}
	return p.about(assertion, id)
}

// opened proves the response, and reads what was proven.
func (p *samlParty) opened(form url.Values) (*samlResponse, error) {
	text, err := base64.StdEncoding.DecodeString(form.Get(saml2.FieldResponse))
	if err != nil {
		return nil, fmt.Errorf("reading the response: %w", err)
	}
	d, err := xmlsig.Parse(text, saml2.MessageLimits())
	if err != nil {
		return nil, fmt.Errorf("reading the response: %w", err)
	}
	trust := xmlsig.Trust{Keys: []crypto.PublicKey{p.key}}
	signed, err := d.Verify(nil, trust)
	if err != nil {
		return nil, fmt.Errorf("verifying the response: %w", err)
	}
	if p.service.saml.both {
		if _, err := d.Verify(d.Root().SelectElement("Assertion"), trust); err != nil {
			return nil, fmt.Errorf("verifying the assertion: %w", err)
		}
	}
	var response samlResponse
	if err := xml.Unmarshal(signed.Bytes, &response); err != nil {
		return nil, fmt.Errorf("reading the response: %w", err)
	}
	return &response, nil
}

// decrypted reads AES-256-GCM with a key in RSA-OAEP with SHA-1.
func (p *samlParty) decrypted(r *samlResponse) (*samlAssertion, error) {
	if r.EncryptedAssertion == nil {
		return nil, errors.New("there is none")
	}
	data := r.EncryptedAssertion.EncryptedData
	key, err := rsa.DecryptOAEP(sha1.New(), rand.Reader, p.own.Key.(*rsa.PrivateKey), data.KeyInfo.EncryptedKey.CipherData.CipherValue, nil)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nil, data.CipherData.CipherValue, nil)
	if err != nil {
		return nil, err
	}
	var assertion samlAssertion
	return &assertion, xml.Unmarshal(plain, &assertion)
}

// attributeDocument names the attribute that says who the citizen is.
const attributeDocument = "http://eidas.europa.eu/attributes/naturalperson/PersonIdentifier"

// about checks whom the assertion is for and that it says who the citizen is.
func (p *samlParty) about(a *samlAssertion, id string) error {
	confirmed := a.Subject.SubjectConfirmation.SubjectConfirmationData
	switch {
	case a.Issuer != p.idp, confirmed.InResponseTo != id, confirmed.Recipient != p.service.acs(),
		a.Conditions.AudienceRestriction.Audience != p.service.audience():
		return errors.New("the assertion is of or for somebody else")
	case !time.Now().Before(confirmed.NotOnOrAfter):
		return errors.New("the assertion is over")
	case a.Subject.NameID == "" || !a.has(attributeDocument):
		return errors.New("the assertion is about nobody")
	}
	if _, err := identity.ParseLevelURI(a.AuthnStatement.AuthnContext.AuthnContextClassRef); err != nil {
		return fmt.Errorf("reading the assertion: %w", err)
	}
	return nil
}
