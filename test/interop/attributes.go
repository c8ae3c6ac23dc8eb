package main

// ourAttributes are those of our metadata, as services name them to their applications.
var ourAttributes = [...]struct{ name, friendlyName string }{
	{"http://eidas.europa.eu/attributes/naturalperson/PersonIdentifier", "PersonIdentifier"},
	{"http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName", "FirstName"},
	{"http://eidas.europa.eu/attributes/naturalperson/CurrentFamilyName", "FamilyName"},
	{"http://eidas.europa.eu/attributes/naturalperson/DateOfBirth", "DateOfBirth"},
	{"http://es.minhafp.clave/FirstSurname", "FirstSurname"},
	{"http://es.minhafp.clave/SecondSurname", "SecondSurname"},
	{"http://es.minhafp.clave/DocumentKind", "DocumentKind"},
}

// itself is for who names attributes to applications by their friendly name.
func itself(friendlyName string) string { return friendlyName }

// uri is for who names them by their name.
func uri(friendlyName string) string {
	for _, a := range ourAttributes {
		if a.friendlyName == friendlyName {
			return a.name
		}
	}
	return ""
}
