package oidc

import (
	"clave/identity"
)

// ruleACRValues reads the levels asked for. Unknown ones are ignored; the lowest
// known one is the least that is accepted.
// Source: OpenID Connect Core 1.0, section 3.1.2.1; that the list is a minimum
// and no mere wish is our choice, as in eIDAS SAML Message Format 1.2, section
// 3.2, because a service that asks for a level relies on it.
func ruleACRValues(a *ask) *Refusal {
	a.level = lowest(knownLevels(words(a.get("acr_values"))))
	return nil
}

func knownLevels(uris []string) []identity.Level {
	var levels []identity.Level
	for _, uri := range uris {
		if level, err := identity.ParseLevelURI(uri); err == nil {
			levels = append(levels, level)
		}
	}
	return levels
}

// lowest is the lowest level of a list, or none.
func lowest(levels []identity.Level) identity.Level {
	least := identity.NoLevel
	for _, level := range levels {
		if least == identity.NoLevel || level < least {
			least = level
		}
	}
	return least
}

// answeredLevel is the acr to say: what was reached, or the highest of the levels
// asked for that is not above it.
// Source: OpenID Connect Core 1.0, section 5.5.1.1.
func answeredLevel(asked []identity.Level, reached identity.Level) identity.Level {
	if len(asked) == 0 {
		return reached
	}
	answer := identity.NoLevel
	for _, level := range asked {
		if level <= reached && level > answer {
			answer = level
		}
	}
	return answer
}
