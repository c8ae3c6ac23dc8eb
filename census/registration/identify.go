package registration

import (
	"context"
	"errors"
	"fmt"

	"clave/census"
	"clave/census/invitation"
	"clave/census/pair"
	"clave/identity"
)

// Begin starts the procedure Letter for a document and forgets the one that the
// browser had. Nothing of that is taken over: a stranger may have put its handle
// there, and would find its own phone typed in.
func (s *Procedures) Begin(ctx context.Context, before Handle, document identity.DocumentID) (h Handle, err error) {
	err = s.Tx.Tx(ctx, func(ctx context.Context) error {
		if before != "" {
			if err := s.Store.DropProcedure(ctx, before.hash()); err != nil {
				return fmt.Errorf("beginning anew: %w", err)
			}
		}
		h, err = s.start(ctx, Letter, map[Field]string{FieldDocument: document.Reveal()})
		return err
	})
	return h, err
}

// Match looks at the pair of the document and this datum, and gives the procedure
// another handle when it is right. Denied: WrongPair, PairLocked; NotEligible tells
// whoever has the right pair how they stand.
func (s *Procedures) Match(ctx context.Context, h Handle, contrast census.Contrast) (Handle, error) {
	// The gate is entered before the transaction: who waits in it must hold nothing.
	before, err := s.Open(ctx, h)
	if err != nil {
		return h, err
	}
	leave, err := s.Pairs.Enter(ctx, before.Document())
	if err != nil {
		return h, err
	}
	defer leave()
	next := h
	typed := map[Field]string{FieldKind: string(contrast.Kind), FieldContrast: contrast.Value}
	err = s.answer(ctx, h, StepContrast, typed, func(ctx context.Context, r *Running) (*Denied, error) {
		next = h
		r.Person, r.Standing = "", ""
		if r.Document() != before.Document() {
			return nil, ErrStep
		}
		c, err := s.Pairs.Check(ctx, pair.For{}, pair.Pair{Document: r.Document(), Contrast: contrast}, belongs)
		var denied *pair.Denied
		switch {
		case errors.As(err, &denied) && denied.Until.IsZero():
			return &Denied{Cause: WrongPair}, nil
		case errors.As(err, &denied):
			return &Denied{Cause: PairLocked, Until: denied.Until}, nil
		case err != nil:
			return nil, err
		}
		if !invitation.Eligible(c.State) {
			return &Denied{Cause: NotEligible, State: c.State}, nil
		}
		r.Person, r.Standing = c.PersonID, c.State
		next = r.renew()
		return nil, nil
	})
	if err != nil {
		return h, err
	}
	return next, nil
}

// belongs is the rule of the letter: the issue date of a DNI is as good as the
// validity date.
// Source: sede.agenciatributaria.gob.es, "How to register in Cl@ve PIN after
// cancelling …": "If it is a DNI indicate the validity or issuance date".
func belongs(c *census.Candidate, typed census.Contrast) bool {
	return c.MatchesEither(typed)
}
