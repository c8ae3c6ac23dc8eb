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
