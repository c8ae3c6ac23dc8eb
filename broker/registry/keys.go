package registry

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/go-jose/go-jose/v4"
)

// leaked is what to do about a private key in a registration: whoever saw the
// file, a mail or a ticket on its way here could sign as the relying party.
const leaked = "holds a private key: it is no longer secret. Make a new pair and give only the public key or certificate"

// privatePEM finds the first line of every kind of private key in PEM.
// Source: RFC 7468 sections 10 and 11.
var privatePEM = regexp.MustCompile(`(?i)-----\s*BEGIN [A-Z0-9 ]*PRIVATE KEY`)

// refusePrivateKeys looks at every value of the file, wherever somebody pasted
// it.
func (f *File) refusePrivateKeys() {
	f.document.Scalars(func(path, value string) {
		if privatePEM.MatchString(value) {
			f.document.Problem(path, leaked)
		}
	})
}

// maxKeys bounds the keys of one client. Our choice: two for a rollover, and
// room for several machines.
const maxKeys = 20

// keys checks the client's own public keys.
func (c checker) keys(at string, k *OIDCClient) {
	if len(k.JWKS) == 0 {
		return
	}
	if k.JWKSURI != "" {
		c.problem(at+".jwks", "and jwks_uri are both given; keep one (RFC 7591 section 2)")
	}
	at += ".jwks"
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(k.JWKS, &set); err != nil || len(set.Keys) == 0 {
		c.problem(at, "wants a JSON Web Key Set: an object with a list keys (RFC 7517 section 5)")
		return
	}
	if len(set.Keys) > maxKeys {
		c.problem(at, "has more than %d keys", maxKeys)
		return
	}
	ids := map[string]bool{}
	for i, raw := range set.Keys {
		at := index(at+".keys", i)
		key := c.key(at, raw)
		switch {
		case key == nil:
		case key.KeyID == "" && len(set.Keys) > 1:
			c.problem(at, "has no kid, by which it is told from the others")
		case ids[key.KeyID]:
			c.problem(at, "has the same kid as another key")
		default:
			ids[key.KeyID] = true
		}
	}
}

// key checks one JSON Web Key; nil when it cannot be used at all.
func (c checker) key(at string, raw json.RawMessage) *jose.JSONWebKey {
	var parts struct {
		Kty string          `json:"kty"`
		D   json.RawMessage `json:"d"`
		P   json.RawMessage `json:"p"`
		K   json.RawMessage `json:"k"`
	}
	if err := json.Unmarshal(raw, &parts); err != nil {
		c.problem(at, "is not a JSON Web Key")
		return nil
	}
	if parts.D != nil || parts.P != nil {
		c.problem(at, leaked)
		return nil
	}
	if parts.K != nil || parts.Kty == "oct" {
		c.problem(at, "is a symmetric key, which both sides could sign with; give a public key")
		return nil
	}
	var key jose.JSONWebKey
	if err := key.UnmarshalJSON(raw); err != nil || !key.Valid() {
		c.problem(at, "is not a valid JSON Web Key (RFC 7517)")
		return nil
	}
	if trouble := weak(key.Key); trouble != "" {
		c.problem(at, "%s", trouble)
	}
	return &key
}

// minRSABits is the least length of RSA keys.
// Source: RFC 7518 section 3.3; SOG-IS Agreed Cryptographic Mechanisms 1.3
// section 4.1 (legacy until 2025, which our choice follows for certificates of
// services that are in force).
const minRSABits = 2048

// weak says what is wrong with a public key, or "".
func weak(key crypto.PublicKey) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSABits {
			return fmt.Sprintf("is an RSA key of %d bits; use %d or more", bits, minRSABits)
		}
		if key.E < 65537 || key.E%2 == 0 {
			return "is an RSA key with a weak exponent; use 65537"
		}
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() && key.Curve != elliptic.P384() && key.Curve != elliptic.P521() {
			return "is on a weak or unusual curve; use P-256"
		}
	case ed25519.PublicKey:
	default:
		return "is of a kind that is not used here; use RSA, P-256 or Ed25519"
	}
	return ""
}
