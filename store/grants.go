package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/idp/oidc"
	"clave/keys"
)

// Grants keeps what OpenID Connect clients were given; it implements
// [oidc.Codes] and [oidc.Tokens].
type Grants struct {
	db      *DB
	columns *keys.Sealer
}

// NewGrants returns the grants of a database.
func NewGrants(db *DB, columns *keys.Sealer) *Grants { return &Grants{db, columns} }

const grantsTable = "grants"

// grantsUnredeemed is how long a grant stays after its code expired without
// being redeemed, so that a late client is told so.
const grantsUnredeemed = 10 * time.Minute

const insertGrant = `
insert into grants (id, client_id, relying_party, person_id, session_id, code_hash, code_expires_at,
    redirect_uri, challenge, refresh, sealed, created_at, ends_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

// AddGrant implements oidc.Codes.
func (s *Grants) AddGrant(ctx context.Context, g oidc.Grant) error {
	plain, err := json.Marshal(g.Frozen)
	if err != nil {
		return fmt.Errorf("encoding grant %s: %w", g.ID, err)
	}
	expires := g.EndsAt
	if limit := g.CodeExpires.Add(grantsUnredeemed); g.Refresh != oidc.NoRefresh && limit.Before(expires) {
		expires = limit
	}
	err = s.db.exec(ctx, insertGrant, g.ID, g.Client, g.RelyingParty, string(g.Person), string(g.Session),
		g.CodeHash, micros(g.CodeExpires), g.RedirectURI, g.Challenge, string(g.Refresh),
		s.columns.Seal(plain, grantsTable, "sealed", g.ID), micros(g.CreatedAt), micros(g.EndsAt), micros(expires))
	if err != nil {
		return fmt.Errorf("storing grant %s: %w", g.ID, err)
	}
	return nil
}

const replaceCode = `
update grants
set code_hash = $1, code_expires_at = $2
where code_hash = $3 and spent_at is null and revoked_at is null`

// ReplaceCode implements oidc.Codes.
func (s *Grants) ReplaceCode(ctx context.Context, old, fresh []byte, expires time.Time) error {
	n, err := s.db.changed(ctx, replaceCode, fresh, micros(expires), old)
	if err != nil {
		return fmt.Errorf("replacing a code: %w", err)
	}
	if n == 0 {
		return broker.ErrRedeemed
	}
	return nil
}

// spendCode is the whole decision: of two attempts at once the second waits for
// the row and then finds it spent. Indexed columns keep their value for grants
// without refresh tokens, which spares the indexes on PostgreSQL.
const spendCode = `
update grants
set spent_at = $1, expires_at = case when refresh = 'none' then expires_at else ends_at end
where code_hash = $2 and client_id = $3 and redirect_uri = $4 and challenge = $5
    and spent_at is null and revoked_at is null and code_expires_at > $1
