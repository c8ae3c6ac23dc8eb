package oidc

import (
	"slices"

	"clave/identity"
)

// Scopes.
const (
	scopeOpenID       = "openid"
	scopeProfile      = "profile"
	scopeDocument     = "document"
	scopeRegistration = "registration"
	scopeOffline      = "offline_access"
)

func allScopes() []string {
	return []string{scopeOpenID, scopeProfile, scopeDocument, scopeRegistration, scopeOffline}
}

// scopeAttributes are the personal data that a scope stands for. The scope
// registration stands for claims that name nobody.
// Source: our choice; OpenID Connect Core 1.0, section 5.4, knows profile only.
func scopeAttributes(scope string) []identity.Attribute {
	switch scope {
	case scopeProfile:
		return []identity.Attribute{identity.GivenName, identity.FamilyName, identity.FirstSurname, identity.SecondSurname, identity.BirthDate}
	case scopeDocument:
		return []identity.Attribute{identity.DocumentNumber, identity.DocumentType}
	}
	return nil
}

// ruleScope demands openid. Scopes that we do not know, or that the client is not
// registered for, are left out: the token response says what was granted.
// offline_access counts only for a client that is registered for refresh tokens,
// which is the other condition that Core 11 allows beside prompt=consent.
// Source: OpenID Connect Core 1.0, sections 3.1.2.1 and 11; RFC 6749, section 3.3.
func ruleScope(a *ask) *Refusal {
	asked := words(a.get("scope"))
	if !slices.Contains(asked, scopeOpenID) {
		return refuse(invalidScope, "scope has to contain openid")
	}
	for _, scope := range allScopes() {
		if !slices.Contains(asked, scope) || scope != scopeOpenID && !slices.Contains(a.client.scopes, scope) {
			continue
		}
		if scope == scopeOffline && !a.client.refresh {
			continue
		}
		a.scopes = append(a.scopes, scope)
	}
	return nil
}
