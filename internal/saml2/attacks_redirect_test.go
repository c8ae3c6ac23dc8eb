package saml2_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

func TestAttacksOnRedirect(t *testing.T) {
	t.Parallel()
	s := signer(t, "service_rsa")
	good := redirect(t, request, "state", s)
	a := newAttacker(t)
	part := func(name string) string {
		return regexp.MustCompile(`(^|&)` + name + `=[^&]*`).FindString("&" + good)[1:]
	}
	message, state, algorithm, signature := part("SAMLRequest"), part("RelayState"), part("SigAlg"), part("Signature")
	evil := part("SAMLRequest")[:12] + url.QueryEscape(packed(t, a.evil))
	join := func(parts ...string) string { return strings.Join(parts, "&") }
	said := func(method string) string { return "SigAlg=" + url.QueryEscape(method) }
	bomb := func(size int) string {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		for range size {
			if _, err := w.Write(make([]byte, 1024)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return "SAMLRequest=" + url.QueryEscape(base64.StdEncoding.EncodeToString(b.Bytes()))
	}
	behind := func() string {
		raw, err := base64.StdEncoding.DecodeString(packed(t, request))
		if err != nil {
			t.Fatal(err)
		}
		return "SAMLRequest=" + url.QueryEscape(base64.StdEncoding.EncodeToString(append(raw, "more"...)))
	}()
	// The signature that a service with SHA-1 would have made.
	old := sha1.Sum([]byte(join(message, state, said("http://www.w3.org/2000/09/xmldsig#rsa-sha1"))))
	weak, err := rsa.SignPKCS1v15(rand.Reader, s.Key.(*rsa.PrivateKey), crypto.SHA1, old[:])
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, s.Certificate.RawSubjectPublicKeyInfo)
	mac.Write([]byte(join(message, state, said("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"))))
	b64 := func(b []byte) string { return "Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(b)) }
	tests := []struct {
		name, query string
		want        error
	}{
		{"as it was signed", join(message, state, algorithm, signature), nil},
		{"in another order, which does not count", join(signature, algorithm, state, message), nil},
		{"with a parameter of somebody else", join("lang=es", message, state, algorithm, signature), nil},
		{"no signature", join(message, state), saml2.ErrUnsigned},
		{"an algorithm without a signature", join(message, state, algorithm), saml2.ErrSignature},
		{"a signature without an algorithm", join(message, state, signature), saml2.ErrSignature},
		{"an empty signature", join(message, state, algorithm, "Signature="), saml2.ErrSignature},
		{"a signature that is no base64", join(message, state, algorithm, "Signature=!"), saml2.ErrSignature},
		{"another message", join(evil, state, algorithm, signature), saml2.ErrSignature},
		{"another state", join(message, "RelayState=other", algorithm, signature), saml2.ErrSignature},
		{"no state", join(message, algorithm, signature), saml2.ErrSignature},
		{"an empty state", join(message, "RelayState=", algorithm, signature), saml2.ErrSignature},
		{"another algorithm", join(message, state, said(xmlsig.RSASHA512), signature), saml2.ErrSignature},
		{"ECDSA said of RSA", join(message, state, said(xmlsig.ECDSASHA256), signature), saml2.ErrSignature},
		{"RSA-PSS said of RSA", join(message, state, said(xmlsig.PSSSHA256), signature), saml2.ErrSignature},
		{"SHA-1", join(message, state, said("http://www.w3.org/2000/09/xmldsig#rsa-sha1"), b64(weak)), saml2.ErrSignature},
		{"HMAC with the public key for a secret", join(message, state, said("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), b64(mac.Sum(nil))), saml2.ErrSignature},
		{"the attacker's key", redirect(t, a.evil, "state", a.own), saml2.ErrSignature},
		{"the same state in other octets", join(message, "RelayState=%73tate", algorithm, signature), saml2.ErrSignature},
		{"the same message in other octets", join(lowerEscapes(message), state, algorithm, signature), saml2.ErrSignature},
		{"the same algorithm in other octets", join(message, state, lowerEscapes(algorithm), signature), saml2.ErrSignature},
		{"signed inside instead", join("SAMLRequest="+url.QueryEscape(packed(t, a.signed)), state), saml2.ErrSignature},
		{"signed inside as well", redirect(t, a.signed, "state", s), saml2.ErrSignature},
		{"the message twice", join(message, message, state, algorithm, signature), saml2.ErrMalformed},
		{"another message before", join(evil, message, state, algorithm, signature), saml2.ErrMalformed},
		{"another message behind", join(message, state, algorithm, signature, evil), saml2.ErrMalformed},
		{"another message under a disguised name", join(message, state, algorithm, signature, strings.Replace(evil, "SAML", "S%41ML", 1)), saml2.ErrMalformed},
		{"a response beside", join(message, state, algorithm, signature, strings.Replace(evil, "Request", "Response", 1)), saml2.ErrMalformed},
		{"the state twice", join(message, state, algorithm, signature, "RelayState=other"), saml2.ErrMalformed},
		{"the algorithm twice", join(message, state, algorithm, algorithm, signature), saml2.ErrMalformed},
		{"the signature twice", join(message, state, algorithm, signature, signature), saml2.ErrMalformed},
		{"another encoding", join(message, state, algorithm, signature, "SAMLEncoding=urn%3Ax"), saml2.ErrMalformed},
		{"the encoding that there is", join(message, state, algorithm, signature, "SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE"), nil},
		{"escapes that are none", join(message+"%", state, algorithm, signature), saml2.ErrMalformed},
		{"no message", state, saml2.ErrMalformed},
		{"nothing", "", saml2.ErrMalformed},
		{"an empty message", "SAMLRequest=", saml2.ErrMalformed},
		{"a message that is not packed", "SAMLRequest=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(request))), saml2.ErrMalformed},
		{"something behind what is packed", behind, saml2.ErrMalformed},
		{"a bomb", bomb(20 << 10), saml2.ErrMalformed},
		{"a small bomb", bomb(65), saml2.ErrMalformed},
		{"half a message", message[:len(message)/2], saml2.ErrMalformed},
		{"a query that is too long", strings.Repeat("a", 1<<20), saml2.ErrMalformed},
		{"a state that is too long", join(message, "RelayState="+strings.Repeat("a", 2049)), saml2.ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := readRedirect(test.query, terms(t))
			if !errors.Is(err, test.want) || (got == nil) != (test.want != nil) {
				t.Errorf("got %+v, %v; want %v", got, err, test.want)
			}
		})
	}
}

// lowerEscapes writes the same value in other octets.
func lowerEscapes(s string) string {
	return regexp.MustCompile(`%[0-9A-F]{2}`).ReplaceAllStringFunc(s, strings.ToLower)
}
