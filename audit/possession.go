package audit

// The kinds of proving that somebody holds a phone, outside of a login.
const (
	KindPossessionAsked  Kind = "possession_asked"
	KindPossessionWrong  Kind = "possession_wrong"
	KindPossessionProven Kind = "possession_proven"
)

// PossessionAsked: a code was sent to the phone that a citizen wants to register.
type PossessionAsked struct {
	Procedure string `json:"procedure"` // its random id
	Sent      int    `json:"sent"`      // codes of the procedure, this one included
	Taken     bool   `json:"taken"`     // the phone is another citizen's until now
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
