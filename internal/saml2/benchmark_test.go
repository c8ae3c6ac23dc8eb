package saml2_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"testing"

	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

// measure runs something that does not fail.
func measure(b *testing.B, name string, do func() error) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := do(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// What requests cost that services signed by RSA of 2048 bits, and what is refused of
// strangers.
func BenchmarkRead(b *testing.B) {
	s, on := signer(b, "service_rsa"), terms(b)
	for name, text := range map[string]string{"usual": request, "full": full} {
		form, query := post(signedText(b, text, s)), redirect(b, text, "state", s)
		measure(b, "HTTP-POST "+name, func() error {
			_, err := readPost(form, on)
			return err
		})
		measure(b, "HTTP-Redirect "+name, func() error {
			_, err := readRedirect(query, on)
			return err
		})
	}
	stranger := post(signedText(b, request, signer(b, "idp_rsa")))
	measure(b, "HTTP-POST of a stranger", func() error {
		if _, err := readPost(stranger, on); err == nil {
			b.Fatal("it is taken")
		}
		return nil
	})
	var spaces strings.Builder
	for i := range 50 {
		fmt.Fprintf(&spaces, " xmlns:n%d='urn:%d'", i, i)
	}
	many := post(strings.Replace(request, "</samlp:AuthnRequest>", "<a"+spaces.String()+">"+strings.Repeat("<a/>", 550)+"</a></samlp:AuthnRequest>", 1))
	measure(b, "HTTP-POST with many namespaces", func() error {
		if _, err := readPost(many, on); err == nil {
			b.Fatal("it is taken")
		}
		return nil
	})
	large := post(signedText(b, strings.Replace(request, "</samlp:AuthnRequest>", "<a/>"+strings.Repeat("<a b='c'/>", 550)+"</samlp:AuthnRequest>", 1), signer(b, "idp_rsa")))
	measure(b, "HTTP-POST as large as may be", func() error {
		if _, err := readPost(large, on); err == nil {
			b.Fatal("it is taken")
		}
		return nil
	})
}

// What answers cost by each kind of key, and by an elliptic curve, which leaves the rest
// to be seen, in each form.
func BenchmarkWrite(b *testing.B) {
	long := *signer(b, "idp_rsa")
	key, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		b.Fatal(err)
	}
	long.Key = key
	curve := signer(b, "idp_ec")
	for name, s := range map[string]*xmlsig.Signer{"RSA-2048": signer(b, "idp_rsa"), "RSA-3072": &long, "ECDSA P-256": curve} {
		measure(b, "response by "+name, func() error {
			_, err := answer().Write(saml2.Prefixes{}, saml2.Protection{Message: s})
			return err
		})
	}
	to := certificate(b, "service_rsa")
	for name, by := range map[string]saml2.Protection{
		"not signed":                      {},
		"signed twice":                    {Message: curve, Assertion: curve},
		"encrypted, OAEP with SHA-1":      {Message: curve, Encryption: &saml2.Encryption{Certificate: to}},
		"encrypted, OAEP with SHA-256":    {Message: curve, Encryption: &saml2.Encryption{Certificate: to, Transport: saml2.OAEP}},
		"encrypted by AES-CBC":            {Message: curve, Encryption: &saml2.Encryption{Certificate: to, Cipher: saml2.AES256CBC}},
		"encrypted, assertion signed too": {Message: curve, Assertion: curve, Encryption: &saml2.Encryption{Certificate: to}},
	} {
		measure(b, "response "+name, func() error {
			_, err := answer().Write(saml2.Prefixes{}, by)
			return err
		})
	}
	measure(b, "response of the dialect", func() error {
		_, err := dialectAnswer().Write(saml2.DialectPrefixes(), saml2.Protection{Message: curve})
		return err
	})
	measure(b, "refusal", func() error {
		r := answer()
		r.Assertion, r.Status = nil, saml2.Status{Code: saml2.StatusResponder, Second: saml2.StatusNoAuthnContext}
		_, err := r.Write(saml2.Prefixes{}, saml2.Protection{Message: curve})
		return err
	})
	measure(b, "logout by HTTP-Redirect", func() error {
		message, err := logoutRequest().Write(saml2.Prefixes{}, nil)
		if err == nil {
			_, err = saml2.RedirectURL(acs, saml2.FieldRequest, message, "state", curve)
		}
		return err
	})
}
