package registrar

import (
	"clave/audit"
	"clave/identity"
)

// By says who does something to a registration, and how they proved to be that
// citizen. The zero value allows nothing.
type By struct {
	// Channel is by which way the citizen was identified: a letter's code, a
	// certificate, an office. Empty for who is logged in by another method.
	Channel identity.Channel
	// Method and Login are those of the citizen's fresh login; empty at an office
	// and by letter.
	Method identity.Method
	Login  string
	// Officer and Office are who acts at a desk, and where.
	Officer identity.PersonID
	Office  string
	// Seen is what the officer saw of the citizen.
	Seen Seen
	// Reason is why an officer revokes or lifts; names nobody.
	Reason string
	// Proposer is who proposed what Officer approved; empty where nobody had to.
	Proposer identity.PersonID
	// Language is in which one the citizen is told; empty for that of before.
	Language string
	// Conditions is the version of the conditions that the citizen accepted now.
	Conditions string
}

// proof is what By amounts to.
type proof int

const (
	noProof       proof = iota
	byLetter            // holds a code that went to the fiscal address
	byLogin             // logged in with the phone or password of the registration
	byCertificate       // logged in with a certificate
	byOffice            // stands before an officer
)

// proof tells what By amounts to. Contradictions are no proof: an online login
// cannot claim an office, nor a desk a certificate.
func (b By) proof() proof {
	online := b.Officer == "" && b.Office == "" && b.Login != ""
	switch {
	case b.Channel == identity.ByOffice && b.Officer != "" && b.Office != "" && b.Method == "" && b.Login == "":
		return byOffice
	case b.Channel == identity.ByLetter && b.Officer == "" && b.Office == "" && b.Method == "" && b.Login == "":
		return byLetter
	case (b.Channel == identity.ByCertificate || b.Channel == "") && b.Method == identity.Certificate && online:
		return byCertificate
	case b.Channel == "" && online:
		switch b.Method {
		case identity.PIN, identity.Movil, identity.Permanente:
			return byLogin
		case identity.Certificate, identity.EIDAS: // eIDAS proves nothing about a registration here
		}
	}
	return noProof
}

// Actor is who the audit trail names.
func (b By) Actor() audit.Actor {
	if b.Officer != "" {
		return audit.Officer(string(b.Officer))
	}
	return audit.Citizen
}
