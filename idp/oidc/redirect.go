package oidc

import (
	"net/url"
	"slices"
	"strings"
)

// accepts tells whether the redirect URI of a request is registered: the same
// octets, nothing decoded, nothing normalised.
// Source: RFC 9700, section 2.1; OpenID Connect Core 1.0, section 3.1.2.1.
func (c *client) accepts(uri string) bool {
	if uri == "" || strings.Contains(uri, "#") {
		return false
	}
	if slices.Contains(c.RedirectURIs, uri) {
		return true
	}
	return c.LoopbackRedirects && isLoopback(uri)
}

// maxRedirectBytes bounds a redirect URI. Our choice: browsers and proxies
// handle 8 kB for the whole line.
const maxRedirectBytes = 2000

// isLoopback tells whether an address leads to the person's own computer: http,
// 127.0.0.1, [::1] or localhost, any port, no user, no fragment. Only characters
// that every parser reads alike are let through.
// Source: RFC 8252, sections 7.3 and 8.3.
func isLoopback(uri string) bool {
	rest, found := strings.CutPrefix(uri, "http://")
	if !found || len(uri) > maxRedirectBytes {
		return false
	}
	for i := range len(uri) {
		if c := uri[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`#\"<>^`+"`{|}", c) >= 0 {
			return false
		}
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		authority = rest[:end]
	}
	for _, host := range []string{"127.0.0.1", "[::1]", "localhost"} {
		if port, ok := strings.CutPrefix(authority, host); ok && isPort(port) {
			_, err := url.Parse(uri)
			return err == nil
		}
	}
	return false
}

// isPort tells whether s is empty or ":" and a port number.
func isPort(s string) bool {
	if s == "" {
		return true
	}
	digits := strings.TrimPrefix(s, ":")
	if digits == s || digits == "" || len(digits) > 5 {
		return false
	}
	n := 0
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
		n = n*10 + int(digits[i]-'0')
	}
	return n >= 1 && n <= 65535
}

// withParams adds parameters to an address that may have a query already.
func withParams(uri string, params url.Values) string {
	separator := "?"
	if strings.Contains(uri, "?") {
		separator = "&"
		if strings.HasSuffix(uri, "?") || strings.HasSuffix(uri, "&") {
			separator = ""
		}
	}
	return uri + separator + params.Encode()
}
