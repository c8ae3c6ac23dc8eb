package store

import (
	"context"
	"time"

	"clave/broker"
	"clave/identity"
)

// GrantsPerson writes what the register knows of a person, for the external test.
func (s *Grants) GrantsPerson(ctx context.Context, person identity.PersonID, state identity.State) error {
	index := []byte("document of " + string(person))
	deceased := state == identity.Deceased
	if deceased {
		state = identity.Registered
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.db.exec(ctx, "delete from persons where id = $1", string(person)); err != nil {
			return err
		}
		if err := s.db.exec(ctx, "delete from reference where document_index = $1", index); err != nil {
			return err
		}
		if err := s.db.exec(ctx, "insert into reference (document_index, sealed, deceased, fingerprint, updated_at) values ($1, $2, $3, $2, 1)",
			index, []byte("sealed"), deceased); err != nil {
			return err
		}
		return s.db.exec(ctx, `insert into persons (id, document_index, state, sealed, language, created_at, changed_at)
values ($1, $2, $3, $4, 'es', 1, 1)`, string(person), index, string(state), []byte("sealed"))
	})
}

// GrantsSession writes a session that ends then for want of use; the zero time
// writes one that has ended.
func (s *Grants) GrantsSession(ctx context.Context, session broker.SessionID, ends time.Time) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.db.exec(ctx, "delete from sessions where id = $1", string(session)); err != nil {
			return err
		}
		ended := any(nil)
		if ends.IsZero() {
			ends, ended = time.UnixMicro(1), int64(1)
		}
		return s.db.exec(ctx, `insert into sessions (id, token_hash, person_id, state, created_at, seen_at, idle_ends_at, ended_at, expires_at)
values ($1, $2, 'person-1', $3, 1, 1, $4, $5, $6)`, string(session), []byte(session), []byte("sealed"),
			micros(ends), ended, micros(ends.Add(48*time.Hour)))
	})
}

// GrantsSealed is the sealed column of a grant; nil when it is erased.
func (s *Grants) GrantsSealed(ctx context.Context, id string) (sealed []byte, err error) {
	err = s.db.row(ctx, "select sealed from grants where id = $1", id).Scan(&sealed)
	return sealed, err
}

// GrantsCount counts the rows of a table.
func (s *Grants) GrantsCount(ctx context.Context, table string) (n int, err error) {
	err = s.db.row(ctx, "select count(*) from "+table).Scan(&n)
	return n, err
}

// GrantsSwap exchanges the sealed columns of two grants, as somebody with access
// to the database could.
func (s *Grants) GrantsSwap(ctx context.Context, a, b string) error {
	sealed, err := s.GrantsSealed(ctx, a)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.db.exec(ctx, "update grants set sealed = (select sealed from grants where id = $1) where id = $2", b, a); err != nil {
			return err
		}
		return s.db.exec(ctx, "update grants set sealed = $1 where id = $2", sealed, b)
	})
}
