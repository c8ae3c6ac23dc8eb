package registration

import (
	"context"
	"errors"
	"fmt"

	"clave/census"
	"clave/census/invitation"
	"clave/census/pair"
	"clave/census/registrar"
	"clave/identity"
)

// Begin starts the procedure Letter for a document and forgets the one that the
// browser had.
func (s *Procedures) Begin(ctx context.Context, before Handle, document identity.DocumentID) (Handle, error) {
	return s.start(ctx, before, Letter, unknown(document))
}

// BeginLeaving starts the procedure LeaveByLetter likewise.
func (s *Procedures) BeginLeaving(ctx context.Context, before Handle, document identity.DocumentID) (Handle, error) {
	return s.start(ctx, before, LeaveByLetter, unknown(document))
}

// unknown is the state of a procedure in which nothing but a document was typed.
func unknown(document identity.DocumentID) State {
	return State{
		Holds: []Fact{Named}, Typed: map[Field]string{FieldDocument: document.Reveal()}, By: registrar.By{Channel: identity.ByLetter},
	}
}

// Basis is on whose word a procedure runs of somebody who is known: nothing of it
// was typed into a form.
type Basis struct {
	// Owner is who alone goes on with it: the person who is logged in, or the session
	// of an officer. It is not shown to anybody.
	Owner    string
	Person   identity.PersonID
	Document identity.DocumentID
	By       registrar.By
}

// Start starts one of the procedures of who is known, and forgets the one that the
// browser had. Denied: NotEligible, NotEnough, AdvancedAlready, NotKnown.
func (s *Procedures) Start(ctx context.Context, before Handle, name Name, b Basis) (Handle, error) {
	table, ok := s.tables[name]
	if !ok || name == Letter || name == LeaveByLetter || b.Owner == "" || b.Person == "" {
		return "", fmt.Errorf("starting %s: nobody is known", name)
	}
	if err := table.basis(b); err != nil {
		return "", err
	}
	entry, err := s.permitted(ctx, table, b.Person, b.By)
	if err != nil {
		return "", err
	}
	return s.start(ctx, before.Of(b.Owner), name, State{
		Typed: map[Field]string{FieldDocument: b.Document.Reveal()}, Owner: b.Owner, By: b.By, Person: b.Person, Standing: entry.State,
	})
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
	typed := map[Field]string{FieldKind: string(contrast.Kind), FieldContrast: contrast.Value}
	return s.answer(ctx, h, StepContrast, typed, func(ctx context.Context, r *Running) (*Denied, error) {
		if r.Document() != before.Document() {
			return nil, ErrStep
		}
		if r.Owner == "" {
			r.Person, r.Standing = "", ""
		}
		c, err := s.Pairs.Check(ctx, pair.For{}, pair.Pair{Document: r.Document(), Contrast: contrast}, r.table.Belongs)
		var denied *pair.Denied
		switch {
		case errors.As(err, &denied) && denied.Until.IsZero():
			return &Denied{Cause: WrongPair}, nil
		case errors.As(err, &denied):
			return &Denied{Cause: PairLocked, Until: denied.Until}, nil
		case err != nil:
			return nil, err
		}
		if r.Owner == "" {
			if denied := isFor(r.table.Change, c); denied != nil {
				return denied, nil
			}
			r.Person, r.Standing = c.PersonID, c.State
		}
		r.renew()
		return nil, nil
	})
}

// isFor decides whether what a letter does is for somebody: the reason why not, or nil.
func isFor(change registrar.Change, c census.Candidate) *Denied {
	switch {
	case !invitation.Eligible(c.State), change == registrar.Withdrawn && c.State != identity.PhoneRevoked:
		return &Denied{Cause: NotEligible, State: c.State}
	case change == registrar.Withdrawn && c.Registration != identity.Basic:
		return &Denied{Cause: NotEnough, State: c.State}
	}
	return nil
}

// belongsToLetter is the rule of the letter: the issue date of a DNI is as good as the
// validity date.
// Source: sede.agenciatributaria.gob.es, "How to register in Cl@ve PIN after
// cancelling …": "If it is a DNI indicate the validity or issuance date".
func belongsToLetter(c *census.Candidate, typed census.Contrast) bool {
	return c.MatchesEither(typed)
}

// belongsToCertificate is the rule beside a certificate: the support number of every
// document, or the issue date of a DNI that is older than those.
// Source: sede.agenciatributaria.gob.es, "Register in the Cl@ve system online with
// electronic certificate or eDNI".
func belongsToCertificate(c *census.Candidate, typed census.Contrast) bool {
	return c.MatchesPrinted(typed)
}
