package registration

import (
	"context"
	"fmt"

	"clave/census/registrar"
	"clave/identity"
)

// Allows tells whether somebody may begin a procedure now, before they are asked for
// anything, and what the register says about them. Denied as Start.
func (s *Procedures) Allows(ctx context.Context, name Name, b Basis) (registrar.Entry, error) {
	table, ok := s.tables[name]
	if !ok || b.Person == "" {
		return registrar.Entry{}, fmt.Errorf("beginning %s: nobody is known", name)
	}
	return s.permitted(ctx, table, b.Person, b.By)
}

// permitted is what the register says about who asks for what a procedure does, or why
// they may not.
func (s *Procedures) permitted(ctx context.Context, p Procedure, person identity.PersonID, by registrar.By) (registrar.Entry, error) {
	entry, err := s.Registrar.Allows(ctx, p.Change, person, by)
	if err != nil {
		return entry, overtaken(err)
	}
	return entry, nil
}

// Asks are the fields that a step of a procedure asks for.
func (s *Procedures) Asks(name Name, step StepName) []Field {
	found, _ := s.tables[name].Step(step)
	return found.Asks
}
