package pushservice

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// sender checks who sends, and that the subscription was made for them.
// Source: RFC 8292, sections 2, 3 and 4.2.
func (s *Server) sender(p *Push, authorization, want string) (status int, why string) {
	parameters, ok := strings.CutPrefix(authorization, "vapid ")
	if !ok {
		return http.StatusUnauthorized, "nobody says who sends"
	}
	var token, key string
	for parameter := range strings.SplitSeq(parameters, ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(parameter), "="); name {
		case "t":
			token = value
		case "k":
			key = value
		}
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return http.StatusUnauthorized, "the key is not base64url"
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return http.StatusUnauthorized, "the key is not one of P-256"
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return http.StatusUnauthorized, "the token is no JWT under ES256"
	}
	payload, err := signed.Verify(public)
	if err != nil {
		return http.StatusUnauthorized, "the token is not signed by the key"
	}
	if key != want {
		return http.StatusForbidden, "the subscription was made for another sender"
	}
	var claims struct {
		Audience string `json:"aud"`
		Expiry   int64  `json:"exp"`
		Subject  string `json:"sub"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return http.StatusUnauthorized, "the token's claims are none"
	}
	p.Contact, p.Expiry = claims.Subject, time.Unix(claims.Expiry, 0)
	now := s.Now()
	switch {
	case claims.Audience != s.server.URL:
		return http.StatusUnauthorized, "the token is for another push service"
	case !p.Expiry.After(now) || p.Expiry.After(now.Add(24*time.Hour)):
		return http.StatusUnauthorized, "the token is expired, or lives for more than a day"
	case !strings.HasPrefix(claims.Subject, "mailto:") && !strings.HasPrefix(claims.Subject, "https://"):
		return http.StatusUnauthorized, "the token names nobody to turn to"
	}
	return 0, ""
}
