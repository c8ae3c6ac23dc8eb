package audit

// The kinds of what concerns the staff themselves. What officers do to citizens'
// registrations is told with those.
const (
	KindStaffAdded     Kind = "staff_added"
	KindStaffChanged   Kind = "staff_changed"
	KindStaffRemoved   Kind = "staff_removed"
	KindStaffSignedIn  Kind = "staff_signed_in"
	KindStaffMoved     Kind = "staff_moved"
	KindStaffSignedOut Kind = "staff_signed_out"
	KindStaffRefused   Kind = "staff_refused"
)

// StaffAdded: the person belongs to the staff from now on.
type StaffAdded struct {
	Role    string   `json:"role"` // a staff.Role
	Offices []string `json:"offices,omitempty"`
}

// StaffChanged: a member has another role or other offices.
type StaffChanged struct {
	Was     string   `json:"was"`
	Role    string   `json:"role"`
	Offices []string `json:"offices,omitempty"`
}

// StaffRemoved: the person no longer belongs to the staff.
type StaffRemoved struct {
	Role string `json:"role"`
}

// StaffSignedIn: a member began to work at the console. The login is the event's.
type StaffSignedIn struct {
	Session  string `json:"session"`
	Role     string `json:"role"`
	Training bool   `json:"training,omitempty"` // on synthetic citizens
}

// StaffMoved: a member chose the office where they act.
type StaffMoved struct {
	Session string `json:"session"`
	Office  string `json:"office"`
}

// StaffSignedOut: a session at the console was ended before its time.
type StaffSignedOut struct {
	Session string `json:"session"`
	Reason  string `json:"reason"` // left or signed_in_again
}

// StaffRefused: somebody wanted into the console, or to do something there, and may
// not. Someone should look.
type StaffRefused struct {
	Reason  string `json:"reason"`            // not_member or role
	Act     string `json:"act,omitempty"`     // a staff.Act
	Session string `json:"session,omitempty"` // of a member
}

// Kind implements Data.
func (StaffAdded) Kind() Kind { return KindStaffAdded }

// Kind implements Data.
func (StaffChanged) Kind() Kind { return KindStaffChanged }

// Kind implements Data.
func (StaffRemoved) Kind() Kind { return KindStaffRemoved }

// Kind implements Data.
func (StaffSignedIn) Kind() Kind { return KindStaffSignedIn }

// Kind implements Data.
func (StaffMoved) Kind() Kind { return KindStaffMoved }

// Kind implements Data.
func (StaffSignedOut) Kind() Kind { return KindStaffSignedOut }

// Kind implements Data.
func (StaffRefused) Kind() Kind { return KindStaffRefused }
