package saml2

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // inside OAEP, where collisions do not matter
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"hash"
	"slices"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// Ciphers for data. Source: XML Encryption 1.1, sections 5.2.2 and 5.2.4.
const (
	AES128GCM = "http://www.w3.org/2009/xmlenc11#aes128-gcm"
	AES256GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
	AES128CBC = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
	AES256CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
)

// Ways to carry the key of data. Source: XML Encryption 1.1, section 5.5.2.
const (
	// OAEPMGF1P has SHA-1 inside, which is safe there, and is what deployed services read.
	OAEPMGF1P = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
	// OAEP has SHA-256, for itself and for MGF1.
	OAEP = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
)

const (
	// rsa15 tells who can ask often enough what was encrypted, and is never used.
	rsa15          = "http://www.w3.org/2001/04/xmlenc#rsa-1_5"
	digestSHA1     = "http://www.w3.org/2000/09/xmldsig#sha1"
	mgf1SHA256     = "http://www.w3.org/2009/xmlenc11#mgf1sha256"
	typeElement    = "http://www.w3.org/2001/04/xmlenc#Element"
	keyBytesOf128  = 16
	keyBytesOf256  = 32
	prefixXMLEnc   = "xenc"
	prefixXMLEnc11 = "xenc11"
)

// EncryptionMethod is one that a service says it reads: a cipher, or a way to carry keys
// with its digest and mask. Source: SAML 2.0 Metadata, section 2.4.1.1.
type EncryptionMethod struct{ Algorithm, Digest, MGF string }

// Encryption is how an assertion is encrypted, and for whom.
type Encryption struct {
	// Certificate has the RSA key of who may read, and is told so that they find it.
	Certificate *x509.Certificate
	// Cipher is such as AES256GCM, which is meant by empty too. CBC can be read by who
	// can ask the service often enough: only for those whose registration wants it.
	Cipher string
	// Transport is OAEPMGF1P, also when it is empty, or OAEP.
	Transport string
}

// EncryptionFor chooses among what a service says it reads, in its metadata; who says
// nothing gets what deployed services read. CBC is never chosen. Error: ErrUnsupported.
func EncryptionFor(certificate *x509.Certificate, methods []EncryptionMethod) (Encryption, error) {
	e := Encryption{Certificate: certificate, Cipher: AES256GCM, Transport: OAEPMGF1P}
	var ciphers, transports []string
	old := false
	for _, m := range methods {
		switch m.Algorithm {
		case rsa15:
			old = true
		case OAEPMGF1P:
			if m.Digest == "" || m.Digest == digestSHA1 {
				transports = append(transports, m.Algorithm)
			}
		case OAEP:
			if m.Digest == xmlsig.SHA256 && m.MGF == mgf1SHA256 {
				transports = append(transports, m.Algorithm)
			}
		case AES256GCM, AES128GCM, AES256CBC, AES128CBC:
			ciphers = append(ciphers, m.Algorithm)
		}
	}
	switch {
	case len(ciphers) == 0, slices.Contains(ciphers, AES256GCM):
	case slices.Contains(ciphers, AES128GCM):
		e.Cipher = AES128GCM
	default:
		return Encryption{}, unsupported("the service reads no AES-GCM; its registration can ask for AES-CBC")
	}
	switch {
	case slices.Contains(transports, OAEP):
		e.Transport = OAEP
	case old && len(transports) == 0:
		return Encryption{}, unsupported("the service reads keys in RSA 1.5 alone, which is not safe")
	}
	return e, e.check()
}

// check refuses what cannot be done, before anybody waits for it.
func (e Encryption) check() error {
	if e.Certificate == nil {
		return unsupported("no certificate to encrypt for")
	}
	key, is := e.Certificate.PublicKey.(*rsa.PublicKey)
	if !is {
		return unsupported("the certificate to encrypt for has no RSA key")
	}
	if err := xmlsig.Usable(key); err != nil {
		return unsupported("the certificate to encrypt for: its key %s", err)
	}
	switch e.Cipher {
	case "", AES256GCM, AES128GCM, AES256CBC, AES128CBC:
	default:
		return unsupported("an unknown cipher")
	}
	switch e.Transport {
	case "", OAEPMGF1P, OAEP:
	default:
		return unsupported("an unknown way to carry the key")
	}
	return nil
}

