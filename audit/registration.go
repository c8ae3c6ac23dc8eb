package audit

import "clave/identity"

// KindRegistrationChanged names changes of registrations.
const KindRegistrationChanged Kind = "registration_changed"

// RegistrationChanged: a citizen's registration is another one from now on. Who did
// it is the event's actor, and the receipt says it to the citizen.
type RegistrationChanged struct {
	// Change is a registrar.Change, such as registered or phone_taken.
	Change string `json:"change"`
	// State, Channel and Level are those after the change.
	State   identity.State        `json:"state"`
	Channel identity.Channel      `json:"channel,omitempty"`
	Level   identity.Registration `json:"level"`
	// Method by which the citizen was logged in, empty at an office and by letter.
	Method identity.Method `json:"method,omitempty"`
	Office string          `json:"office,omitempty"`
	// Seen is what the officer saw of the citizen: kind of document, and how a guardian
	// showed to be that, whose document stands in Personal.
	Seen    string `json:"seen,omitempty"`
	Reason  string `json:"reason,omitempty"` // of an officer; never names anybody
	Receipt string `json:"receipt,omitempty"`
	// Proposer is who proposed what the actor approved.
	Proposer identity.PersonID `json:"proposer,omitempty"`
	// Other is who has the phone now, of a change of phone_taken.
	Other identity.PersonID `json:"other,omitempty"`
}

// Kind implements Data.
func (RegistrationChanged) Kind() Kind { return KindRegistrationChanged }
