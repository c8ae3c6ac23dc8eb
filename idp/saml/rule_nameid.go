package saml

import (
	"slices"

	"clave/internal/saml2"
)

// ruleNameID chooses how the citizen is named: as asked, or as the first of the
// service's metadata that we have, or by a persistent name. AllowCreate is not looked at:
// names are derived, and none is ever created.
// Source: SAML 2.0 Core, section 3.4.1.1.
func ruleNameID(a *ask) *saml2.Status {
	policy := a.request.NameIDPolicy
	if policy.SPNameQualifier != "" && policy.SPNameQualifier != a.to.Service {
		return saml2.Theirs(saml2.StatusInvalidNameIDPolicy, "SPNameQualifier is another service than the one that asks")
	}
	switch policy.Format {
	case saml2.FormatPersistent, saml2.FormatTransient:
		a.format = policy.Format
	case "", saml2.FormatUnspecified:
		a.format = saml2.FormatPersistent
		if i := slices.IndexFunc(a.service.Metadata.NameIDFormats, named); i >= 0 {
			a.format = a.service.Metadata.NameIDFormats[i]
		}
		if policy.Format == saml2.FormatUnspecified && a.format == saml2.FormatPersistent {
			a.format = saml2.FormatUnspecified // some services compare it
		}
	default:
		return saml2.Theirs(saml2.StatusInvalidNameIDPolicy, "NameIDPolicy asks for a format that is not offered; ask for persistent, transient or unspecified")
	}
	return nil
}

func named(format string) bool {
	return format == saml2.FormatPersistent || format == saml2.FormatTransient
}

// ruleSubject reads who has to log in: somebody by the name that the service knows.
// Source: SAML 2.0 Core, section 3.4.1.
func ruleSubject(a *ask) *saml2.Status {
	s := a.request.Subject
	switch {
	case s == nil:
		return nil
	case s.Format != "" && s.Format != saml2.FormatPersistent && s.Format != saml2.FormatUnspecified,
		s.NameQualifier != "" && s.NameQualifier != a.front.EntityID(),
		s.SPNameQualifier != "" && s.SPNameQualifier != a.to.Service:
		return saml2.Theirs(saml2.StatusUnknownPrincipal, "Subject is not a persistent name that was given to this service")
	}
	a.subject = s.Value
	return nil
}
