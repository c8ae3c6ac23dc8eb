package registrartest

import (
	"clave/census/registrar"
	"clave/identity"
)

// Letter is a spent invitation code.
func Letter() registrar.By {
	return registrar.By{Channel: identity.ByLetter, Language: "es", Conditions: "2026-11"}
}

// Certificate is a login with a certificate.
func Certificate() registrar.By {
	return registrar.By{
		Channel: identity.ByCertificate, Method: identity.Certificate, Login: "login-certificate", Language: "ca", Conditions: "2026-11",
	}
}

// Desk is an officer before whom the citizen stands.
func Desk() registrar.By {
	return registrar.By{
		Channel: identity.ByOffice, Officer: "OFFICER1", Office: "28-001", Reason: "expediente 7", Language: "eu", Conditions: "2026-11",
	}
}

// Login is a login by a method other than the certificate.
func Login(m identity.Method) registrar.By {
	return registrar.By{Method: m, Login: "login-" + string(m)}
}

// Weak are proofs that contradict themselves or prove nothing.
func Weak() map[string]registrar.By {
	desk, certificate, letter := Desk(), Certificate(), Letter()
	return map[string]registrar.By{
		"nothing":                             {},
		"a channel that is not offered":       {Channel: identity.ByVideo},
		"eIDAS":                               Login(identity.EIDAS),
		"a PIN that claims a certificate":     {Channel: identity.ByCertificate, Method: identity.PIN, Login: "login"},
		"a PIN that claims an office":         {Channel: identity.ByOffice, Method: identity.PIN, Login: "login"},
		"a PIN that claims a letter":          {Channel: identity.ByLetter, Method: identity.PIN, Login: "login"},
		"an office without officer":           {Channel: desk.Channel, Office: desk.Office},
		"an officer without office":           {Channel: desk.Channel, Officer: desk.Officer},
		"an officer who claims a letter":      {Channel: letter.Channel, Officer: desk.Officer, Office: desk.Office},
		"a certificate channel without login": {Channel: certificate.Channel},
		"a certificate without its login":     {Channel: certificate.Channel, Method: certificate.Method},
		"a method that does not exist":        {Method: "password", Login: "login"},
	}
}
