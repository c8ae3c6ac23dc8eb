package profile

import (
	"slices"

	"clave/identity"
)

// Organisations of the anchors in the default table: of roots, and of the authorities
// that issue, which are anchors where a trusted list names them.
const (
	FNMT   = "FNMT-RCM"
	Police = "DIRECCION GENERAL DE LA POLICIA"
	// Catalonia is the root EC-ACC's, CataloniaNow that of EC-Ciutadania below it.
	Catalonia    = "Agencia Catalana de Certificacio (NIF Q-0801176-I)"
	CataloniaNow = "CONSORCI ADMINISTRACIO OBERTA DE CATALUNYA"
)

// Default is the table of the issuers that most citizens have. Citizens of others log
// in by the policies that mean the same for all qualified certificates: so AC
// Camerfirma, ACCV and Izenpe, and whoever else the trusted list names. Those also
// have policies of their own, which say nothing more that would count here; where we
// know them to be for somebody else than citizens, they are refused by name.
func Default() Table {
	return slices.Concat(fnmt(), police(), catalonia(), valencia(), spain(), europe())
}

// Source: FNMT-RCM, profiles of its certificates.
func fnmt() Table {
	return Table{
		{FNMT, "1.3.6.1.4.1.5734.3.10.1", Citizen, identity.NoLevel},
		{FNMT, "1.3.6.1.4.1.5734.3.20.1.0", Citizen, identity.NoLevel},
		{FNMT, "1.3.6.1.4.1.5734.3.11.1", Representative, identity.NoLevel},
		{FNMT, "1.3.6.1.4.1.5734.3.11.2", Representative, identity.NoLevel},
		{FNMT, "1.3.6.1.4.1.5734.3.11.3", Representative, identity.NoLevel},
		{FNMT, "1.3.6.1.4.1.5734.3.11.4", Seal, identity.NoLevel},
		{FNMT, "1.3.6.1.4.1.5734.3.9.19", Seal, identity.NoLevel},
		{FNMT, "1.3.6.1.4.1.5734.3.17.1", Seal, identity.NoLevel},
	}
}

// Source: Dirección General de la Policía, "Declaración de Prácticas y Políticas de
// Certificación" of the DNIe.
func police() Table {
	return Table{
		{Police, "2.16.724.1.2.2.2.4", Citizen, identity.High},
		{Police, "2.16.724.1.2.2.2.3", Signature, identity.NoLevel},
	}
}

// idCAT Certificat, and what else the same provider gives to people: to those linked
// to an administration (T-CAT persona vinculada) and to its workers (treballador
// públic), in software and on a card.
// Source: Consorci AOC, "Descripció dels perfils de certificats", sections 2.3, 2.4,
// 2.10, 2.11 and 3.1.
func catalonia() Table {
	return Table{
		{Catalonia, "1.3.6.1.4.1.15096.1.3.2.86.2", Citizen, identity.NoLevel},
		{CataloniaNow, "1.3.6.1.4.1.15096.1.3.2.86.2", Citizen, identity.NoLevel},
		{"", "1.3.6.1.4.1.15096.1.3.2.86.1", Representative, identity.NoLevel},
		{"", "1.3.6.1.4.1.15096.1.3.2.82.1", Representative, identity.NoLevel},
		{"", "1.3.6.1.4.1.15096.1.3.2.86.3", Employee, identity.NoLevel},
		{"", "1.3.6.1.4.1.15096.1.3.2.82.2", Employee, identity.NoLevel},
	}
}

// What ACCV gives to others than citizens: public employees, who belong to a company,
// representatives, seals, pseudonyms; on a device and in software each. The numbers
// after them are the version of the policy.
// Source: ACCV, its open library Arangí, classes of es.accv.arangi.certificate.
func valencia() Table {
	const accv = "1.3.6.1.4.1.8149.3."
	return Table{
		{"", accv + "10.*", Employee, identity.NoLevel},
		{"", accv + "22.*", Employee, identity.NoLevel},
		{"", accv + "20.*", Representative, identity.NoLevel},
		{"", accv + "25.*", Representative, identity.NoLevel},
		{"", accv + "29.*", Representative, identity.NoLevel},
		{"", accv + "30.*", Representative, identity.NoLevel},
		{"", accv + "16.*", Seal, identity.NoLevel},
		{"", accv + "17.*", Seal, identity.NoLevel},
		{"", accv + "21.*", Pseudonym, identity.NoLevel},
		{"", accv + "27.*", Pseudonym, identity.NoLevel},
	}
}

// What all issuers give to administrations: 1 is the high level, 2 the medium one.
// Source: Ministerio de Hacienda y Administraciones Públicas, "Perfiles de
// certificados electrónicos", version 2.0 (2016); Real Decreto 203/2021, articles 22
// to 24.
func spain() Table {
	return Table{
		{"", "2.16.724.1.3.5.4.1", Pseudonym, identity.NoLevel},
		{"", "2.16.724.1.3.5.4.2", Pseudonym, identity.NoLevel},
		{"", "2.16.724.1.3.5.6.1", Seal, identity.NoLevel},
		{"", "2.16.724.1.3.5.6.2", Seal, identity.NoLevel},
		{"", "2.16.724.1.3.5.7.1", Employee, identity.NoLevel},
		{"", "2.16.724.1.3.5.7.2", Employee, identity.NoLevel},
	}
}

// Qualified certificates of all issuers. Source: ETSI EN 319 411-2, section 5.3.
func europe() Table {
	return Table{
		{"", policyLegal, Seal, identity.NoLevel},
		{"", policyLegalDevice, Seal, identity.NoLevel},
		{"", PolicyNaturalDevice, Citizen, identity.High},
		{"", policyNatural, Citizen, identity.NoLevel},
	}
}
