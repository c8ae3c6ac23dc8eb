package oidc

import (
	"slices"
	"strings"

	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// Response modes that we answer in.
// Sources: OAuth 2.0 Multiple Response Type Encoding Practices 1.0; OAuth 2.0
// Form Post Response Mode 1.0.
const (
	modeQuery    = "query"
	modeFormPost = "form_post"
)

// ruleResponseMode settles how to answer. A mode that is refused is refused by
// query.
func ruleResponseMode(a *ask) *Refusal {
	switch a.get("response_mode") {
	case "", modeQuery:
	case modeFormPost:
		if !strings.HasPrefix(a.redirectURI, "https://") && !strings.HasPrefix(a.redirectURI, "http://") {
			return refuse(invalidRequest, "response_mode form_post needs a redirect URI with http or https")
		}
		a.mode = modeFormPost
	default:
		return refuse(invalidRequest, "response_mode has to be query or form_post")
	}
	return nil
}

// ruleResponseType lets the code flow pass and nothing else: other flows send
// tokens through the browser.
// Source: RFC 9700, section 2.1.2.
func ruleResponseType(a *ask) *Refusal {
	switch a.get("response_type") {
	case string(spec.ResponseTypeCode):
	case "":
		return refuse(invalidRequest, "response_type is missing; it has to be code")
	default:
		return refuse(unsupportedResponse, "response_type has to be code")
	}
	if !slices.Contains(a.client.grantTypes, spec.GrantTypeCode) {
		return refuse(unauthorizedClient, "the client is not registered for the grant type authorization_code")
	}
	return nil
}
