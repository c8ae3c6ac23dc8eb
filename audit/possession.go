package audit

// The kinds of proving that somebody holds a phone or an address, outside of a login.
const (
	KindPossessionAsked  Kind = "possession_asked"
	KindPossessionWrong  Kind = "possession_wrong"
	KindPossessionProven Kind = "possession_proven"
)

// PossessionAsked: a code was sent to the phone or the address that a citizen says to
// have.
type PossessionAsked struct {
	Procedure string `json:"procedure"` // its random id
	Sent      int    `json:"sent"`      // codes of the procedure, this one included
	Taken     bool   `json:"taken"`     // the phone is another citizen's until now
	// Mail says that it went to an address, not to a phone.
	Mail bool `json:"mail,omitempty"`
}

// PossessionWrong: a code was wrong.
type PossessionWrong struct {
	Procedure string `json:"procedure"`
	Wrong     int    `json:"wrong"` // codes of the procedure, this one included
}

// PossessionProven: the code came back.
type PossessionProven struct {
	Procedure string `json:"procedure"`
}

// Kind implements Data.
func (PossessionAsked) Kind() Kind { return KindPossessionAsked }

// Kind implements Data.
func (PossessionWrong) Kind() Kind { return KindPossessionWrong }

// Kind implements Data.
func (PossessionProven) Kind() Kind { return KindPossessionProven }
