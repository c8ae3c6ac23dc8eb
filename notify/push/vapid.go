package push

import (
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"clave/keys"
)

// tokenLife is how long a push service may take us for who we are. Our choice: a
// day is allowed, and clocks differ by minutes.
// Source: RFC 8292, section 2.
const tokenLife = time.Hour

// claims are what we sign. Source: RFC 8292, section 2.
type claims struct {
	Audience string `json:"aud"`
	Expiry   int64  `json:"exp"`
	Subject  string `json:"sub"`
}

// PublicKey is what an app subscribes with (applicationServerKey): 65 bytes, an
// uncompressed point, in base64url.
// Source: RFC 8292, section 3.2.
func PublicKey(signers Signers) (string, error) {
	key, err := signers.Active(keys.ES256)
	if err != nil {
		return "", fmt.Errorf("reading the key for push services: %w", err)
	}
	return publicKey(key)
}

func publicKey(key keys.SigningKey) (string, error) {
	public, ok := key.Signer.Public().(*ecdsa.PublicKey)
	if !ok {
		return "", errors.New("the key for push services is of another kind")
	}
	point, err := public.Bytes()
	if err != nil {
		return "", fmt.Errorf("writing the key for push services: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(point), nil
}

// authorization is the header that shows a push service who sends.
// Source: RFC 8292, section 3.
func (c *Carrier) authorization(origin string) (string, error) {
	key, err := c.signers.Active(keys.ES256)
	if err != nil {
		return "", err
	}
	public, err := publicKey(key)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key.Signer}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("signing for a push service: %w", err)
	}
	payload, err := json.Marshal(claims{origin, c.now().Add(tokenLife).Unix(), c.settings.Contact})
	if err != nil {
		return "", fmt.Errorf("signing for a push service: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("signing for a push service: %w", err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		return "", fmt.Errorf("signing for a push service: %w", err)
	}
	return "vapid t=" + token + ", k=" + public, nil
}
