package xmlsig_test

import (
	"crypto"
	"crypto/elliptic"
	"errors"
	"testing"

	"clave/internal/xmlsig"
)

func TestSignaturesOverOctets(t *testing.T) {
	t.Parallel()
	ec := ecKey(t, elliptic.P256())
	octets := []byte("SAMLRequest=x&SigAlg=y")
	for method, key := range map[string]crypto.Signer{
		xmlsig.RSASHA256: rsaKey(), xmlsig.RSASHA512: rsaKey(), xmlsig.PSSSHA256: rsaKey(), xmlsig.ECDSASHA256: ec,
	} {
		signature, err := xmlsig.Signer{Key: key, Method: method}.SignOctets(octets)
		if err != nil {
			t.Fatal(err)
		}
		keys := []crypto.PublicKey{ecKey(t, elliptic.P256()).Public(), key.Public()}
		tests := []struct {
			name, octets, method string
			keys                 []crypto.PublicKey
			want                 error
		}{
			{"as it was signed", string(octets), method, keys, nil},
			{"other octets", string(octets) + "z", method, keys, xmlsig.ErrUntrusted},
			{"another method", string(octets), xmlsig.RSASHA384, keys, xmlsig.ErrUntrusted},
			{"SHA-1", string(octets), "http://www.w3.org/2000/09/xmldsig#rsa-sha1", keys, xmlsig.ErrForm},
			{"another key", string(octets), method, keys[:1], xmlsig.ErrUntrusted},
			{"nobody's key", string(octets), method, nil, xmlsig.ErrUntrusted},
		}
		for _, test := range tests {
			t.Run(method+" "+test.name, func(t *testing.T) {
				t.Parallel()
				if err := xmlsig.VerifyOctets([]byte(test.octets), signature, test.method, test.keys); !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
			})
		}
	}
}

// Services that ask for SHA-512 get it in the digest too.
func TestTheDigestIsTheSigners(t *testing.T) {
	t.Parallel()
	key := rsaKey()
	for _, digest := range []string{xmlsig.SHA256, xmlsig.SHA384, xmlsig.SHA512} {
		text := signed(t, message, "", xmlsig.Signer{Key: key, Method: xmlsig.RSASHA512, Digest: digest})
		if _, err := verified(text, "", xmlsig.Trust{Keys: []crypto.PublicKey{key.Public()}}); err != nil {
			t.Error(err)
		}
		if ok, said := newFolder(t).accepted(text, key); !ok {
			t.Errorf("xmlsec1 refuses:\n%s\n%s", text, said)
		}
	}
	if err := (xmlsig.Signer{Key: key, Method: xmlsig.RSASHA256, Digest: "http://www.w3.org/2000/09/xmldsig#sha1"}).Sign(read(t, message).Root(), 0); err == nil {
		t.Error("SHA-1 is signed")
	}
}
