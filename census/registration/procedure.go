package registration

import (
	"slices"

	"clave/census"
	"clave/census/registrar"
)

// Name names a procedure. The list is closed.
type Name string

// StepName names a step; it is the last part of the address of its page.
type StepName string

// Fact is something that holds in a running procedure. The list is closed.
type Fact string

// The facts.
const (
	Named     Fact = "named"      // a document was typed
	Matched   Fact = "matched"    // document and contrast datum belong together
	Chosen    Fact = "chosen"     // to have a letter, or to want one
	HasLetter Fact = "has_letter" // the citizen holds a letter
	Requested Fact = "requested"  // a letter is on its way
	Invited   Fact = "invited"    // the invitation code is good
	Contacted Fact = "contacted"  // phone, e-mail and conditions are given
	Taken     Fact = "taken"      // the phone is another citizen's until now
	Claimed   Fact = "claimed"    // the citizen knows that, and goes on
	CodeSent  Fact = "code_sent"  // a code went to the phone
	Confirmed Fact = "confirmed"  // the citizen wants it, and accepts the conditions
	Finished  Fact = "finished"
)

// Field is something that is typed and kept. The list is closed.
type Field string

// The fields.
const (
	FieldDocument   Field = "document"
	FieldKind       Field = "kind" // of the contrast datum
	FieldContrast   Field = "contrast"
	FieldChoice     Field = "choice"
	FieldInvitation Field = "invitation"
	FieldPrefix     Field = "prefix"
	FieldPhone      Field = "phone"
	FieldPhoneAgain Field = "phone_again"
	FieldEmail      Field = "email"
	FieldEmailAgain Field = "email_again"
	FieldConditions Field = "conditions" // the version that was accepted
)

// Procedure is a way to do something in several steps. The first step begins it.
type Procedure struct {
	Name Name
	// Change is what its end does to the registration.
	Change registrar.Change
	// Belongs tells whether a datum belongs to a document; nil where none is asked.
	Belongs func(*census.Candidate, census.Contrast) bool
	Steps   []Step
}

// Step is one page with its question, or an end.
type Step struct {
	Name StepName
	// Asks are the fields of its page: what is typed there is kept.
	Asks []Field
	// Needs are what must hold for the step to be shown and answered.
	Needs []Fact
	// Undoes are what an answer takes away first, for it rested on the one before.
	Undoes []Fact
	// Gives are what a good answer makes hold.
	Gives []Fact
	// Next are the ways on, of which the first whose If holds is taken; none for an
	// end.
	Next []Branch
	// Closes says that nothing is answered any more once the step is reached.
	Closes bool
}

// Branch is a way from one step to the next.
type Branch struct {
	If Fact // empty for always
	To StepName
}

// Step finds a step by name.
func (p Procedure) Step(name StepName) (Step, bool) {
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Name == name })
	if i < 0 {
		return Step{}, false
	}
	return p.Steps[i], true
}

// At is where a procedure stands in which the facts hold: the first step whose
// answer is missing, or the end that was reached.
func (p Procedure) At(holds []Fact) StepName {
	s := p.Steps[0]
	for range p.Steps { // a circle in the table does not hang a request
		if len(s.Next) == 0 || !all(holds, s.Gives) {
			return s.Name
		}
		next, ok := p.follow(s, holds)
		if !ok {
			return s.Name
		}
		s = next
	}
	return s.Name
}

func (p Procedure) follow(s Step, holds []Fact) (Step, bool) {
	for _, branch := range s.Next {
		if branch.If == "" || slices.Contains(holds, branch.If) {
			return p.Step(branch.To)
		}
	}
	return Step{}, false
}

// May tells whether a step can be shown and answered where the facts hold.
func (p Procedure) May(name StepName, holds []Fact) bool {
	s, ok := p.Step(name)
	if !ok || !all(holds, s.Needs) {
		return false
	}
	at, _ := p.Step(p.At(holds))
	return !at.Closes || at.Name == name
}

func all(holds, wanted []Fact) bool {
	for _, f := range wanted {
		if !slices.Contains(holds, f) {
			return false
		}
	}
	return true
}
