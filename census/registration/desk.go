package registration

import (
	"context"
	"fmt"
	"slices"

	"clave/census/registrar"
	"clave/identity"
	"clave/web/lang"
)

// The procedures at the desk of a registration office.
const (
	DeskRegister   Name = "desk_register"
	DeskPhone      Name = "desk_phone"
	DeskEmail      Name = "desk_email"
	DeskRaise      Name = "desk_raise"
	DeskRegenerate Name = "desk_regenerate"
	DeskWithdraw   Name = "desk_withdraw"
)

// StepSeen is the check-list of what the officer saw. Its page is the first one of each
// procedure at the desk.
const StepSeen StepName = "seen"

// Attested: the officer said what they saw.
const Attested Fact = "attested"

// The fields of the check-list.
const (
	FieldLanguage Field = "language" // the citizen's
	FieldSeen     Field = "seen"
)

// AtDesk are the procedures at a desk, on the word of an officer, see [Basis]. The
// citizen confirms by signing what the officer prints; only then a code goes to the
// phone, and is typed at the desk.
// Sources: BOE-A-2015-14215, annex I, 1.3, and clave.gob.es, frequently asked questions
// about registration. The code to the phone is our choice, as everywhere.
func AtDesk() []Procedure {
	return []Procedure{
		{Name: DeskRegister, Change: registrar.Registered, Steps: serving(phoneFields(), emailFields())},
		{Name: DeskPhone, Change: registrar.PhoneChanged, Steps: serving(phoneFields())},
		{Name: DeskEmail, Change: registrar.EmailChanged, Steps: serving(emailFields())},
		{Name: DeskRaise, Change: registrar.Raised, Steps: serving()},
		{Name: DeskRegenerate, Change: registrar.Regenerated, Steps: serving()},
		{Name: DeskWithdraw, Change: registrar.Withdrawn, Steps: serving()},
	}
}

// serving are the steps at a desk: with a step for the contact where something of it is
// asked for.
func serving(asks ...[]Field) []Step {
	signed := []Fact{Confirmed, CodeSent}
	steps := []Step{{
		Name: StepSeen, Asks: []Field{FieldLanguage, FieldSeen}, Undoes: append([]Fact{Attested}, signed...), Gives: []Fact{Attested},
		Next: []Branch{{To: StepConfirm}},
	}}
	needs := []Fact{Attested}
	if len(asks) > 0 {
		steps[0].Next = []Branch{{To: StepContact}}
		steps = append(steps, Step{
			Name: StepContact, Asks: slices.Concat(asks...), Needs: needs, Undoes: restsOn(Contacted), Gives: []Fact{Contacted},
			Next: []Branch{{If: Taken, To: StepClaim}, {To: StepConfirm}},
		}, Step{
			Name: StepClaim, Needs: []Fact{Attested, Contacted, Taken}, Gives: []Fact{Claimed}, Next: []Branch{{To: StepConfirm}},
		})
		needs = []Fact{Attested, Contacted}
	}
	return append(steps, Step{
		Name: StepConfirm, Asks: conditionsField(), Needs: needs, Undoes: signed, Gives: []Fact{Confirmed},
		Next: []Branch{{If: Finished, To: StepDone}, {To: StepSMS}},
	}, Step{
		Name: StepSMS, Needs: append([]Fact{Confirmed, CodeSent}, needs...), Gives: []Fact{Finished}, Next: []Branch{{To: StepDone}},
	}, Step{Name: StepDone, Needs: []Fact{Finished}, Closes: true})
}

// served tells whether a procedure is one at a desk.
func (p Procedure) served() bool {
	_, ok := p.Step(StepSeen)
	return ok
}

// Attest takes what the officer saw of the citizen, and in which language the citizen
// is told. Denied as Start; mistakes is what is wrong with the list, and nothing is
// kept then.
func (s *Procedures) Attest(ctx context.Context, h Handle, list CheckList, l lang.Language) (mistakes []Mistake, err error) {
	entry, err := s.entry(ctx, h)
	if err != nil {
		return nil, err
	}
	seen, mistakes := list.Read(entry.Identity, identity.DateOf(s.Now().UTC()))
	if len(mistakes) > 0 {
		return mistakes, nil
	}
	typed := map[Field]string{FieldLanguage: string(l), FieldSeen: seen.Words() + " " + seen.Guardian.Reveal()}
	_, err = s.answer(ctx, h, StepSeen, typed, func(_ context.Context, r *Running) (*Denied, error) {
		r.By.Seen = seen
		return nil, nil
	})
	return nil, err
}

// Language is the one in which the citizen at a desk is told.
func (s *State) Language() lang.Language {
	if l, ok := lang.Parse(s.Typed[FieldLanguage]); ok {
		return l
	}
	return lang.Default
}

// basis tells whether a procedure may run on somebody's word: those at a desk on an
// officer's, and the others on that of who is logged in.
func (p Procedure) basis(b Basis) error {
	if p.served() != (b.By.Officer != "") {
		return fmt.Errorf("starting %s: not on this word", p.Name)
	}
	return nil
}
