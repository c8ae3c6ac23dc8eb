package registrar

import (
	"clave/identity"
)

// This file is the whole of what may happen to a registration. It is pure: values
// in, values out.
//
// Sources: BOE-A-2015-14215, annex I: 1.2 to 1.5 for the channels and the level that
// each gives, 1.6 for phone and data; sede.agenciatributaria.gob.es, "Register in the
// Cl@ve system" for who may do what online.

// levelBy is the level of who registers so. A letter proves only that somebody reads
// the mail of the fiscal address, so that it always gives basic, whatever the level
// was before: otherwise stolen mail would be a full takeover. Logins prove no more
// than the registration that they rest on, and register nobody.
func levelBy(p proof) (identity.Registration, error) {
	switch p {
	case byLetter:
		return identity.Basic, nil
	case byCertificate, byOffice:
		return identity.Advanced, nil
	case noProof, byLogin:
	}
	return identity.NoRegistration, ErrEvidence
}

// strong tells whether the proof stands without the registration and its phone.
func strong(p proof) bool { return p == byCertificate || p == byOffice }

// within tells whether the person lives and is in one of the states.
func within(e Entry, states ...identity.State) error {
	if e.Deceased {
		return ErrDeceased
	}
	for _, s := range states {
		if e.State == s {
			return nil
		}
	}
	if e.State == identity.Revoked {
		return ErrRevoked
	}
	return StateError{e.State}
}

// own refuses an officer who acts on themselves.
func own(e Entry, by By) error {
	if by.Officer != "" && by.Officer == e.Person {
		return ErrOwnRecord
	}
	return nil
}

// mayRegister: who never did, who left, and who lost the phone to somebody else. The
// registered change what they have.
func mayRegister(e Entry, by By) error {
	if _, err := levelBy(by.proof()); err != nil {
		return err
	}
	return within(e, identity.Unregistered, identity.Withdrawn, identity.PhoneRevoked)
}

// mayRaise: with a certificate or at an office, from basic.
func mayRaise(e Entry, by By) error {
	if !strong(by.proof()) {
		return ErrEvidence
	}
	if err := within(e, identity.Registered, identity.PhoneRevoked); err != nil {
		return err
	}
	if e.Level >= identity.Advanced {
		return ErrNotHigher
	}
	return nil
}

// mayChangePhone: with a certificate or at an office, never with what the present
// phone proves, or whoever stole it could keep the registration.
// Source: BOE-A-2015-14215, annex I, 1.6.
func mayChangePhone(e Entry, by By) error {
	if !strong(by.proof()) {
		return ErrEvidence
	}
	return within(e, identity.Registered, identity.PhoneRevoked)
}

// mayChangeEmail: with any login, or at an office.
func mayChangeEmail(e Entry, by By) error {
	switch by.proof() {
	case byLogin, byCertificate, byOffice:
	case noProof, byLetter:
		return ErrEvidence
	}
	return within(e, identity.Registered, identity.PhoneRevoked)
}

// NeedsPhone tells whether what a login alone allows asks for the phone of the
// registration as well, so that a browser left open is not enough to change the
// address or to leave. Who lost the phone to somebody else has none to prove.
// Source: our choice, beyond what the original asks.
func NeedsPhone(e Entry, by By) bool {
	p := by.proof()
	return (p == byLogin || p == byCertificate) && e.State == identity.Registered
}

// inHands tells whether the phone that was proven is the one of the registration,
// where it has to be.
func inHands(e Entry, by By, proven identity.Phone) error {
	if NeedsPhone(e, by) && (proven.IsZero() || proven != e.Phone) {
		return ErrPhone
	}
	return nil
}

// mayConfirmEmail: a code went to the address and came back, to who may change it.
func mayConfirmEmail(e Entry, email identity.Email, by By) error {
	if err := mayChangeEmail(e, by); err != nil {
		return err
	}
	switch {
	case !e.Email.Same(email):
		return ErrOtherEmail
	case e.EmailConfirmed:
		return ErrConfirmed
	}
	return nil
}

// mayRegenerate: at an office, with a certificate, or with PIN or Móvil where those
// reach substantial, which is where the registration is advanced.
func mayRegenerate(e Entry, by By) error {
	p := by.proof()
	substantial := p == byLogin && (by.Method == identity.PIN || by.Method == identity.Movil) && e.Level == identity.Advanced
	if !strong(p) && !substantial {
		return ErrEvidence
	}
	return within(e, identity.Registered)
}

// mayWithdraw: with any login, at an office, and who is basic with the code of a
// letter.
func mayWithdraw(e Entry, by By) error {
	switch by.proof() {
	case byLogin, byCertificate, byOffice:
	case byLetter:
		if e.Level != identity.Basic {
			return ErrEvidence
		}
	case noProof:
		return ErrEvidence
	}
	return within(e, identity.Registered, identity.PhoneRevoked)
}

// mayRevoke: at an office, with a reason. Whoever has a certificate only can be
// revoked too: nothing logs them in from then on.
func mayRevoke(e Entry, by By) error {
	if err := exOfficio(by); err != nil {
		return err
	}
	return within(e, identity.Registered, identity.PhoneRevoked, identity.Withdrawn, identity.Unregistered)
}

// mayLift: at an office, with a reason.
func mayLift(e Entry, by By) error {
	if err := exOfficio(by); err != nil {
		return err
	}
	return within(e, identity.Revoked)
}

func exOfficio(by By) error {
	switch {
	case by.proof() != byOffice:
		return ErrEvidence
	case by.Reason == "":
		return ErrReason
	}
	return nil
}
