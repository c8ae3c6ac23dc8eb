package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/census/proposal"
	"clave/identity"
	"clave/keys"
)

// Proposals keeps what is proposed to be done ex officio; it implements
// [proposal.Store].
type Proposals struct {
	db      *DB
	columns *keys.Sealer
}

// NewProposals returns the proposals of a database.
func NewProposals(db *DB, columns *keys.Sealer) *Proposals { return &Proposals{db, columns} }

const proposalsTable = "proposals"

// proposalSealed is what is sealed of a proposal.
type proposalSealed struct {
	Document string `json:"document"`
	Number   string `json:"number,omitempty"`
}

const (
	// expireProposal makes room for another one.
	expireProposal = `
update proposals
set state = 'expired'
where person_id = $1 and state = 'open' and ends_at <= $2`

	insertProposal = `
insert into proposals (id, person_id, change, reason, sealed, proposer_id, office, state, proposed_at, ends_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9, $10)`
)

// AddProposal implements proposal.Store.
func (s *Proposals) AddProposal(ctx context.Context, p proposal.Proposal) error {
	plain, err := json.Marshal(proposalSealed{p.Document.Reveal(), p.Number}) // goes only into the seal
	if err != nil {
		return fmt.Errorf("writing %s: %w", p, err)
	}
	if err := s.db.exec(ctx, expireProposal, string(p.Person), micros(p.At)); err != nil {
		return err
	}
	sealed := s.columns.Seal(plain, proposalsTable, personsSealed, p.ID)
	_, err = s.db.changed(ctx, insertProposal, p.ID, string(p.Person), string(p.Change), string(p.Reason), sealed,
		string(p.Proposer), p.Office, micros(p.At), micros(p.Ends()), micros(p.Expires()))
	if errors.Is(err, ErrConflict) {
		return proposal.ErrOpen
	}
	return err
}

const selectProposal = `
select id, person_id, change, reason, sealed, proposer_id, office, state, decider_id, why, proposed_at, decided_at
from proposals
where id = $1`

// Proposal implements proposal.Store. Inside a transaction it holds the row.
func (s *Proposals) Proposal(ctx context.Context, id string) (proposal.Proposal, error) {
	question := selectProposal
	if inTx(ctx) != nil {
		question = s.db.locked(question)
	}
	p, err := s.scan(s.db.row(ctx, question, id).Scan)
	if errors.Is(err, ErrNotFound) {
		return proposal.Proposal{}, proposal.ErrNone
	}
	return p, err
}

func (s *Proposals) scan(scan func(...any) error) (p proposal.Proposal, err error) {
	var sealed []byte
	err = scan(&p.ID, textInto(&p.Person), textInto(&p.Change), textInto(&p.Reason), &sealed, textInto(&p.Proposer), &p.Office,
		textInto(&p.State), textInto(&p.Decider), textInto(&p.Why), timeInto(&p.At), timeInto(&p.Decided))
	if err != nil {
		return proposal.Proposal{}, fmt.Errorf("reading a proposal: %w", err)
	}
	var inside proposalSealed
	plain, err := s.columns.Open(sealed, proposalsTable, personsSealed, p.ID)
	if err == nil {
		err = json.Unmarshal(plain, &inside)
	}
	if err == nil {
		p.Document, err = identity.ParseDocument(inside.Document)
	}
	if err != nil {
		return proposal.Proposal{}, fmt.Errorf("opening %s: %w", p, err)
	}
	p.Number = inside.Number
	return p, nil
}

const (
	selectOpenProposals = `
select id, person_id, change, reason, sealed, proposer_id, office, state, decider_id, why, proposed_at, decided_at
from proposals
where state = 'open' and ends_at > $1
order by proposed_at, id
limit $2 offset $3`

	selectOwnProposals = `
select id, person_id, change, reason, sealed, proposer_id, office, state, decider_id, why, proposed_at, decided_at
from proposals
where proposer_id = $1
order by proposed_at desc, id
limit $2 offset $3`
)

// Proposals implements proposal.Store.
func (s *Proposals) Proposals(ctx context.Context, f proposal.Filter, now time.Time) (page []proposal.Proposal, more bool, err error) {
	question, about := selectOpenProposals, micros(now)
	if f.Proposer != "" {
		question, about = selectOwnProposals, string(f.Proposer)
	}
	err = s.db.rows(ctx, question, []any{about, f.Limit + 1, f.Offset}, func(scan func(...any) error) error {
		p, err := s.scan(scan)
		page = append(page, p)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	if more = len(page) > f.Limit; more {
		page = page[:f.Limit]
	}
	return page, more, nil
}

const decideProposal = `
update proposals
set state = $2, decider_id = $3, why = $4, decided_at = $5
where id = $1 and state = 'open' and ends_at > $5`

// Decide implements proposal.Store.
func (s *Proposals) Decide(ctx context.Context, p proposal.Proposal) error {
	n, err := s.db.changed(ctx, decideProposal, p.ID, string(p.State), string(p.Decider), orNull(p.Why), micros(p.Decided))
	if err == nil && n == 0 {
		return proposal.ErrDecided
	}
	return err
}

const sweepProposals = `
delete from proposals
where id in (
    select id
    from proposals
    where expires_at <= $1
    limit $2)`

// Sweep deletes proposals of long ago; the audit trail keeps them.
func (s *Proposals) Sweep(ctx context.Context, now time.Time) error {
	if err := s.db.sweepExpired(ctx, sweepProposals, now); err != nil {
		return fmt.Errorf("sweeping proposals: %w", err)
	}
	return nil
}

// Reseal does for proposals what [Census.Reseal] does for reference data.
func (s *Proposals) Reseal(ctx context.Context, progress func(Resealed)) (Resealed, error) {
	return resealRows(ctx, s.db, s.columns, sealedRows[string]{
		table: proposalsTable,
		read: `
select id, sealed
from proposals
where id > $1
order by id
limit $2`,
		replace: `
update proposals
set sealed = $1
where id = $2 and sealed = $3`,
	}, "", progress)
}
