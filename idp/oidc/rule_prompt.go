package oidc

import (
	"strconv"
	"time"
)

// prompt is what the request says about pages.
type prompt struct {
	none  bool // no page may be shown
	login bool // a new proof is demanded
	ask   bool // the citizen is to confirm who goes where (consent, select_account)
}

// rulePrompt reads the list. none stands alone.
// Source: OpenID Connect Core 1.0, section 3.1.2.1.
func rulePrompt(a *ask) *Refusal {
	values := words(a.get("prompt"))
	for _, value := range values {
		switch value {
		case "none":
			a.prompt.none = true
		case "login":
			a.prompt.login = true
		case "consent", "select_account":
			a.prompt.ask = true
		default:
			return refuse(invalidRequest, "prompt knows none, login, consent and select_account")
		}
	}
	if a.prompt.none && len(values) > 1 {
		return refuse(invalidRequest, "prompt none cannot be joined with another value")
	}
	return nil
}

// maxMaxAge bounds max_age: ten years, beyond any session of ours.
const maxMaxAge = 10 * 365 * 24 * time.Hour

// ruleMaxAge reads how old the proof may be, in seconds.
// Source: OpenID Connect Core 1.0, section 3.1.2.1.
func ruleMaxAge(a *ask) *Refusal {
	value := a.get("max_age")
	if value == "" {
		return nil
	}
	seconds, err := strconv.ParseUint(value, 10, 63)
	if err != nil {
		return refuse(invalidRequest, "max_age has to be a number of seconds, zero or more")
	}
	age := maxMaxAge
	if seconds < uint64(maxMaxAge/time.Second) {
		age = time.Duration(seconds) * time.Second
	}
	a.maxAge = &age
	return nil
}
