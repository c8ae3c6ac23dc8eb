// Package pairtest lends tests a register that is put together from sample
// citizens and a store of tallies.
package pairtest

import (
	"context"

	"clave/census"
	"clave/identity"
	"clave/internal/tally"
)

// Candidates are the sample citizens.
type Candidates interface {
	Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error)
}

// Register is a pair.Register that asks both, the tallies first.
type Register struct {
	Candidates Candidates
	Tallies    tally.Store
}

// Pair implements pair.Register.
func (r Register) Pair(ctx context.Context, document identity.DocumentID) (census.Candidate, tally.Tally, error) {
	wrong, err := r.Tallies.Tally(ctx, tally.Subject{Kind: tally.WrongPairs, Value: document.Reveal()})
	if err != nil {
		return census.Candidate{}, tally.Tally{}, err
	}
	c, err := r.Candidates.Candidate(ctx, document)
	return c, wrong, err
}
