package authority

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/ocsp"

	"clave/internal/oid"
)

// Answer is how a responder answers. The zero value answers as it should; the
// rest is for tests of who reads the answers.
type Answer struct {
	// At is when the answer is made; Lasts is how long it may be used, an hour when
	// it is zero.
	At    time.Time
	Lasts time.Duration
	// Undated leaves out until when the answer may be used.
	Undated bool
	// Nonce replaces the one that was asked with; NoNonce leaves it out.
	Nonce   []byte
	NoNonce bool
	// By is the certificate that goes with the answer and Key what signs it: another
	// responder than the right one.
	By  *x509.Certificate
	Key crypto.Signer
	// Revoked says which serial numbers are; Unknown which the responder does not
	// know. nil is none.
	Revoked, Unknown func(*big.Int) bool
	// OtherIssuer answers for the same serial number of another authority.
	OtherIssuer bool
}

// The parts of an answer. Source: RFC 6960, section 4.2.1.
type (
	certID struct {
		Hash          pkix.AlgorithmIdentifier
		NameHash, Key []byte
		Serial        *big.Int
	}
	single struct {
		ID         certID
		Good       asn1.Flag   `asn1:"tag:0,optional"`
		Revoked    revokedInfo `asn1:"tag:1,optional"`
		Unknown    asn1.Flag   `asn1:"tag:2,optional"`
		ThisUpdate time.Time   `asn1:"generalized"`
		NextUpdate time.Time   `asn1:"generalized,explicit,tag:0,optional"`
	}
	revokedInfo struct {
		At time.Time `asn1:"generalized"`
	}
	answerData struct {
		Responder  asn1.RawValue
		ProducedAt time.Time `asn1:"generalized"`
		Responses  []single
		Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
	}
	basicAnswer struct {
		Data         asn1.RawValue
		Algorithm    pkix.AlgorithmIdentifier
		Signature    asn1.BitString
		Certificates []asn1.RawValue `asn1:"explicit,tag:0,optional"`
	}
	wholeAnswer struct {
		Status asn1.Enumerated
		Answer answerBytes `asn1:"explicit,tag:0"`
	}
	answerBytes struct {
		Kind asn1.ObjectIdentifier
		DER  []byte
	}
	question struct {
		TBS struct {
			Version    int           `asn1:"explicit,tag:0,default:0,optional"`
			Requestor  asn1.RawValue `asn1:"explicit,tag:1,optional"`
			List       []asn1.RawValue
			Extensions []pkix.Extension `asn1:"explicit,tag:2,optional"`
		}
	}
)

var (
	oidBasicAnswer = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	oidSHA256ECDSA = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidSHA256RSA   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
)

// Respond answers a question about a certificate of Issuer, or about Issuer itself,
// for which the root answers. Source: RFC 6960.
func (c *CA) Respond(request []byte, a Answer) ([]byte, error) {
	asked, err := ocsp.ParseRequest(request)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse, nil
	}
	var q question
	if _, err := asn1.Unmarshal(request, &q); err != nil {
		return ocsp.MalformedRequestErrorResponse, nil
	}
	issuer, by, key := c.Issuer, c.responderCert, c.responder
	if hash, _ := issuerHashes(c.Root); bytes.Equal(asked.IssuerNameHash, hash) {
		issuer, by, key = c.Root, nil, c.root
	}
	if a.Key != nil {
		by, key = a.By, a.Key
	}
	if a.OtherIssuer {
		issuer = c.responderCert
	}
	nameHash, keyHash := issuerHashes(issuer)
	if !a.OtherIssuer && (!bytes.Equal(asked.IssuerNameHash, nameHash) || !bytes.Equal(asked.IssuerKeyHash, keyHash)) {
		return ocsp.UnauthorizedErrorResponse, nil
	}
	status := single{
		ID:         certID{pkix.AlgorithmIdentifier{Algorithm: oid.SHA1, Parameters: asn1.NullRawValue}, nameHash, keyHash, asked.SerialNumber},
		ThisUpdate: a.At.UTC().Truncate(time.Second),
	}
	switch {
	case a.Revoked != nil && a.Revoked(asked.SerialNumber):
		status.Revoked.At = status.ThisUpdate.Add(-time.Hour)
	case a.Unknown != nil && a.Unknown(asked.SerialNumber):
		status.Unknown = true
	default:
		status.Good = true
	}
	if !a.Undated {
		status.NextUpdate = status.ThisUpdate.Add(max(a.Lasts, 0))
		if a.Lasts == 0 {
			status.NextUpdate = status.ThisUpdate.Add(time.Hour)
		}
	}
	data := answerData{ProducedAt: status.ThisUpdate, Responses: []single{status}, Extensions: nonce(q.TBS.Extensions, a)}
	if data.Responder, err = responderID(key); err != nil {
		return nil, err
	}
	return pack(data, by, key)
}

func nonce(asked []pkix.Extension, a Answer) []pkix.Extension {
	if a.Nonce != nil {
		return []pkix.Extension{{Id: oid.Nonce, Value: mustMarshal(a.Nonce)}}
	}
	for _, e := range asked {
		if e.Id.Equal(oid.Nonce) && !a.NoNonce {
			return []pkix.Extension{e}
		}
	}
	return nil
}

// responderID names the responder by its key: [2] EXPLICIT OCTET STRING.
func responderID(key crypto.Signer) (asn1.RawValue, error) {
	point, err := publicBits(key.Public())
	if err != nil {
		return asn1.RawValue{}, err
	}
	sum := sha1.Sum(point)
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, IsCompound: true, Bytes: mustMarshal(sum[:])}, nil
}

// pack signs an answer.
func pack(data answerData, by *x509.Certificate, key crypto.Signer) ([]byte, error) {
	tbs := mustMarshal(data)
	digest := sha256.Sum256(tbs)
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("signing an answer: %w", err)
	}
	algorithm := pkix.AlgorithmIdentifier{Algorithm: oidSHA256ECDSA}
	if _, is := key.(*rsa.PrivateKey); is {
		algorithm = pkix.AlgorithmIdentifier{Algorithm: oidSHA256RSA, Parameters: asn1.NullRawValue}
	}
	basic := basicAnswer{
		Data: asn1.RawValue{FullBytes: tbs}, Algorithm: algorithm,
		Signature: asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)},
	}
	if by != nil {
		basic.Certificates = []asn1.RawValue{{FullBytes: by.Raw}}
	}
	return mustMarshal(wholeAnswer{Answer: answerBytes{oidBasicAnswer, mustMarshal(basic)}}), nil
}

// issuerHashes name an authority in a question. SHA-1 is what RFC 5019 asks for;
// it identifies and protects nothing.
func issuerHashes(issuer *x509.Certificate) (nameHash, keyHash []byte) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(issuer.RawSubjectPublicKeyInfo, &info); err != nil {
		panic("authority: " + err.Error()) // it was parsed before
	}
	n, k := sha1.Sum(issuer.RawSubject), sha1.Sum(info.Key.RightAlign())
	return n[:], k[:]
}

func publicBits(key crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding a responder's key: %w", err)
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 {
		return nil, errors.New("a responder's key cannot be read")
	}
	return info.Key.RightAlign(), nil
}
