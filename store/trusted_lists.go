package store

import (
	"context"
	"errors"

	"clave/providers/certificate/trustedlist"
)

// TrustedLists keep copies of trusted lists; they implement [trustedlist.Copies].
type TrustedLists struct{ db *DB }

// NewTrustedLists returns the copies of a database.
func NewTrustedLists(db *DB) *TrustedLists { return &TrustedLists{db} }

const selectTrustedListVersion = `
select sequence, issued_at, fetched_at, tag, modified
from trusted_lists
where address = $1`

// TrustedListVersion implements trustedlist.Copies.
func (s *TrustedLists) TrustedListVersion(ctx context.Context, address string) (trustedlist.Version, error) {
	var v trustedlist.Version
	err := s.db.row(ctx, selectTrustedListVersion, address).Scan(&v.Sequence, timeInto(&v.Issued), timeInto(&v.FetchedAt), &v.Tag, &v.Modified)
	if errors.Is(err, ErrNotFound) {
		return trustedlist.Version{}, nil
	}
	return v, err
}

const selectTrustedList = `
select sequence, issued_at, fetched_at, tag, modified, data
from trusted_lists
where address = $1`

// TrustedList implements trustedlist.Copies.
func (s *TrustedLists) TrustedList(ctx context.Context, address string) (trustedlist.Copy, error) {
	var c trustedlist.Copy
	err := s.db.row(ctx, selectTrustedList, address).Scan(&c.Sequence, timeInto(&c.Issued), timeInto(&c.FetchedAt), &c.Tag, &c.Modified, &c.Data)
	if errors.Is(err, ErrNotFound) {
		return trustedlist.Copy{}, nil
	}
	return c, err
}

const (
	insertTrustedList = `
insert into trusted_lists (address, sequence, issued_at, fetched_at, tag, modified, data)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (address) do nothing`

	replaceTrustedList = `
update trusted_lists
set sequence = $2, issued_at = $3, fetched_at = $4, tag = $5, modified = $6, data = $7
where address = $1 and sequence = $8 and issued_at = $9`
)

// KeepTrustedList implements trustedlist.Copies.
func (s *TrustedLists) KeepTrustedList(ctx context.Context, address string, before trustedlist.Version, c trustedlist.Copy) error {
	text, args := insertTrustedList, []any{address, c.Sequence, micros(c.Issued), micros(c.FetchedAt), c.Tag, c.Modified, c.Data}
	if before.Sequence != 0 {
		text, args = replaceTrustedList, append(args, before.Sequence, micros(before.Issued))
	}
	n, err := s.db.changed(ctx, text, args...)
	if err == nil && n == 0 {
		return trustedlist.ErrReplaced
	}
	return err
}

const touchTrustedList = `
update trusted_lists
set fetched_at = $4
where address = $1 and sequence = $2 and issued_at = $3 and fetched_at < $4`

// TrustedListFetched implements trustedlist.Copies.
func (s *TrustedLists) TrustedListFetched(ctx context.Context, address string, v trustedlist.Version) error {
	return s.db.exec(ctx, touchTrustedList, address, v.Sequence, micros(v.Issued), micros(v.FetchedAt))
}
