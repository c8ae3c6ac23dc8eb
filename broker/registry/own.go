package registry

import "clave/identity"

// OwnID is the id of the installation itself, under which citizens log in to our
// own pages. No file may register it.
const OwnID = "clave"

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
