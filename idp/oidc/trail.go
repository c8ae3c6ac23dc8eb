package oidc

import (
	"context"

	"clave/audit"
	"clave/identity"
)

// revocation is a grant that ends before its time, and how the audit trail says so.
type revocation struct {
	grant, relyingParty string
	person              identity.PersonID
	actor               audit.Actor
	data                audit.Data
}

func (g Grant) revoked(actor audit.Actor, data audit.Data) *revocation {
	return &revocation{g.ID, g.RelyingParty, g.Person, actor, data}
}

// decided runs a decision about a grant in one transaction with the event that
// tells of a revocation. What revokes is committed although the decision is a
// refusal; any other error leaves nothing behind.
func (f *Front) decided(ctx context.Context, decide func(ctx context.Context) (*revocation, error)) error {
	var refused error
	err := f.Tx.Tx(ctx, func(ctx context.Context) error {
		refused = nil
		revoked, err := decide(ctx)
		if revoked == nil {
			return err
		}
		refused = err
		return f.Trail.Record(ctx, audit.Event{
			Actor: revoked.actor, Person: revoked.person, RelyingParty: revoked.relyingParty, Login: revoked.grant, Data: revoked.data,
		})
	})
	if err != nil {
		return err
	}
	return refused
}

// Why a grant is revoked, as GrantRevoked says it.
const (
	revokedByClient = "by_client"
	revokedNoLonger = "no_longer_identifiable"
	revokedSession  = "session_over"
)
