package oidc

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"

	spec "github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// formDecoder fills the request types of package op by name. It replaces the
// decoder by reflection, which costs more than the rest of a token request.
// UserInfoRequest stays empty: an access token in a form or query is not read.
type formDecoder struct{}

// Decode implements the decoder of package op.
func (formDecoder) Decode(into any, form map[string][]string) error {
	get := url.Values(form).Get
	switch d := into.(type) {
	case *op.ClientCredentials:
		*d = op.ClientCredentials{
			ClientID: get("client_id"), ClientSecret: get("client_secret"),
			ClientAssertion: get("client_assertion"), ClientAssertionType: get("client_assertion_type"),
		}
	case *spec.AccessTokenRequest:
		*d = spec.AccessTokenRequest{
			Code: get("code"), RedirectURI: get("redirect_uri"), CodeVerifier: get("code_verifier"),
		}
	case *spec.RefreshTokenRequest:
		*d = spec.RefreshTokenRequest{RefreshToken: get("refresh_token"), Scopes: words(get("scope"))}
	case *spec.RevocationRequest:
		*d = spec.RevocationRequest{Token: get("token"), TokenTypeHint: get("token_type_hint")}
	case *spec.IntrospectionRequest:
		*d = spec.IntrospectionRequest{Token: get("token")}
	case *spec.UserInfoRequest:
	default:
		return fmt.Errorf("requests of type %T are not served", into)
	}
	return nil
}

// readForm reads the form of a call by a relying party's server. Parameters
// count in the body only: what stands in an address ends up in logs.
// Source: RFC 6749, sections 2.3.1 and 3.2.
func readForm(r *http.Request) (params, *Refusal) {
	if r.URL.RawQuery != "" {
		return params{}, refuse(invalidRequest, "parameters belong in the body, not in the address")
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return params{}, refuse(invalidRequest, "the body has to be application/x-www-form-urlencoded")
	}
	body, err := readBody(r)
	if err != nil {
		return params{}, refuse(invalidRequest, "the body could not be read or is too large")
	}
	p, ok := parseParams(body)
	switch {
	case !ok:
		return params{}, refuse(invalidRequest, "the body is not a form or is too large")
	case p.repeated != "":
		return params{}, refuse(invalidRequest, "a parameter came more than once: "+named(p.repeated))
	case p.garbled != "":
		return params{}, refuse(invalidRequest, "a parameter is not UTF-8 text without control characters: "+named(p.garbled))
	case p.tooLong != "":
		return params{}, refuse(invalidRequest, "a parameter is too long: "+named(p.tooLong))
	}
	// Package op reads these two; that they are there keeps it from parsing again,
	// query included.
	r.Form, r.PostForm = p.values, p.values
	return p, nil
}
