package identity

// State is a person's state in the register of citizens. The zero value is
// unknown and lets nobody in.
type State string

// The states.
const (
	Unregistered State = "unregistered" // known by certificate or eIDAS only, or by the reference data only
	Registered   State = "registered"
	PhoneRevoked State = "phone_revoked" // the phone now belongs to somebody else
	Withdrawn    State = "withdrawn"
	Revoked      State = "revoked"  // ex officio
	Deceased     State = "deceased" // by the reference data
)
