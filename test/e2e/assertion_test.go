package e2e

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// clientKey is that of the client key-web, made for these tests.
const clientKey = `{"use":"sig","kty":"EC","kid":"conversation","crv":"P-256","alg":"ES256","x":"_YCvwLMrHxUhhVqUr6kuKYEuP-EKnR6o9a8wA2TpW0I","y":"PBD9S99ltc9MZGEcgWMAQP8UlB4PQdRCQw4A4MTmT70","d":"nVovJnk6o2hyGJFcJO7w0jLE4Lnta-HiQGzn5CTbiV4"}`

// assertion proves a client by its key.
// Source: OpenID Connect Core 1.0, section 9.
func (w *world) assertion(clientID string) (string, error) {
	var key jose.JSONWebKey
	if err := json.Unmarshal([]byte(clientKey), &key); err != nil {
		return "", fmt.Errorf("reading the client's key: %w", err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, nil)
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{
		"iss": clientID, "sub": clientID, "aud": w.origin, "jti": rand.Text(), "exp": time.Now().Add(time.Minute).Unix(),
	})
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", err
	}
	w.attempt.assertion, err = signed.CompactSerialize()
	return w.attempt.assertion, err
}
