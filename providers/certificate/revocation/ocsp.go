package revocation

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"clave/internal/oid"
)

// answer is what a responder said.
type answer struct{ revoked bool }

// byAnswer asks the responders that the certificate names, and after them those that
// the installation knows, until one gives an answer that counts.
func (c *Checker) byAnswer(ctx context.Context, certificate, issuer *x509.Certificate) (bool, error) {
	addresses := web(certificate.OCSPServer)
	for _, f := range c.fallback {
		if slices.Contains(issuer.Subject.Organization, f.Organisation) {
			addresses = append(addresses, f.Address)
		}
	}
	if len(addresses) == 0 {
		return false, errors.New("no responder is known")
	}
	key := string(issuer.RawSubjectPublicKeyInfo) + "\n" + certificate.SerialNumber.String()
	a, err := c.answers.get(ctx, key, func(ctx context.Context) (answer, time.Time, error) {
		var problems error
		for _, address := range addresses {
			a, until, err := c.ask(ctx, address, certificate, issuer)
			if err == nil {
				return a, until, nil
			}
			problems = errors.Join(problems, fmt.Errorf("asking %s: %w", address, err))
		}
		return answer{}, time.Time{}, problems
	})
	return a.revoked, err
}

// ask asks one responder.
func (c *Checker) ask(ctx context.Context, address string, certificate, issuer *x509.Certificate) (answer, time.Time, error) {
	id, err := identify(certificate, issuer)
	if err != nil {
		return answer{}, time.Time{}, err
	}
	nonce := make([]byte, nonceBytes)
	_, _ = rand.Read(nonce) // never fails
	question, err := encodeQuestion(id, nonce)
	if err != nil {
		return answer{}, time.Time{}, err
	}
	body, err := c.post(ctx, address, question)
	if err != nil {
		return answer{}, time.Time{}, err
	}
	now := c.now()
	said, err := ocsp.ParseResponseForCert(body, certificate, issuer)
	if err != nil {
		return answer{}, time.Time{}, fmt.Errorf("reading the answer: %w", err)
	}
	if err := about(said, id, nonce); err != nil {
		return answer{}, time.Time{}, err
	}
	if err := c.authorised(ctx, said, issuer, now); err != nil {
		return answer{}, time.Time{}, err
	}
	end := said.NextUpdate
	if end.IsZero() {
		end = said.ThisUpdate.Add(undatedLasts)
	}
	if said.ThisUpdate.After(now.Add(Skew)) || !now.Add(-Skew).Before(end) {
		return answer{}, time.Time{}, errors.New("the answer is stale, or from the future")
	}
	switch said.Status {
	case ocsp.Good, ocsp.Revoked:
		return answer{said.Status == ocsp.Revoked}, earlier(now.Add(keepAnswer), end.Add(Skew)), nil
	}
	return answer{}, time.Time{}, errors.New("the responder does not know the certificate")
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// authorised tells whether the responder may answer for the issuer: it is the issuer
// itself, or the issuer certified it for that, which the library's signature checks
// leave open. Source: RFC 6960, section 4.2.2.2.
func (c *Checker) authorised(ctx context.Context, said *ocsp.Response, issuer *x509.Certificate, now time.Time) error {
	r := said.Certificate
	switch {
	case r == nil || bytes.Equal(r.Raw, issuer.Raw):
		return nil // ParseResponseForCert checked the issuer's own signature
	case !bytes.Equal(r.RawIssuer, issuer.RawSubject) || !slices.Contains(r.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return errors.New("the issuer has not authorised who signed the answer")
	case now.After(r.NotAfter.Add(Skew)) || now.Before(r.NotBefore.Add(-Skew)):
		return errors.New("the certificate of who signed the answer is not in force")
	case hasExtension(r, oid.NoCheck):
		return nil
	}
	// Without that mark the responder may have been revoked itself. Only its issuer's
	// list is asked: another responder would lead in circles.
	if revoked, err := c.byList(ctx, r, issuer); revoked || err != nil {
		return fmt.Errorf("the responder may have been revoked: %w", errors.Join(err, ErrUnknown))
	}
	return nil
}

func hasExtension(c *x509.Certificate, id asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(id) })
}

// nonceBytes is how long our nonces are. Source: RFC 9654, section 2.1, says 32.
const nonceBytes = 32

// certID names a certificate in questions and answers. SHA-1 is what every responder
// understands (RFC 5019, section 2.1.1); it identifies and protects nothing.
type certID struct {
	Hash          pkix.AlgorithmIdentifier
	NameHash, Key []byte
	Serial        *big.Int
}

func identify(certificate, issuer *x509.Certificate) (certID, error) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(issuer.RawSubjectPublicKeyInfo, &info); err != nil {
		return certID{}, fmt.Errorf("reading the issuer's key: %w", err)
	}
	name, key := sha1.Sum(issuer.RawSubject), sha1.Sum(info.Key.RightAlign())
	return certID{
		pkix.AlgorithmIdentifier{Algorithm: oid.SHA1, Parameters: asn1.NullRawValue}, name[:], key[:], certificate.SerialNumber,
	}, nil
}

// encodeQuestion encodes a question with a nonce, which the library cannot.
// Source: RFC 6960, section 4.1.1; RFC 9654, section 2.1.
func encodeQuestion(id certID, nonce []byte) ([]byte, error) {
	value, err := asn1.Marshal(nonce)
	if err != nil {
		return nil, err
	}
	type single struct{ ID certID }
	type questions struct {
		List       []single
		Extensions []pkix.Extension `asn1:"explicit,tag:2"`
	}
	return asn1.Marshal(struct{ TBS questions }{questions{[]single{{id}}, []pkix.Extension{{Id: oid.Nonce, Value: value}}}})
}

// about tells whether the answer is to our question: about this certificate of this
// issuer (the library compares the serial number alone, which another authority may
// have given as well), and with our nonce when it has one.
func about(said *ocsp.Response, id certID, nonce []byte) error {
	var data struct {
		Version    int `asn1:"optional,default:0,explicit,tag:0"`
		Responder  asn1.RawValue
		ProducedAt time.Time `asn1:"generalized"`
		Responses  []struct {
			ID     certID
			Status asn1.RawValue
		}
		Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
	}
	if rest, err := asn1.Unmarshal(said.TBSResponseData, &data); err != nil || len(rest) > 0 {
		return errors.New("the answer cannot be read")
	}
	if len(data.Responses) != 1 {
		return errors.New("the answer is not about one certificate")
	}
	got := data.Responses[0].ID
	if !got.Hash.Algorithm.Equal(oid.SHA1) || !bytes.Equal(got.NameHash, id.NameHash) || !bytes.Equal(got.Key, id.Key) || got.Serial.Cmp(id.Serial) != 0 {
		return errors.New("the answer is about another certificate")
	}
	for _, e := range data.Extensions {
		if !e.Id.Equal(oid.Nonce) {
			continue
		}
		var theirs []byte
		if _, err := asn1.Unmarshal(e.Value, &theirs); err != nil || subtle.ConstantTimeCompare(theirs, nonce) != 1 {
			return errors.New("the answer was made for another question")
		}
	}
	return nil
}
