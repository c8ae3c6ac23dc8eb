package procedure

import (
	"clave/broker"
	"clave/identity"
)

// Link leads to a procedure; Text is a key.
type Link struct{ Path, Text string }

// Offered are the procedures of who is logged in that an installation has. The zero
// value has those that any login allows.
type Offered struct {
	// Certificates: those that begin with one, too.
	Certificates bool
}

// Where the front door tells how a phone is changed and a level rises.
const (
	changePath = "/register/change"
	risePath   = "/register/level"
)

// Links are the procedures for a registration that stands so, whose citizen is logged
// in by the method. What needs a certificate is explained first to who has not shown
// one: an office does it, too.
func (o Offered) Links(st broker.Standing, by identity.Method) []Link {
	var links []Link
	add := func(offered bool, path, text string) {
		if offered {
			links = append(links, Link{path, text})
		}
	}
	registered, lost := st.State == identity.Registered, st.State == identity.PhoneRevoked
	if !registered && !lost {
		add(o.Certificates && enterable(st.State), CertificatePath+"/choice", "procedure.do.certificate")
		return links
	}
	shown, basic := by == identity.Certificate, st.Registration == identity.Basic
	enough := shown || st.Registration == identity.Advanced
	add(shown, PhonePath, "procedure.do.phone")
	add(!shown, changePath, "procedure.do.phone")
	add(true, EmailPath, "procedure.do.email")
	add(shown && basic, LevelPath, "procedure.do.raise")
	add(!shown && basic, risePath, "procedure.do.raise")
	add(registered && enough, ActivationPath, "procedure.do.regenerate")
	add(o.Certificates && registered && !enough, activationByCertificate, "procedure.do.regenerate")
	add(true, WithdrawPath, "procedure.do.withdraw")
	return links
}

// enterable tells whether a certificate registers who stands so. Who lost the phone to
// somebody else keeps the registration, and gives another one.
func enterable(s identity.State) bool { return s == identity.Unregistered || s == identity.Withdrawn }
