package oidc

// ruleWellFormed refuses parameters that came twice, are too long or are not
// text. Taking one of two values is how a check and a use come to differ.
// Source: RFC 6749, section 3.1.
func ruleWellFormed(a *ask) *Refusal {
	switch {
	case a.repeated != "":
		return refuse(invalidRequest, "a parameter came more than once: "+named(a.repeated))
	case a.garbled != "":
		return refuse(invalidRequest, "a parameter is not UTF-8 text without control characters: "+named(a.garbled))
	case a.tooLong != "":
		return refuse(invalidRequest, "a parameter is too long: "+named(a.tooLong))
	}
	return nil
}

// named repeats a parameter's name only if it is one that we know; the rest is
// somebody's text.
func named(parameter string) string {
	switch parameter {
	case "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
		"code_challenge", "code_challenge_method", "prompt", "max_age", "ui_locales", "login_hint", "acr_values",
		"claims", "id_token_hint", "display", "request", "request_uri", "registration",
		"grant_type", "code", "code_verifier", "client_secret", "client_assertion", "client_assertion_type",
		"refresh_token", "token", "token_type_hint", "post_logout_redirect_uri", "logout_hint":
		return parameter
	}
	return "one of its own"
}

// ruleNotSupported refuses what would change the request if we understood it.
// Source: OpenID Connect Core 1.0, sections 3.1.2.6, 6.1, 6.2 and 7.2.1.
func ruleNotSupported(a *ask) *Refusal {
	switch {
	case a.get("request") != "":
		return refuse(unsupportedRequest, "request objects are not supported; send the parameters themselves")
	case a.get("request_uri") != "":
		return refuse(unsupportedRequestURI, "request_uri is not supported; send the parameters themselves")
	case a.get("registration") != "":
		return refuse(unsupportedRegister, "registration is not supported; clients are registered beforehand")
	}
	return nil
}
