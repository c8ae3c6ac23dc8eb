package saml

import (
	"slices"

	"clave/internal/saml2"
)

// ruleScoping refuses requests that are for other identity providers alone. We ask
// nobody else, so how many may be asked says nothing.
// Source: SAML 2.0 Core, section 3.4.1.2.
func ruleScoping(a *ask) *saml2.Status {
	s := a.request.Scoping
	if s == nil || len(s.IDPs) == 0 || slices.Contains(s.IDPs, a.front.EntityID()) {
		return nil
	}
	return saml2.Ours(saml2.StatusNoSupportedIDP, "Scoping names identity providers, and this one is not among them")
}

// ruleAudience refuses assertions that others should take too: whoever gets one of a
// service could use it at them. Source: SAML 2.0 Core, section 3.4.1; our choice.
func ruleAudience(a *ask) *saml2.Status {
	if slices.ContainsFunc(a.request.Audiences, func(one string) bool { return one != a.to.Service }) {
		return saml2.Theirs(saml2.StatusRequestUnsupported, "Conditions name an audience other than the service; assertions are for one service")
	}
	return nil
}
