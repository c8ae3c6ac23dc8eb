package registry

import "clave/identity"

// OwnID is the id of the installation itself, under which citizens log in to our
// own pages. No file may register it.
const OwnID = "clave"

// StaffID is the id under which officers sign in to the console. No file may
// register it.
const StaffID = "clave-staff"

// Own is the installation as a relying party of itself. It demands nothing beyond
// what each page demands, and nothing is released to it: it knows everything.
func Own() *RelyingParty {
	return &RelyingParty{
		ID: OwnID, Sector: OwnID, MinimumLevel: identity.Low, Methods: identity.Methods(), SSO: SSOSilent,
		Name: Names{
			"es": "Mi Cl@ve", "ca": "El meu Cl@ve", "gl": "O meu Cl@ve", "eu": "Nire Cl@ve", "ca-valencia": "El meu Cl@ve", "en": "My Cl@ve",
		},
	}
}

// Staff is the console of the officers as a relying party of the installation. Who
// works at a desk proves it by certificate each time, and leaves no session that the
// next person at the computer could go to other services with.
func Staff() *RelyingParty {
	return &RelyingParty{
		ID: StaffID, Sector: StaffID, MinimumLevel: identity.Substantial, Methods: []identity.Method{identity.Certificate}, SSO: SSOApart,
		Name: Names{
			"es": "Consola de Cl@ve", "ca": "Consola de Cl@ve", "gl": "Consola de Cl@ve", "eu": "Cl@ve kontsola",
			"ca-valencia": "Consola de Cl@ve", "en": "Cl@ve staff console",
		},
	}
}

// ours are the relying parties that stand in no file.
func ours() []*RelyingParty { return []*RelyingParty{Own(), Staff()} }
