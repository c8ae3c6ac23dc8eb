package sandbox

import (
	"context"
	"fmt"
	"time"

	"clave/census/registrar"
	"clave/identity"
	"clave/internal/onetime"
	"clave/providers/permanente"
	"clave/providers/permanente/password"
)

// testPassword is that of every test citizen who has one; it keeps the rules.
const testPassword = "Prueba-Clave-4"

// testActivation is the activation code of test citizens. It holds for the sandbox
// alone, whose secrets everybody knows.
const testActivation = "PRUE-BACX-WXYZ"

// Passwords are where passwords and activation codes are kept.
type Passwords struct {
	Tx          func(ctx context.Context, fn func(ctx context.Context) error) error
	Accounts    permanente.Accounts
	Activations permanente.Activations
	Codes       permanente.Codes
	// Issue keeps the sum of a person's activation code.
	Issue func(ctx context.Context, person identity.PersonID, sum []byte, now time.Time) error
}

// Seed gives the citizens their passwords and activation codes, and leaves alone who
// has either: what a tester changed since stays.
func (p Passwords) Seed(ctx context.Context, register Register, now func() time.Time) error {
	code, ok := onetime.ReadPrinted(testActivation, onetime.ActivationLength)
	if !ok {
		panic("sandbox: the activation code is none") // a mistake of ours
	}
	for _, c := range Citizens() {
		if c.Activation == "" {
			continue
		}
		document, err := identity.ParseDocument(c.Document)
		if err != nil {
			return fmt.Errorf("seeding passwords: %w", err)
		}
		held, err := register.Candidate(ctx, document)
		if err != nil {
			return fmt.Errorf("seeding passwords: %w", err)
		}
		if held.State != identity.Registered {
			continue
		}
		err = p.Tx(ctx, func(ctx context.Context) error { return p.seed(ctx, c, held.PersonID, code, now()) })
		if err != nil {
			return fmt.Errorf("seeding passwords: %w", err)
		}
	}
	return nil
}

func (p Passwords) seed(ctx context.Context, c Citizen, person identity.PersonID, code string, now time.Time) error {
	account, err := p.Accounts.Account(ctx, person)
	if err != nil {
		return err
	}
	sum, err := p.Activations.HoldActivation(ctx, person)
	if err != nil || account.Hash != "" || sum != nil {
		return err
	}
	if err := p.Issue(ctx, person, p.Codes.Sum(registrar.ActivationParts(person, code)...), now); err != nil {
		return err
	}
	if c.Password == "" {
		return nil
	}
	return p.Accounts.KeepAccount(ctx, permanente.Account{Person: person, Hash: password.DefaultParams().Hash(c.Password), SetAt: now})
}
