package store

import (
	"context"
	"fmt"

	"clave/broker"
	"clave/identity"
)

const selectSessionsOfPerson = `
select id, token_hash, state, created_at, seen_at, idle_ends_at, expires_at, ended_at
from sessions
where person_id = $1
order by seen_at desc, id`

// SessionsOf implements broker.Sessions.
func (s *Sessions) SessionsOf(ctx context.Context, person identity.PersonID) ([]broker.Session, error) {
	text := selectSessionsOfPerson
	if inTx(ctx) != nil {
		text = s.db.locked(text)
	}
	var found []broker.Session
	err := s.db.rows(ctx, text, []any{string(person)}, func(scan func(...any) error) error {
		one, sealed := broker.Session{Person: person}, []byte(nil)
		err := scan(textInto(&one.ID), &one.TokenHash, &sealed, timeInto(&one.CreatedAt), timeInto(&one.SeenAt),
			timeInto(&one.IdleEndsAt), timeInto(&one.EndsAt), timeInto(&one.EndedAt))
		if err != nil {
			return err
		}
		one.EndsAt = one.EndsAt.Add(-sessionKept)
		found = append(found, one)
		return openJSON(s.seal, sealed, &found[len(found)-1].State, "sessions", "state", string(one.ID))
	})
	if err != nil {
		return nil, fmt.Errorf("reading the sessions of person %s: %w", person, err)
	}
	return found, nil
}
