package registration

import (
	"slices"
	"testing"
)

// walk visits every step that answers can lead to, with what holds there.
func walk(p Procedure, visit func(s Step, holds []Fact)) {
	var from func(s Step, holds []Fact, depth int)
	from = func(s Step, holds []Fact, depth int) {
		visit(s, holds)
		if depth > 2*len(p.Steps) {
			return
		}
		for _, branch := range s.Next {
			after := slices.Clone(holds)
			after = append(after, s.Gives...)
			if branch.If != "" {
				after = append(after, branch.If)
			} else if !slices.Contains(after, CodeSent) && branch.To == StepSMS {
				after = append(after, CodeSent) // what GiveContact adds for a phone that is free
			}
			next, ok := p.Step(branch.To)
			if ok {
				from(next, after, depth+1)
			}
		}
	}
	from(p.Steps[0], nil, 0)
}

func TestTheTablesOfSteps(t *testing.T) {
	t.Parallel()
	for _, p := range slices.Concat(Online(), AtDesk(), []Procedure{ByLetter(), LeavingByLetter()}) {
		t.Run(string(p.Name), func(t *testing.T) {
			t.Parallel()
			checkTable(t, p)
		})
	}
}

func checkTable(t *testing.T, p Procedure) {
	seen := map[StepName]bool{}
	walk(p, func(s Step, holds []Fact) {
		seen[s.Name] = true
		if !all(holds, s.Needs) {
			t.Errorf("%s is reached with %v, and needs %v", s.Name, holds, s.Needs)
		}
		if at := p.At(holds); at != s.Name {
			t.Errorf("with %v the procedure stands at %s, want %s", holds, at, s.Name)
		}
		if !p.May(s.Name, holds) {
			t.Errorf("with %v %s cannot be answered", holds, s.Name)
		}
	})
	for _, s := range p.Steps {
		if !seen[s.Name] {
			t.Errorf("no answers lead to %s", s.Name)
		}
		for _, branch := range s.Next {
			if _, ok := p.Step(branch.To); !ok {
				t.Errorf("%s leads to %s, which is no step", s.Name, branch.To)
			}
		}
		if s.Name != StepClaim && s.Name != StepSMS && len(s.Asks) > 0 && !all(s.Undoes, s.Gives) {
			t.Errorf("%s does not undo what an answer to it gave", s.Name)
		}
	}
}

func TestNothingIsAnsweredTooEarly(t *testing.T) {
	t.Parallel()
	p := ByLetter()
	for _, test := range []struct {
		name  string
		holds []Fact
		step  StepName
		may   bool
		at    StepName
	}{
		{"nothing was typed", nil, StepContrast, false, StepDocument},
		{"no pair was right", []Fact{Named}, StepChoice, false, StepContrast},
		{"no letter was chosen", []Fact{Named, Matched}, StepCode, false, StepChoice},
		{"no invitation code was good", []Fact{Named, Matched, Chosen, HasLetter}, StepContact, false, StepCode},
		{"a letter is on its way", []Fact{Named, Matched, Chosen, Requested}, StepContact, false, StepRequested},
		{"and the citizen says to have one after all", []Fact{Named, Matched, Chosen, Requested}, StepChoice, true, StepRequested},
		{"no code was sent", []Fact{Named, Matched, Chosen, HasLetter, Invited, Contacted}, StepSMS, false, StepSMS},
		{"the phone is another citizen's", []Fact{Named, Matched, Chosen, HasLetter, Invited, Contacted, Taken}, StepSMS, false, StepClaim},
		{"the pair was found wrong since", []Fact{Named, Invited, Contacted, CodeSent}, StepSMS, false, StepContrast},
		{"going back to the contact", []Fact{Named, Matched, Chosen, HasLetter, Invited, Contacted, CodeSent}, StepContact, true, StepSMS},
		{"the end is not gone back from", []Fact{Named, Matched, Chosen, HasLetter, Invited, Contacted, CodeSent, Finished}, StepContact, false, StepDone},
		{"there is no such step", []Fact{Named, Matched}, "secret", false, StepChoice},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := p.May(test.step, test.holds); got != test.may {
				t.Errorf("%s: got %v, want %v", test.step, got, test.may)
			}
			if got := p.At(test.holds); got != test.at {
				t.Errorf("got %s, want %s", got, test.at)
			}
		})
	}
}
