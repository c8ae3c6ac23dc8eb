package main

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // inside OAEP, as metadata without a word about it have it
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/beevik/etree"

	"clave/identity"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

// finish checks an answer as SAML 2.0 Profiles 4.1.4.3 says, and that it was protected
// as the service wants it.
func (p *samlParty) finish(back request, id, state string) error {
	if back.to.String() != p.service.acs() || back.form.Get(saml2.FieldRelayState) != state {
		return errors.New("the answer went elsewhere, or its RelayState is not ours")
	}
	root, err := p.opened(back.form)
	if err != nil {
		return err
	}
	if at := root.FindElement("./Status/StatusCode"); at == nil || at.SelectAttrValue("Value", "") != saml2.StatusSuccess {
		return errors.New("the login was refused")
	}
	if root.SelectAttrValue("InResponseTo", "") != id || root.SelectAttrValue("Destination", "") != p.service.acs() {
		return errors.New("the response is for somebody else")
	}
	assertion := root.SelectElement("Assertion")
	if p.service.saml.encrypted {
		if assertion != nil {
			return errors.New("the assertion is not encrypted")
		}
		if assertion, err = p.decrypted(root.SelectElement("EncryptedAssertion")); err != nil {
			return fmt.Errorf("decrypting the assertion: %w", err)
		}
	}
	if assertion == nil {
		return errors.New("the response has no assertion")
	}
	return p.about(assertion, id)
}

// opened reads the response and proves it.
func (p *samlParty) opened(form url.Values) (*etree.Element, error) {
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
	return signed.Element, nil
}

// decrypted reads AES-256-GCM with a key in RSA-OAEP with SHA-1.
func (p *samlParty) decrypted(el *etree.Element) (*etree.Element, error) {
	if el == nil {
		return nil, errors.New("there is none")
	}
	value := func(path string) ([]byte, error) {
		at := el.FindElement(path)
		if at == nil {
			return nil, errors.New("a part is missing")
		}
		return base64.StdEncoding.DecodeString(at.Text())
	}
	sealedKey, err := value("./EncryptedData/KeyInfo/EncryptedKey/CipherData/CipherValue")
	if err != nil {
		return nil, err
	}
	sealed, err := value("./EncryptedData/CipherData/CipherValue")
	if err != nil {
		return nil, err
	}
	key, err := rsa.DecryptOAEP(sha1.New(), rand.Reader, p.own.Key.(*rsa.PrivateKey), sealedKey, nil)
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
	plain, err := gcm.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, err
	}
	d, err := xmlsig.Parse(plain, saml2.MessageLimits())
	if err != nil {
		return nil, err
	}
	return d.Root(), nil
}

// about checks whom the assertion is for and that it says who the citizen is.
func (p *samlParty) about(assertion *etree.Element, id string) error {
	text := func(path string) string {
		if at := assertion.FindElement(path); at != nil {
			return at.Text()
		}
		return ""
	}
	confirmed := assertion.FindElement("./Subject/SubjectConfirmation/SubjectConfirmationData")
	if confirmed == nil || confirmed.SelectAttrValue("InResponseTo", "") != id || confirmed.SelectAttrValue("Recipient", "") != p.service.acs() ||
		text("./Issuer") != p.idp || text("./Conditions/AudienceRestriction/Audience") != p.service.entity() {
		return errors.New("the assertion is of or for somebody else")
	}
	if until, err := time.Parse(time.RFC3339, confirmed.SelectAttrValue("NotOnOrAfter", "")); err != nil || !time.Now().Before(until) {
		return errors.New("the assertion has no time, or is over")
	}
	if _, err := identity.ParseLevelURI(text("./AuthnStatement/AuthnContext/AuthnContextClassRef")); err != nil {
		return fmt.Errorf("reading the assertion: %w", err)
	}
	const document = `./AttributeStatement/Attribute[@Name="http://eidas.europa.eu/attributes/naturalperson/PersonIdentifier"]/AttributeValue`
	if text("./Subject/NameID") == "" || text(document) == "" {
		return errors.New("the assertion is about nobody")
	}
	return nil
}
