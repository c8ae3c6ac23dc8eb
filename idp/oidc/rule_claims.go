package oidc

import (
	"encoding/json"

	"clave/identity"
)

// ruleClaims reads the claims parameter. Of the ID token's claims it follows acr,
// sub and, where they are essential, our own registration_level and method;
// everything else is a wish that the specification lets us leave out, and what is
// released is decided by scopes and registration.
// Source: OpenID Connect Core 1.0, sections 3.1.2.2, 5.5 and 5.5.1.1.
func ruleClaims(a *ask) *Refusal {
	value := a.get("claims")
	if value == "" {
		return nil
	}
	asked, ok := parseClaims(value)
	if !ok {
		return refuse(invalidRequest, "claims has to be a JSON object with objects as members")
	}
	if levels := knownLevels(asked["acr"].values); len(asked["acr"].values) > 0 {
		essential := asked["acr"].essential
		if essential && len(levels) == 0 {
			return refuse(unmetRequirements, "no level of assurance known here is among the essential acr values")
		}
		a.level = max(a.level, lowest(levels))
		if essential {
			a.acrs = levels
		}
	}
	if sub := asked["sub"].values; len(sub) == 1 {
		a.subject = sub[0]
	}
	return essentialOurs(a, asked)
}

// essentialOurs reads what the request demands of registration and method.
func essentialOurs(a *ask, asked map[string]claim) *Refusal {
	if c := asked["registration_level"]; c.essential && len(c.values) > 0 {
		for _, value := range c.values {
			if r, err := identity.ParseRegistration(value); err == nil && (a.registered == identity.NoRegistration || r < a.registered) {
				a.registered = r
			}
		}
		if a.registered == identity.NoRegistration {
			return refuse(unmetRequirements, "registration_level has to be basic or advanced")
		}
	}
	if c := asked["method"]; c.essential && len(c.values) > 0 {
		for _, value := range c.values {
			if m, err := identity.ParseMethod(value); err == nil {
				a.methods = append(a.methods, m)
			}
		}
		if len(a.methods) == 0 {
			return refuse(unmetRequirements, "no method known here is among the essential ones")
		}
	}
	return nil
}

// claim is what a request says about one claim of the ID token.
type claim struct {
	essential bool
	values    []string
}

// maxClaims bounds how many claims of the ID token are looked at.
const maxClaims = 64

// parseClaims reads the ID token's part of the claims parameter. Names are
// compared exactly, which encoding/json would not do for a struct. Values that
// are no texts, and members that we do not know, are left out.
func parseClaims(value string) (map[string]claim, bool) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(value), &members); err != nil || members == nil {
		return nil, false
	}
	var idToken, userinfo map[string]json.RawMessage
	for name, into := range map[string]*map[string]json.RawMessage{"id_token": &idToken, "userinfo": &userinfo} {
		if raw, there := members[name]; there {
			if err := json.Unmarshal(raw, into); err != nil {
				return nil, false
			}
		}
	}
	if len(idToken) > maxClaims {
		return nil, false
	}
	claims := map[string]claim{}
	for name, raw := range idToken {
		var said map[string]json.RawMessage
		if err := json.Unmarshal(raw, &said); err != nil {
			return nil, false
		}
		c := claim{essential: string(said["essential"]) == "true"}
		var one string
		if json.Unmarshal(said["value"], &one) == nil && one != "" {
			c.values = append(c.values, one)
		}
		var several []json.RawMessage
		if json.Unmarshal(said["values"], &several) == nil {
			for _, raw := range several {
				if json.Unmarshal(raw, &one) == nil && one != "" {
					c.values = append(c.values, one)
				}
				one = ""
			}
		}
		claims[name] = c
	}
	return claims, true
}
