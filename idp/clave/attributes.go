package clave

import (
	"slices"

	"clave/broker"
	"clave/identity"
	"clave/internal/saml2"
)

// Names of attributes. Source: eIDAS SAML Attribute Profile 1.2, section 2.2, and the
// public integration kits of Cl@ve 2.
const (
	natural = "http://eidas.europa.eu/attributes/naturalperson/"

	namePersonIdentifier = natural + "PersonIdentifier"
	nameFirstName        = natural + "CurrentGivenName"
	nameFamilyName       = natural + "CurrentFamilyName"
	nameDateOfBirth      = natural + "DateOfBirth"
	nameFirstSurname     = own + "FirstSurname"
	nameSelectedIdP      = own + "SelectedIdP"
	namePartialAfirma    = own + "PartialAfirma"
	nameRelayState       = own + "RelayState"
	nameRegisterType     = own + "RegisterType"
)

// said is what an answer says of the citizen, as far as the registration allows: what
// every one does, and the date of birth for those who ask for it, as the module of RedIRIS
// does unless it is told otherwise.
func said(asked wishes) []identity.Attribute {
	always := []identity.Attribute{identity.DocumentNumber, identity.GivenName, identity.FamilyName, identity.FirstSurname}
	if asked.BirthDate {
		always = append(always, identity.BirthDate)
	}
	return always
}

// known tells whether an attribute can be had here, in some logins at least.
func known(name string) bool {
	if slices.ContainsFunc(identity.Methods(), func(m identity.Method) bool { return switchOf(m) == name }) {
		return true
	}
	switch name {
	case namePersonIdentifier, nameFirstName, nameFamilyName, nameFirstSurname, nameDateOfBirth, nameSelectedIdP, namePartialAfirma, nameRelayState, nameRegisterType:
		return true
	}
	return false
}

// selected is how a method is named to services. Source: AFIRMA, PIN24H and SEGSOC are
// those of public integrations of Cl@ve 2; the others no public source says, and are our
// choice.
func selected(m identity.Method) string {
	switch m {
	case identity.Certificate:
		return "AFIRMA"
	case identity.PIN:
		return "PIN24H"
	case identity.Permanente:
		return "SEGSOC"
	case identity.Movil:
		return "CLVMOVIL"
	case identity.EIDAS:
		return "EIDAS"
	}
	return ""
}

// registerType is how surely a citizen registered, as services are told; empty for who
// did not. Our choice: no public source says the values.
func registerType(r identity.Registration) string {
	switch r {
	case identity.Basic:
		return "BASICO"
	case identity.Advanced:
		return "AVANZADO"
	case identity.NoRegistration:
	}
	return ""
}

// attributes are those of an assertion. No kit is sent one that it may not know: the Java
// kit refuses the whole answer then.
func attributes(out broker.Outcome, asked wishes) ([]saml2.Attribute, error) {
	var all []saml2.Attribute
	add := func(name, friendly, value string) {
		if value != "" {
			all = append(all, saml2.Attribute{Name: name, FriendlyName: friendly, Values: []string{value}})
		}
	}
	who := out.Attributes
	add(namePersonIdentifier, "PersonIdentifier", who.DocumentNumber)
	add(nameFirstName, "FirstName", who.GivenName)
	add(nameFamilyName, "FamilyName", who.FamilyName)
	add(nameFirstSurname, "FirstSurname", who.FirstSurname)
	add(nameDateOfBirth, "DateOfBirth", who.Value(identity.BirthDate)) // there when it was asked for
	add(nameSelectedIdP, "SelectedIdP", selected(out.Method))
	if out.Method == identity.Certificate && out.Certificate != nil {
		encoded, err := partialAfirma(*out.Certificate, who)
		if err != nil {
			return nil, err
		}
		add(namePartialAfirma, "PartialAfirma", encoded)
	}
	if asked.RegisterType {
		add(nameRegisterType, "RegisterType", registerType(out.Registration))
	}
	if asked.HasState {
		add(nameRelayState, "RelayState", asked.State)
	}
	return all, nil
}