// seal puts an assertion into an EncryptedAssertion.
// Source: SAML 2.0 Core, section 2.3.4; XML Encryption 1.1, sections 3 and 4.3.
func (e Encryption) seal(assertion *etree.Element, n Prefixes) (*etree.Element, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	if e.Cipher == "" {
		e.Cipher = AES256GCM
	}
	plain, err := xmlsig.Canonical(assertion)
	if err != nil {
		return nil, err
	}
	if err := readable(plain); err != nil {
		return nil, fmt.Errorf("writing Assertion: %w", err)
	}
	size := keyBytesOf256
	if e.Cipher == AES128GCM || e.Cipher == AES128CBC {
		size = keyBytesOf128
	}
	key := make([]byte, size)
	rand.Read(key)
	sealed, err := encrypted(e.Cipher, key, plain)
	if err != nil {
		return nil, err
	}
	carried, err := e.carried(key)
	if err != nil {
		return nil, err
	}
	el := etree.NewElement(n.assertion("EncryptedAssertion"))
	el.CreateAttr("xmlns:"+n.filled().Assertion, spaceAssertion)
	data := el.CreateElement(prefixXMLEnc + ":EncryptedData")
	data.CreateAttr("xmlns:"+prefixXMLEnc, spaceEncryption)
	data.CreateAttr("Type", typeElement)
	data.CreateElement(prefixXMLEnc+":EncryptionMethod").CreateAttr("Algorithm", e.Cipher)
	info := data.CreateElement("ds:KeyInfo")
	info.CreateAttr("xmlns:ds", spaceSignature)
	info.AddChild(carried)
	addCipherValue(data, sealed)
	return el, nil
}

// carried is the key, readable for the certificate's owner alone.
func (e Encryption) carried(key []byte) (*etree.Element, error) {
	el := etree.NewElement(prefixXMLEnc + ":EncryptedKey")
	method := el.CreateElement(prefixXMLEnc + ":EncryptionMethod")
	digest := method.CreateElement("ds:DigestMethod")
	var h hash.Hash
	if e.Transport == OAEP {
		method.CreateAttr("Algorithm", OAEP)
		digest.CreateAttr("Algorithm", xmlsig.SHA256)
		mgf := method.CreateElement(prefixXMLEnc11 + ":MGF")
		mgf.CreateAttr("xmlns:"+prefixXMLEnc11, spaceEncryption11)
		mgf.CreateAttr("Algorithm", mgf1SHA256)
		h = sha256.New()
	} else {
		method.CreateAttr("Algorithm", OAEPMGF1P)
		digest.CreateAttr("Algorithm", digestSHA1)
		h = sha1.New()
	}
	sealed, err := rsa.EncryptOAEP(h, rand.Reader, e.Certificate.PublicKey.(*rsa.PublicKey), key, nil)
	if err != nil {
		return nil, fmt.Errorf("encrypting a key: %w", err)
	}
	info := el.CreateElement("ds:KeyInfo").CreateElement("ds:X509Data")
	info.CreateElement("ds:X509Certificate").SetText(base64.StdEncoding.EncodeToString(e.Certificate.Raw))
	addCipherValue(el, sealed)
	return el, nil
}

func addCipherValue(el *etree.Element, sealed []byte) {
	el.CreateElement(prefixXMLEnc + ":CipherData").CreateElement(prefixXMLEnc + ":CipherValue").
		SetText(base64.StdEncoding.EncodeToString(sealed))
}

// encrypted is what stands before the text, and the text encrypted.
func encrypted(algorithm string, key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	switch algorithm {
	case AES128CBC, AES256CBC:
		// The last byte says how many are added. Source: XML Encryption 1.1, section 5.2.
		add := aes.BlockSize - len(plain)%aes.BlockSize
		padded := append(bytes.Clone(plain), make([]byte, add)...)
		rand.Read(padded[len(plain) : len(padded)-1])
		padded[len(padded)-1] = byte(add)
		out := make([]byte, aes.BlockSize+len(padded))
		rand.Read(out[:aes.BlockSize])
		cipher.NewCBCEncrypter(block, out[:aes.BlockSize]).CryptBlocks(out[aes.BlockSize:], padded)
		return out, nil
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return gcm.Seal(nil, nil, plain, nil), nil
}
