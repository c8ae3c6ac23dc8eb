package oidc

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// parseBasic reads the Authorization header of client_secret_basic: both parts
// are form-encoded before they are joined and written in Base64. false when it is
// not one.
// Source: RFC 6749, section 2.3.1; RFC 7617, section 2.
func parseBasic(header string) (clientID, secret string, ok bool) {
	scheme, encoded, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	joined, err := base64.StdEncoding.Strict().DecodeString(strings.TrimLeft(encoded, " "))
	if err != nil {
		return "", "", false
	}
	id, password, found := strings.Cut(string(joined), ":")
	if !found {
		return "", "", false
	}
	if clientID, err = url.QueryUnescape(id); err != nil {
		return "", "", false
	}
	if secret, err = url.QueryUnescape(password); err != nil {
		return "", "", false
	}
	if clientID == "" || !isText(clientID) || !isText(secret) {
		return "", "", false
	}
	return clientID, secret, true
}
