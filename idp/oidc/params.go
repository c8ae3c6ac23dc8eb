package oidc

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// params are the parameters of a request, each with one value. A parameter
// without a value counts as left out.
// Source: RFC 6749, sections 3.1 and 3.2.
type params struct {
	values   url.Values
	repeated string // a parameter that came more than once, or ""
	garbled  string // one that is not text, or ""
	tooLong  string // one above its limit, or ""
}

// Limits of an authorization request. Source: our choice; a state of 2 kB is
// seen in practice, and browsers and proxies carry 8 kB in an address.
const (
	maxParamsBytes = 32 << 10
	maxParams      = 64
	maxValueBytes  = 4 << 10
	maxTokenBytes  = 16 << 10 // id_token_hint
	maxClaimsBytes = 8 << 10
	maxNonceBytes  = 1 << 10
	maxHandleBytes = 64
)

func limitOf(name string) int {
	switch name {
	case "id_token_hint", "client_assertion", "token":
		return maxTokenBytes
	case "claims":
		return maxClaimsBytes
	case "redirect_uri":
		return maxRedirectBytes
	case "nonce":
		return maxNonceBytes
	}
	return maxValueBytes
}

// parseParams reads a query or a posted form. It fails when that is not one, or
// is too large as a whole; what is wrong with single parameters is noted, for a
// rule to refuse once it is known where the refusal may be sent.
func parseParams(encoded string) (params, bool) {
	p := params{}
	if len(encoded) > maxParamsBytes {
		return p, false
	}
	values, err := url.ParseQuery(encoded)
	if err != nil || len(values) > maxParams {
		return p, false
	}
	p.values = values
	for name, all := range values {
		noted := name
		if noted == "" {
			noted = "=" // a parameter without a name is still one
		}
		// RFC 8707 allows several; we do not read it.
		if len(all) > 1 && name != "resource" {
			p.repeated = first(p.repeated, noted)
		}
		for _, value := range all {
			if len(value) > limitOf(name) {
				p.tooLong = first(p.tooLong, noted)
			}
			if !isText(value) {
				p.garbled = first(p.garbled, noted)
			}
		}
	}
	return p, true
}

// first keeps the name that comes first in the alphabet, so that the same
// request gets the same answer.
func first(a, b string) string {
	if a == "" || b < a {
		return b
	}
	return a
}

// get is the one value of a parameter, or "" when there is none or several.
func (p params) get(name string) string {
	if all := p.values[name]; len(all) == 1 {
		return all[0]
	}
	return ""
}

// once tells whether the parameter has exactly one value that can be trusted to
// be what was meant.
func (p params) once(name string) bool {
	value := p.get(name)
	return value != "" && isText(value) && len(value) <= limitOf(name)
}

// isText tells whether s is UTF-8 without control characters, so that it comes
// back as it was sent.
func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

// words cuts a list that is separated by spaces; empty ones are dropped.
func words(list string) []string { return strings.Fields(list) }
