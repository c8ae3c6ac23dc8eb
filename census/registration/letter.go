package registration

import (
	"slices"

	"clave/census/registrar"
)

// What a letter is for: Letter is the registration with it, LeaveByLetter the
// withdrawal of who has nothing else to prove who they are.
const (
	Letter        Name = "letter"
	LeaveByLetter Name = "leave_letter"
)

// The steps of Letter.
const (
	StepDocument  StepName = "document"
	StepContrast  StepName = "contrast"
	StepChoice    StepName = "choice"
	StepRequested StepName = "requested"
	StepCode      StepName = "code"
	StepContact   StepName = "contact"
	StepClaim     StepName = "claim"
	StepSMS       StepName = "sms"
	StepDone      StepName = "done"
)

// ByLetter is the procedure Letter: who holds no letter asks for one, who holds one
// registers with it.
// Source: sede.agenciatributaria.gob.es, "How to register in Cl@ve PIN after
// cancelling …", for the steps up to the letter; BOE-A-2015-14215, annex I, 1.3 and
// 1.6, for what is given and accepted afterwards. That the phone is always proven by
// a code is our choice: a mistyped number would be somebody else's.
func ByLetter() Procedure {
	return Procedure{Name: Letter, Change: registrar.Registered, Belongs: belongsToLetter, Steps: append(holdingLetter(StepContact),
		Step{
			Name: StepContact, Asks: slices.Concat(phoneFields(), emailFields(), conditionsField()),
			Needs:  []Fact{Matched, Invited},
			Undoes: restsOn(Contacted), Gives: []Fact{Contacted},
			Next: []Branch{{If: Taken, To: StepClaim}, {To: StepSMS}},
		},
		Step{
			Name: StepClaim, Needs: []Fact{Matched, Invited, Contacted, Taken},
			Gives: []Fact{Claimed, CodeSent}, Next: []Branch{{To: StepSMS}},
		},
		Step{
			Name: StepSMS, Needs: []Fact{Matched, Invited, Contacted, CodeSent},
			Gives: []Fact{Finished}, Next: []Branch{{To: StepDone}},
		},
		Step{Name: StepDone, Needs: []Fact{Finished}, Closes: true},
	)}
}

// LeavingByLetter is the procedure LeaveByLetter: who lost the phone to somebody else
// and has no certificate cannot log in to leave. A letter goes to nobody else who is
// registered, see [invitation.Eligible], and ends basic registrations only: those of an
// advanced level were made with more than a letter.
// Source: our choice, where the public pages name no way for who cannot log in.
func LeavingByLetter() Procedure {
	return Procedure{Name: LeaveByLetter, Change: registrar.Withdrawn, Belongs: belongsToLetter, Steps: append(holdingLetter(StepConfirm),
		Step{
			Name: StepConfirm, Asks: conditionsField(), Needs: []Fact{Matched, Invited},
			Undoes: restsOn(Confirmed), Gives: []Fact{Confirmed}, Next: []Branch{{If: Finished, To: StepDone}},
		},
		Step{Name: StepDone, Needs: []Fact{Finished}, Closes: true},
	)}
}

// holdingLetter are the steps up to the one after a good invitation code.
func holdingLetter(then StepName) []Step {
	return []Step{
		{
			// Answering it begins another procedure: whose document it is decides
			// about everything else.
			Name: StepDocument, Asks: []Field{FieldDocument},
			Undoes: restsOn(Named), Gives: []Fact{Named}, Next: []Branch{{To: StepContrast}},
		},
		{
			Name: StepContrast, Asks: []Field{FieldKind, FieldContrast}, Needs: []Fact{Named},
			Undoes: restsOn(Matched), Gives: []Fact{Matched}, Next: []Branch{{To: StepChoice}},
		},
		{
			Name: StepChoice, Asks: []Field{FieldChoice}, Needs: []Fact{Matched},
			Undoes: restsOn(Chosen), Gives: []Fact{Chosen},
			Next: []Branch{{If: HasLetter, To: StepCode}, {If: Requested, To: StepRequested}},
		},
		{Name: StepRequested, Needs: []Fact{Matched, Requested}},
		{
			Name: StepCode, Asks: []Field{FieldInvitation}, Needs: []Fact{Matched, HasLetter},
			Undoes: restsOn(Invited), Gives: []Fact{Invited}, Next: []Branch{{To: then}},
		},
	}
}

// restsOn is a fact and all that come after it.
func restsOn(from Fact) []Fact {
	order := [][]Fact{
		{Named}, {Matched}, {Chosen, HasLetter, Requested}, {Invited}, {Contacted, Confirmed, Taken}, {Claimed, CodeSent},
	}
	var undone []Fact
	for _, facts := range order {
		if len(undone) > 0 || slices.Contains(facts, from) {
			undone = append(undone, facts...)
		}
	}
	return undone
}
