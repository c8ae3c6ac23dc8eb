package saml

import (
	"clave/identity"
	"clave/internal/saml2"
)

// class is which one an assertion may say. The zero value says what was reached.
type class struct {
	// Exact says one of those asked for: of Levels, or else Classic as it was asked.
	Exact   bool
	Levels  []identity.Level
	Classic string
	// Ceiling is the highest level that may be said; none when it is zero.
	Ceiling identity.Level
}

// answered is the class to say. It is never above what was reached.
func (c class) answered(reached identity.Level) string {
	if c.Ceiling != identity.NoLevel {
		reached = min(reached, c.Ceiling)
	}
	if !c.Exact {
		return reached.URI()
	}
	best := identity.NoLevel
	for _, level := range c.Levels {
		if level <= reached {
			best = max(best, level)
		}
	}
	if best == identity.NoLevel && c.Classic != "" {
		return c.Classic
	}
	return best.URI()
}

// classic tells whether a class is one that stock services ask for and that says
// nothing about the identity: any level of ours satisfies it.
// Source: SAML 2.0 Authentication Context, section 3.4; that they say nothing about a
// level is our choice, because services have them from their software's defaults.
func classic(uri string) bool {
	switch uri {
	case "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
		"urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
		"urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
		"urn:oasis:names:tc:SAML:2.0:ac:classes:X509",
		"urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient",
		"urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard",
		"urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
		"urn:oasis:names:tc:SAML:2.0:ac:classes:SoftwarePKI",
		"urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
		"urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken":
		return true
	}
	return false
}

// ruleContext reads how well the citizen should be known. Classes that are not known
// are ignored, unless all are. A better one is above all that are named: a service that
// names two and gets one of them was not given better. Under maximum more is said as
// the ceiling, since a citizen does not prove less by proving more.
// Source: SAML 2.0 Core, section 3.3.2.2.1; eIDAS SAML Message Format 1.2, section 3.2.
func ruleContext(a *ask) *saml2.Status {
	wish := a.request.Context
	if len(wish.Classes) == 0 && len(wish.Declarations) == 0 {
		return nil
	}
	var levels []identity.Level
	lowest, highest, known := identity.High, identity.NoLevel, ""
	for _, uri := range wish.Classes {
		level, err := identity.ParseLevelURI(uri)
		switch {
		case err == nil:
			levels = append(levels, level)
			highest = max(highest, level)
		case classic(uri):
			if known == "" {
				known = uri
			}
		default:
			continue
		}
		lowest = min(lowest, level)
	}
	if len(levels) == 0 && known == "" {
		return saml2.Theirs(saml2.StatusNoAuthnContext, "RequestedAuthnContext names no class that is known here; ask for http://eidas.europa.eu/LoA/low, substantial or high")
	}
	switch wish.Comparison {
	case saml2.Exact:
		a.level, a.class = lowest, class{Exact: true, Levels: levels, Classic: known}
	case saml2.Minimum:
		a.level = lowest
	case saml2.Better:
		if highest == identity.High {
			return saml2.Theirs(saml2.StatusNoAuthnContext, "RequestedAuthnContext asks for better than high; there is nothing better")
		}
		a.level = highest
		if len(levels) > 0 {
			a.level++
		}
	case saml2.Maximum:
		a.class.Ceiling = highest
		if len(levels) > 0 && highest < a.service.Party.MinimumLevel {
			return saml2.Theirs(saml2.StatusNoAuthnContext, "RequestedAuthnContext asks for at most a level that is below the registered minimum of the service")
		}
	default:
		return saml2.Theirs(saml2.StatusNoAuthnContext, "RequestedAuthnContext has an unknown Comparison")
	}
	return nil
}
