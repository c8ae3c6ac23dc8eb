package oidc

import (
	"crypto/sha256"
	"encoding/base64"
)

// challengeLength is how many characters the base64url of a SHA-256 has.
const challengeLength = 43

// rulePKCE demands a challenge by S256 of everybody but confidential clients that
// are registered as optional. The method plain, which is also meant when none is
// named, is refused: whoever sees the request could redeem the code.
// Source: RFC 7636, section 4; RFC 9700, section 2.1.1.
func rulePKCE(a *ask) *Refusal {
	challenge, method := a.get("code_challenge"), a.get("code_challenge_method")
	switch {
	case challenge == "" && method != "":
		return refuse(invalidRequest, "code_challenge is missing beside code_challenge_method")
	case challenge == "" && a.client.pkceDemand:
		return refuse(invalidRequest, "code_challenge is missing; PKCE with S256 is required")
	case challenge == "":
		return nil
	case method != "S256":
		return refuse(invalidRequest, "code_challenge_method has to be S256")
	case !isUnpaddedBase64URL(challenge) || len(challenge) != challengeLength:
		return refuse(invalidRequest, "code_challenge has to be the base64url of a SHA-256, 43 characters without padding")
	}
	a.challenge = challenge
	return nil
}

// challengeOf is the challenge that a verifier answers; false for a verifier
// that is not one.
// Source: RFC 7636, sections 4.1 and 4.2.
func challengeOf(verifier string) (string, bool) {
	if len(verifier) < 43 || len(verifier) > 128 {
		return "", false
	}
	for i := range len(verifier) {
		c := verifier[i]
		if !isLetterOrDigit(c) && c != '-' && c != '.' && c != '_' && c != '~' {
			return "", false
		}
	}
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:]), true
}

func isUnpaddedBase64URL(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetterOrDigit(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func isLetterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
