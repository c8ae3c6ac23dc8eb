package saml

import (
	"slices"

	"clave/internal/saml2"
)

// knowledge is what a request for a logout shows to know. The zero value is nothing.
type knowledge int

const (
	// nothing: the request may be of an older session, or of another browser's, so the
	// citizen is asked.
	nothing knowledge = iota
	// thisSession: it names the citizen, and no other sessions, as this session's
	// assertion did.
	thisSession
	// anotherCitizen: it names one whom this session's assertion did not.
	anotherCitizen
)

// compare says what the request knows about a session, given what its service was told
// of it; nil when the service takes no part in it. Formats are not compared: services
// lose them, and no value is of two formats.
// Source: SAML 2.0 Core, sections 3.3.4 and 3.7.3.2.
func (a *farewell) compare(given *given, us string) knowledge {
	name := a.Name
	switch {
	case name.NameQualifier != "" && name.NameQualifier != us, name.SPNameQualifier != "" && name.SPNameQualifier != a.Service:
		return anotherCitizen // whom others named
	case given == nil:
		return nothing
	case name.Value != given.Name.Value:
		// A citizen has one persistent name at a service, and a transient one for each
		// login.
		if name.Format == saml2.FormatTransient || given.Name.Format == saml2.FormatTransient {
			return nothing
		}
		return anotherCitizen
	case len(a.Sessions) > 0 && !slices.Contains(a.Sessions, given.Session):
		return nothing
	}
	return thisSession
}
