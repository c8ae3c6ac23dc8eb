package audit

import "time"

// The kinds of Cl@ve Permanente.
const (
	KindPasswordWrong      Kind = "password_wrong"
	KindPasswordLocked     Kind = "password_locked"
	KindPasswordSet        Kind = "password_set"
	KindPasswordPreference Kind = "password_preference"
	KindPasswordCodeSent   Kind = "password_code_sent"
	KindPasswordCodeWrong  Kind = "password_code_wrong"
	KindActivationWrong    Kind = "activation_wrong"
)

// PasswordWrong: a wrong password was typed, or one for a document that has none. The
// document stands in Personal.
type PasswordWrong struct {
	Known bool `json:"known"` // the browser had logged in before
	Count int  `json:"count"` // wrong ones that count together, this one included
}

// PasswordLocked: no more passwords are taken from unknown browsers for a document, or
// from anybody for a person. The document stands in Personal.
type PasswordLocked struct {
	Known bool      `json:"known"` // the lock is of the person, until a reset
	Until time.Time `json:"until"` // the zero time: until a reset
}

// PasswordSet: a citizen chose a password.
type PasswordSet struct {
	How string `json:"how"` // activation, reset or change
}

// PasswordPreference: a citizen chose whether a code is always asked for as well.
type PasswordPreference struct {
	Always bool `json:"always"`
}

// PasswordCodeSent: a code was sent to the phone after a password or an activation
// code was right.
type PasswordCodeSent struct {
	Purpose string `json:"purpose"` // login, set or change
	Sent    int    `json:"sent"`    // how many for this purpose, this one included
}

// PasswordCodeWrong: such a code was wrong.
type PasswordCodeWrong struct {
	Purpose string `json:"purpose"`
	Wrong   int    `json:"wrong"` // how many for this purpose, this one included
}

// ActivationWrong: document, address and activation code do not belong together. The
// document stands in Personal.
type ActivationWrong struct {
	// Counted: document and address belong together, so that it counts against the code.
	Counted bool `json:"counted"`
	Voided  bool `json:"voided"` // it was the last one that the code bears
}

// Kind implements Data.
func (PasswordWrong) Kind() Kind { return KindPasswordWrong }

// Kind implements Data.
func (PasswordLocked) Kind() Kind { return KindPasswordLocked }

// Kind implements Data.
func (PasswordSet) Kind() Kind { return KindPasswordSet }

// Kind implements Data.
func (PasswordPreference) Kind() Kind { return KindPasswordPreference }

// Kind implements Data.
func (PasswordCodeSent) Kind() Kind { return KindPasswordCodeSent }

// Kind implements Data.
func (PasswordCodeWrong) Kind() Kind { return KindPasswordCodeWrong }

// Kind implements Data.
func (ActivationWrong) Kind() Kind { return KindActivationWrong }
