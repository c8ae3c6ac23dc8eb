// Package oidctest has what tests need of package oidc: a store in memory, and
// the suite that every store passes.
package oidctest

import (
	"context"
	"slices"
	"sync"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/idp/oidc"
)

// Memory implements oidc.Codes, oidc.Tokens and oidc.Once and forgets everything
// with the test. One lock stands for the transactions of a database.
type Memory struct {
	mu       sync.Mutex
	grants   map[string]*memoryGrant
	tokens   map[string]oidc.Token
	seen     map[string]bool
	params   map[string]memoryParams
	states   map[identity.PersonID]identity.State
	sessions map[broker.SessionID]time.Time
}

type memoryGrant struct {
	oidc.Grant
	spent, revoked bool
}

type memoryParams struct {
	params  string
	expires time.Time
}

// NewMemory makes an empty store.
func NewMemory() *Memory {
	return &Memory{
		grants: map[string]*memoryGrant{}, tokens: map[string]oidc.Token{}, seen: map[string]bool{},
		params: map[string]memoryParams{}, states: map[identity.PersonID]identity.State{}, sessions: map[broker.SessionID]time.Time{},
	}
}

// Forget drops all grants and tokens, so that a long test stays small.
func (m *Memory) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.grants)
	clear(m.tokens)
}

// SetState says what the register knows of a person.
func (m *Memory) SetState(person identity.PersonID, state identity.State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.states[person] = state
}

// SetSession says when a session ends; the zero time ends it.
func (m *Memory) SetSession(session broker.SessionID, ends time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions[session] = ends
}

// Tx implements oidc.Transactor: each method is atomic by itself.
func (m *Memory) Tx(ctx context.Context, fn func(ctx context.Context) error) error { return fn(ctx) }

// AddGrant implements oidc.Codes.
func (m *Memory) AddGrant(_ context.Context, g oidc.Grant) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.grants[g.ID] = &memoryGrant{Grant: g}
	return nil
}

// Grants lists what was granted, for looking at.
func (m *Memory) Grants() []oidc.Grant {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []oidc.Grant
	for _, g := range m.grants {
		all = append(all, g.Grant)
	}
	return all
}

func (m *Memory) byCode(hash []byte) *memoryGrant {
	for _, g := range m.grants {
		if slices.Equal(g.CodeHash, hash) {
			return g
		}
	}
	return nil
}

// ReplaceCode implements oidc.Codes.
func (m *Memory) ReplaceCode(_ context.Context, old, fresh []byte, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.byCode(old)
	if g == nil || g.spent || g.revoked {
		return broker.ErrRedeemed
	}
	g.CodeHash, g.CodeExpires = fresh, expires
	return nil
}

// Redeem implements oidc.Codes.
func (m *Memory) Redeem(_ context.Context, r oidc.Redemption, issue func(oidc.Grant) ([]oidc.Token, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.byCode(r.CodeHash)
	switch {
	case g == nil || g.Client != r.Client:
		return oidc.ErrUnknownCode
	case g.spent && g.revoked:
		return oidc.ErrReplayed
	case g.spent:
		g.revoked = true
		return &oidc.Replayed{Grant: g.ID, RelyingParty: g.RelyingParty, Person: g.Person}
	case g.revoked, !r.At.Before(g.CodeExpires):
		return oidc.ErrExpiredCode
	case g.RedirectURI != r.RedirectURI:
		return oidc.ErrOtherRedirect
	case g.Challenge != r.Challenge:
		return oidc.ErrWrongVerifier
	}
	tokens, err := issue(g.Grant)
	if err != nil {
		return err
	}
	g.spent = true
	m.add(tokens)
	return nil
}

func (m *Memory) add(tokens []oidc.Token) {
	for _, t := range tokens {
		if _, there := m.tokens[string(t.Hash)]; !there {
			m.tokens[string(t.Hash)] = t
		}
	}
}

// Token implements oidc.Tokens.
func (m *Memory) Token(_ context.Context, hash []byte, now time.Time) (oidc.Presented, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token(hash, now)
}

func (m *Memory) token(hash []byte, now time.Time) (oidc.Presented, error) {
	t, ok := m.tokens[string(hash)]
	g := m.grants[t.Grant]
	if !ok || !now.Before(t.ExpiresAt) || g.revoked {
		return oidc.Presented{}, oidc.ErrNoToken
	}
	return oidc.Presented{
		Token: t, Grant: g.Grant, State: m.states[g.Person], SessionEnds: m.sessions[g.Session],
		NextUsed: !m.tokens[string(t.Next)].RotatedAt.IsZero(),
	}, nil
}

// Renew implements oidc.Tokens.
func (m *Memory) Renew(_ context.Context, hash []byte, now time.Time, decide func(oidc.Presented) (oidc.Renewal, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, err := m.token(hash, now)
	if err != nil {
		return err
	}
	if p.Token.Kind != oidc.RefreshToken {
		return oidc.ErrNoToken
	}
	renewal, err := decide(p)
	if renewal.Revoke {
		m.grants[p.Grant.ID].revoked = true
		return err
	}
	if err != nil {
		return err
	}
	if renewal.Rotate != nil {
		m.tokens[string(hash)] = *renewal.Rotate
	}
	m.add(renewal.Tokens)
	return nil
}

// DropToken implements oidc.Tokens.
func (m *Memory) DropToken(_ context.Context, hash []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.tokens, string(hash))
	return nil
}

// RevokeGrant implements oidc.Tokens.
func (m *Memory) RevokeGrant(_ context.Context, grant string, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if g := m.grants[grant]; g != nil {
		g.revoked = true
	}
	return nil
}

// RevokeSession implements oidc.Tokens.
func (m *Memory) RevokeSession(_ context.Context, session broker.SessionID, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range m.grants {
		if g.Session == session && g.Refresh != oidc.RefreshOffline {
			g.revoked = true
		}
	}
	return nil
}

// SpendAssertion implements oidc.Once.
func (m *Memory) SpendAssertion(_ context.Context, hash []byte, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen[string(hash)] {
		return oidc.ErrSeen
	}
	m.seen[string(hash)] = true
	return nil
}

// KeepParams implements oidc.Once.
func (m *Memory) KeepParams(_ context.Context, hash []byte, params string, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.params[string(hash)] = memoryParams{params, expires}
	return nil
}

// TakeParams implements oidc.Once.
func (m *Memory) TakeParams(_ context.Context, hash []byte, now time.Time) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept, ok := m.params[string(hash)]
	delete(m.params, string(hash))
	if !ok || !now.Before(kept.expires) {
		return "", oidc.ErrNoStoredParams
	}
	return kept.params, nil
}
