package saml2_test

import (
	"testing"

	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

// What a login costs here: a request read and a response written, by each kind of key.
func BenchmarkLogin(b *testing.B) {
	form := post(signedText(b, request, signer(b, "service_rsa")))
	query := redirect(b, request, "state", signer(b, "service_rsa"))
	on := terms(b)
	b.Run("read HTTP-POST", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := readPost(form, on); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read HTTP-Redirect", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := readRedirect(query, on); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, s := range map[string]*xmlsig.Signer{"RSA": signer(b, "idp_rsa"), "ECDSA": signer(b, "idp_ec")} {
		b.Run("write by "+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := answer().Write(saml2.Prefixes{}, saml2.Protection{Message: s}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	e := &saml2.Encryption{Certificate: certificate(b, "service_rsa")}
	s := signer(b, "idp_ec")
	b.Run("write encrypted", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := answer().Write(saml2.Prefixes{}, saml2.Protection{Assertion: s, Encryption: e}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