returning id, client_id, relying_party, person_id, session_id, refresh, sealed, created_at, ends_at`

// Redeem implements oidc.Codes.
func (s *Grants) Redeem(ctx context.Context, r oidc.Redemption, issue func(oidc.Grant) ([]oidc.Token, error)) error {
	var refused error
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		refused = nil
		var g oidc.Grant
		var sealed []byte
		err := s.db.row(ctx, spendCode, micros(r.At), r.CodeHash, r.Client, r.RedirectURI, r.Challenge).
			Scan(&g.ID, &g.Client, &g.RelyingParty, textInto(&g.Person), textInto(&g.Session),
				textInto(&g.Refresh), &sealed, timeInto(&g.CreatedAt), timeInto(&g.EndsAt))
		if errors.Is(err, ErrNotFound) {
			refused, err = s.grantsWhyNot(ctx, r)
			return err
		}
		if err != nil {
			return err
		}
		if err := s.grantsOpen(&g, sealed); err != nil {
			return err
		}
		tokens, err := issue(g)
		if err != nil {
			return err
		}
		return s.grantsAddTokens(ctx, tokens)
	})
	if err != nil {
		return fmt.Errorf("redeeming a code: %w", err)
	}
	return refused
}

const selectCode = `
select id, relying_party, person_id, client_id, redirect_uri, challenge, code_expires_at, spent_at, revoked_at
from grants
where code_hash = $1`

// grantsWhyNot says why the code was not spent, and revokes what a replayed one gave.
func (s *Grants) grantsWhyNot(ctx context.Context, r oidc.Redemption) (why, err error) {
	var replayed oidc.Replayed
	var client, redirect, challenge string
	var expires, spent, revoked time.Time
	err = s.db.row(ctx, s.db.locked(selectCode), r.CodeHash).Scan(&replayed.Grant, &replayed.RelyingParty, textInto(&replayed.Person), &client, &redirect, &challenge,
		timeInto(&expires), timeInto(&spent), timeInto(&revoked))
	switch {
	case errors.Is(err, ErrNotFound):
		return oidc.ErrUnknownCode, nil
	case err != nil:
		return nil, err
	case client != r.Client:
		return oidc.ErrUnknownCode, nil
	case !spent.IsZero() && !revoked.IsZero():
		return oidc.ErrReplayed, nil
	case !spent.IsZero():
		return &replayed, s.RevokeGrant(ctx, replayed.Grant, r.At)
	case !revoked.IsZero(), !r.At.Before(expires):
		return oidc.ErrExpiredCode, nil
	case redirect != r.RedirectURI:
		return oidc.ErrOtherRedirect, nil
	case challenge != r.Challenge:
		return oidc.ErrWrongVerifier, nil
	}
	return nil, errors.New("the code fits and was not spent")
}

const insertToken = `
insert into tokens (hash, grant_id, kind, scope, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (hash) do nothing`

func (s *Grants) grantsAddTokens(ctx context.Context, tokens []oidc.Token) error {
	for _, t := range tokens {
		err := s.db.exec(ctx, insertToken, t.Hash, t.Grant, string(t.Kind), t.Scope, micros(t.CreatedAt), micros(t.ExpiresAt))
		if err != nil {
			return fmt.Errorf("storing a token of grant %s: %w", t.Grant, err)
		}
	}
	return nil
}

// selectToken reads what every use of a token depends on, in one question.
const selectToken = `
select t.grant_id, t.kind, t.scope, t.created_at, t.expires_at, t.rotated_at, t.seed, t.next_hash,
    g.client_id, g.relying_party, g.person_id, g.session_id, g.refresh, g.sealed, g.created_at, g.ends_at,
    p.state, coalesce(r.deceased, false)
from tokens t
join grants g on g.id = t.grant_id
left join persons p on p.id = g.person_id
left join reference r on r.document_index = p.document_index
where t.hash = $1 and t.expires_at > $2 and g.revoked_at is null`

// selectRenewable reads what else the use of a refresh token depends on.
const selectRenewable = `
select s.idle_ends_at, s.expires_at, n.rotated_at
from (select 1 as one) o
left join sessions s on s.id = $1 and s.ended_at is null
left join tokens n on n.hash = $2`

// Token implements oidc.Tokens.
func (s *Grants) Token(ctx context.Context, hash []byte, now time.Time) (oidc.Presented, error) {
	p := oidc.Presented{Token: oidc.Token{Hash: hash}}
	t, g := &p.Token, &p.Grant
	var sealed []byte
	var deceased bool
	err := s.db.row(ctx, selectToken, hash, micros(now)).Scan(
		&t.Grant, textInto(&t.Kind), &t.Scope, timeInto(&t.CreatedAt), timeInto(&t.ExpiresAt), timeInto(&t.RotatedAt), &t.Seed, &t.Next,
		&g.Client, &g.RelyingParty, textInto(&g.Person), textInto(&g.Session), textInto(&g.Refresh), &sealed, timeInto(&g.CreatedAt), timeInto(&g.EndsAt),
		textInto(&p.State), &deceased)
	if errors.Is(err, ErrNotFound) {
		return oidc.Presented{}, oidc.ErrNoToken
	}
	if err == nil && t.Kind == oidc.RefreshToken {
		err = s.grantsRenewable(ctx, &p)
	}
	if err != nil {
		return oidc.Presented{}, fmt.Errorf("reading a token: %w", err)
	}
	g.ID = t.Grant
	if p.State != "" {
		p.State = personsState(p.State, deceased)
	}
	if err := s.grantsOpen(g, sealed); err != nil {
		return oidc.Presented{}, fmt.Errorf("reading a token: %w", err)
	}
	return p, nil
}

// grantsRenewable fills in what only matters to refresh tokens.
func (s *Grants) grantsRenewable(ctx context.Context, p *oidc.Presented) error {
	var session broker.Session
	var nextUsed time.Time
	err := s.db.row(ctx, selectRenewable, string(p.Grant.Session), p.Token.Next).
		Scan(timeInto(&session.IdleEndsAt), timeInto(&session.EndsAt), timeInto(&nextUsed))
	if err != nil {
		return err
	}
	p.NextUsed = !nextUsed.IsZero()
	if !session.EndsAt.IsZero() {
		session.EndsAt = session.EndsAt.Add(-sessionKept)
		p.SessionEnds = session.Deadline()
	}
	return nil
}

const holdToken = `
select hash
from tokens
where hash = $1 and kind = 'refresh'`

const rotateToken = `
update tokens
set rotated_at = $1, seed = $2, next_hash = $3
where hash = $4 and rotated_at is null`

// Renew implements oidc.Tokens.
func (s *Grants) Renew(ctx context.Context, hash []byte, now time.Time, decide func(oidc.Presented) (oidc.Renewal, error)) error {
	var refused error
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		refused = nil
		var held []byte
		err := s.db.row(ctx, s.db.locked(holdToken), hash).Scan(&held)
		if errors.Is(err, ErrNotFound) {
			return oidc.ErrNoToken
		}
		if err != nil {
			return err
		}
		p, err := s.Token(ctx, hash, now)
		if err != nil {
			return err
		}
		renewal, err := decide(p)
		if renewal.Revoke {
			refused = err
			return s.RevokeGrant(ctx, p.Grant.ID, now)
		}
		if err != nil {
			return err
		}
		if t := renewal.Rotate; t != nil {
			if err := s.db.exec(ctx, rotateToken, micros(t.RotatedAt), t.Seed, t.Next, hash); err != nil {
				return err
			}
		}
		return s.grantsAddTokens(ctx, renewal.Tokens)
	})
	if err != nil {
		return fmt.Errorf("renewing a token: %w", err)
	}
	return refused
}

const deleteToken = `
delete from tokens
where hash = $1`

// DropToken implements oidc.Tokens.
func (s *Grants) DropToken(ctx context.Context, hash []byte) error {
	if err := s.db.exec(ctx, deleteToken, hash); err != nil {
		return fmt.Errorf("dropping a token: %w", err)
	}
	return nil
}

const revokeGrant = `
update grants
set revoked_at = $1, sealed = null
where id = $2 and revoked_at is null`

// RevokeGrant implements oidc.Tokens.
func (s *Grants) RevokeGrant(ctx context.Context, grant string, now time.Time) error {
	if err := s.db.exec(ctx, revokeGrant, micros(now), grant); err != nil {
		return fmt.Errorf("revoking grant %s: %w", grant, err)
	}
	return nil
}

const revokeSessionGrants = `
update grants
set revoked_at = $1, sealed = null
where session_id = $2 and refresh <> 'offline' and revoked_at is null`

// RevokeSession implements oidc.Tokens.
func (s *Grants) RevokeSession(ctx context.Context, session broker.SessionID, now time.Time) error {
	if err := s.db.exec(ctx, revokeSessionGrants, micros(now), string(session)); err != nil {
		return fmt.Errorf("revoking the grants of session %s: %w", session, err)
	}
	return nil
}

const revokePersonGrants = `
update grants
set revoked_at = $1, sealed = null
where person_id = $2 and revoked_at is null`

// RevokePerson revokes all that a person's logins gave, offline or not: for a
// withdrawal, a revoked phone or registration, inside the transaction in ctx.
func (s *Grants) RevokePerson(ctx context.Context, person identity.PersonID, now time.Time) error {
	if err := s.db.exec(ctx, revokePersonGrants, micros(now), string(person)); err != nil {
		return fmt.Errorf("revoking the grants of person %s: %w", person, err)
	}
	return nil
}

func (s *Grants) grantsOpen(g *oidc.Grant, sealed []byte) error {
	plain, err := s.columns.Open(sealed, grantsTable, "sealed", g.ID)
	if err != nil {
		return fmt.Errorf("opening grant %s: %w", g.ID, err)
	}
	if err := json.Unmarshal(plain, &g.Frozen); err != nil {
		return fmt.Errorf("decoding grant %s: %w", g.ID, err)
	}
	return nil
}

const (
	sweepTokens = `
delete from tokens
where hash in (
    select hash
    from tokens
    where expires_at <= $1
    limit $2)`
	sweepGrants = `
delete from grants
where id in (
    select id
    from grants
    where expires_at <= $1
    limit $2)`
)

// Sweep deletes tokens that have expired, and grants with their frozen claims
// once their last token has.
func (s *Grants) Sweep(ctx context.Context, now time.Time) error {
	for _, sweep := range []string{sweepTokens, sweepGrants} {
		if err := s.db.sweepExpired(ctx, sweep, now); err != nil {
			return fmt.Errorf("sweeping grants: %w", err)
		}
	}
	return nil
}
