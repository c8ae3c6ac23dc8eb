package registration

import (
	"slices"

	"clave/census/registrar"
)

// The procedures of who is logged in.
const (
	// Certificate is the registration with a certificate.
	Certificate Name = "certificate"
	Phone       Name = "phone"
	Email       Name = "email"
	Raise       Name = "raise"
	Regenerate  Name = "regenerate"
	Withdraw    Name = "withdraw"
	// ConfirmEmail proves that the citizen reads the mail of the address.
	ConfirmEmail Name = "confirm_email"
)

// The steps that Letter has not.
const (
	StepConfirm StepName = "confirm" // whether the citizen wants it
	StepMail    StepName = "mail"    // the code that went to the address
)

// Online are the procedures that a citizen begins who is logged in: who they are and
// how they proved it is known, see [Basis].
// Sources: sede.agenciatributaria.gob.es, "Register in the Cl@ve system online with
// electronic certificate or eDNI", for what is asked; BOE-A-2015-14215, annex I, 1.5
// and 1.6. The code to the phone is our choice, wherever there is a phone.
func Online() []Procedure {
	return []Procedure{
		{Name: Certificate, Change: registrar.Registered, Belongs: belongsToCertificate, Steps: append([]Step{{
			Name: StepContrast, Asks: []Field{FieldKind, FieldContrast},
			Undoes: restsOn(Matched), Gives: []Fact{Matched}, Next: []Branch{{To: StepContact}},
		}}, contacting(Matched, phoneFields(), emailFields(), conditionsField())...)},
		{Name: Phone, Change: registrar.PhoneChanged, Steps: contacting("", phoneFields(), conditionsField())},
		{Name: Email, Change: registrar.EmailChanged, Steps: contacting("", emailFields(), conditionsField())},
		{Name: Raise, Change: registrar.Raised, Steps: confirming()},
		{Name: Regenerate, Change: registrar.Regenerated, Steps: confirming()},
		{Name: Withdraw, Change: registrar.Withdrawn, Steps: confirming()},
		{Name: ConfirmEmail, Change: registrar.EmailConfirmed, Steps: []Step{
			{Name: StepConfirm, Gives: []Fact{Confirmed, CodeSent}, Next: []Branch{{To: StepMail}}},
			{Name: StepMail, Needs: []Fact{Confirmed, CodeSent}, Gives: []Fact{Finished}, Next: []Branch{{To: StepDone}}},
			{Name: StepDone, Needs: []Fact{Finished}, Closes: true},
		}},
	}
}

// contacting are the steps that ask for a phone or an address. Where no code has to
// go anywhere the first answer is the last.
func contacting(after Fact, asks ...[]Field) []Step {
	var before []Fact
	if after != "" {
		before = []Fact{after}
	}
	holding := func(facts ...Fact) []Fact { return append(facts, before...) }
	return []Step{
		{
			Name: StepContact, Asks: slices.Concat(asks...), Needs: before, Undoes: restsOn(Contacted), Gives: []Fact{Contacted},
			Next: []Branch{{If: Finished, To: StepDone}, {If: Taken, To: StepClaim}, {To: StepSMS}},
		},
		{
			Name: StepClaim, Needs: holding(Contacted, Taken),
			Gives: []Fact{Claimed, CodeSent}, Next: []Branch{{To: StepSMS}},
		},
		{Name: StepSMS, Needs: holding(Contacted, CodeSent), Gives: []Fact{Finished}, Next: []Branch{{To: StepDone}}},
		{Name: StepDone, Needs: []Fact{Finished}, Closes: true},
	}
}

// confirming are the steps that ask for nothing but whether it is wanted.
func confirming() []Step {
	return []Step{
		{
			Name: StepConfirm, Asks: conditionsField(), Undoes: restsOn(Confirmed), Gives: []Fact{Confirmed},
			Next: []Branch{{If: Finished, To: StepDone}, {To: StepSMS}},
		},
		{Name: StepSMS, Needs: []Fact{Confirmed, CodeSent}, Gives: []Fact{Finished}, Next: []Branch{{To: StepDone}}},
		{Name: StepDone, Needs: []Fact{Finished}, Closes: true},
	}
}
