package store

import (
	"context"
	"errors"
	"time"

	"clave/identity"
)

// LiveSessions counts the sessions of a person that have not ended.
func (s *Sessions) LiveSessions(ctx context.Context, person identity.PersonID) (n int, err error) {
	err = s.db.row(ctx, "select count(*) from sessions where person_id = $1 and ended_at is null", string(person)).Scan(&n)
	return n, err
}

// LiveGrants counts the grants of a person that were not revoked.
func (s *Grants) LiveGrants(ctx context.Context, person identity.PersonID) (n int, err error) {
	err = s.db.row(ctx, "select count(*) from grants where person_id = $1 and revoked_at is null", string(person)).Scan(&n)
	return n, err
}

// ActivationSum is the sum of a person's activation code; nil for none.
func (s *Registrar) ActivationSum(ctx context.Context, person identity.PersonID) (sum []byte, err error) {
	err = s.db.row(ctx, "select sum from activation_codes where person_id = $1", string(person)).Scan(&sum)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return sum, err
}

// Tamper changes the history past the product, as somebody with access to the
// database could.
func (s *Registrar) Tamper(ctx context.Context, sql string, args ...any) (int64, error) {
	return s.db.changed(ctx, sql, args...)
}

// Claims counts the phones that were claimed lately.
func (s *Registrar) Claims(ctx context.Context) (n int, err error) {
	err = s.db.row(ctx, "select count(*) from phone_claims").Scan(&n)
	return n, err
}

// LiveInvitation tells whether a document has an invitation that has not ended.
func (s *Invitations) LiveInvitation(ctx context.Context, document identity.DocumentID, now time.Time) (bool, error) {
	held, err := s.HoldInvitations(ctx, document)
	for _, i := range held.Invitations {
		if i.Live(now) {
			return true, err
		}
	}
	return false, err
}
