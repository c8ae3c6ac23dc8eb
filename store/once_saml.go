package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"clave/idp/oidc"
	"clave/internal/inbound"
)

// SpendRequest implements inbound.Store. What is hashed says whose it is, so requests and
// assertions share a table.
func (o *Once) SpendRequest(ctx context.Context, hash []byte, expires time.Time) error {
	err := o.SpendAssertion(ctx, hash, expires)
	if errors.Is(err, oidc.ErrSeen) {
		return inbound.ErrSeen
	}
	return err
}

// samlPosted keeps a posted request of one protocol from being opened as one of another.
func samlPosted(hash []byte) []string {
	return []string{"posted_requests", "saml", hex.EncodeToString(hash)}
}

// KeepPosted implements inbound.Store.
func (o *Once) KeepPosted(ctx context.Context, hash, request []byte, expires time.Time) error {
	sealed := o.columns.Seal(request, samlPosted(hash)...)
	if err := o.db.exec(ctx, insertParams, hash, sealed, micros(expires)); err != nil {
		return fmt.Errorf("keeping a posted request: %w", err)
	}
	return nil
}

// TakePosted implements inbound.Store.
func (o *Once) TakePosted(ctx context.Context, hash []byte, now time.Time) ([]byte, error) {
	var sealed []byte
	var expires time.Time
	err := o.db.row(ctx, takeParams, hash).Scan(&sealed, timeInto(&expires))
	if errors.Is(err, ErrNotFound) || err == nil && !now.Before(expires) {
		return nil, inbound.ErrGone
	}
	if err != nil {
		return nil, fmt.Errorf("taking a posted request: %w", err)
	}
	plain, err := o.columns.Open(sealed, samlPosted(hash)...)
	if err != nil {
		return nil, fmt.Errorf("opening a posted request: %w", err)
	}
	return plain, nil
}
