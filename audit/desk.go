package audit

import "clave/identity"

// The kinds of what officers do before they change a registration, see
// [RegistrationChanged] for the change itself.
const (
	KindDeskLookedUp     Kind = "desk_looked_up"
	KindDeskRefused      Kind = "desk_refused"
	KindProposalMade     Kind = "proposal_made"
	KindProposalDecided  Kind = "proposal_decided"
	KindProposalReviewed Kind = "proposal_reviewed"
)

// DeskLookedUp: an officer asked for a citizen's data. The document stands in Personal
// where no person stands for it.
type DeskLookedUp struct {
	Case    string `json:"case"` // under which the data can be seen for a while
	Session string `json:"session"`
	Office  string `json:"office"`
	Reason  string `json:"reason"`           // a desk.Reason
	Number  string `json:"number,omitempty"` // of the office's own file
	Found   bool   `json:"found"`
}

// DeskRefused: an officer asked for data and got none. Someone should look.
type DeskRefused struct {
	Session string `json:"session"`
	Office  string `json:"office"`
	Why     string `json:"why"` // own_record, or limit: too many look-ups in an hour
}

// ProposalMade: an officer proposed to revoke the person's registration ex officio, or
// to lift that.
type ProposalMade struct {
	Proposal string `json:"proposal"`
	Change   string `json:"change"` // a registrar.Change
	Reason   string `json:"reason"`
	Number   string `json:"number,omitempty"` // of the office's own file
	Office   string `json:"office"`
}

// ProposalReviewed: a supervisor read a proposal with the person's data.
type ProposalReviewed struct {
	Proposal string `json:"proposal"`
	Office   string `json:"office"`
}

// ProposalDecided: a supervisor decided on what somebody else had proposed.
type ProposalDecided struct {
	Proposal string            `json:"proposal"`
	Change   string            `json:"change"`
	Decision string            `json:"decision"` // approved or rejected
	Why      string            `json:"why,omitempty"`
	Proposer identity.PersonID `json:"proposer"`
	Office   string            `json:"office"`
}

// Kind implements Data.
func (DeskLookedUp) Kind() Kind { return KindDeskLookedUp }

// Kind implements Data.
func (DeskRefused) Kind() Kind { return KindDeskRefused }

// Kind implements Data.
func (ProposalMade) Kind() Kind { return KindProposalMade }

// Kind implements Data.
func (ProposalReviewed) Kind() Kind { return KindProposalReviewed }

// Kind implements Data.
func (ProposalDecided) Kind() Kind { return KindProposalDecided }
