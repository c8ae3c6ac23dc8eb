package metadata

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"clave/broker/registry"
	"clave/internal/saml2"
)

// service is one of those whose metadata are fetched.
type service struct {
	source registry.MetadataSource
	key    Key

	held    *saml2.ServiceProvider
	version Version // of what is held
	stored  Version // of the copy that is stored, as we saw it last
	// refused is a stored copy of which it was said that it cannot be used.
	refused  string
	heard    time.Time // when some node heard from the host
	due      time.Time
	failures int
}

// adoptOne reads the stored copy, if it is another one than ours.
func (k *Keeper) adoptOne(ctx context.Context, s *service, stored Version) (changed bool, err error) {
	s.stored = stored
	switch stored.Digest {
	case "", s.refused:
		return false, nil
	case s.version.Digest:
		if stored.FetchedAt.After(s.heard) {
			s.version.FetchedAt = stored.FetchedAt
			s.hear(stored.FetchedAt)
		}
		return false, nil
	}
	c, err := k.Copies.Metadata(ctx, s.key)
	if err != nil {
		return false, err
	}
	sp, err := k.read(s.source, c.Data)
	if err != nil || older(sp, s.held) {
		// Its signer may have been taken away, its time be over, or somebody changed it.
		s.refused = stored.Digest
		return false, err
	}
	s.held, s.version = sp, c.Version
	s.hear(c.FetchedAt)
	return true, nil
}

func (s *service) hear(at time.Time) {
	s.heard, s.due, s.failures = at, next(s.held, at), 0
}

// askOne asks the address.
func (k *Keeper) askOne(ctx context.Context, s *service) (changed bool, err error) {
	changed, err = k.renew(ctx, s)
	if err != nil && ctx.Err() == nil {
		s.failures++
		s.due = k.Now().Add(retry(s.failures))
		k.failed(ctx, s, err)
	}
	return changed, err
}

func (k *Keeper) renew(ctx context.Context, s *service) (changed bool, err error) {
	if !k.allowed(s.key.Address) {
		return false, fmt.Errorf("%w: its address does not begin with https://", errUnreachable)
	}
	c, err := newer(ctx, k.client, s.key.Address, s.version, k.Now())
	if err != nil {
		return false, err
	}
	if c.Data == nil || c.Digest == s.version.Digest {
		c.Digest, s.version = s.version.Digest, c.Version
		s.hear(c.FetchedAt)
		if err := k.Copies.MetadataFetched(ctx, s.key, s.version); err != nil {
			return false, fmt.Errorf("noting that the metadata are fresh: %w", err)
		}
		return false, nil
	}
	sp, err := k.read(s.source, c.Data)
	switch {
	case err != nil:
		return false, err
	case older(sp, s.held):
		return false, ErrOlder
	}
	s.held, s.version = sp, c.Version
	s.hear(c.FetchedAt)
	k.Log.InfoContext(ctx, "metadata of a service taken", "entity_id", s.key.EntityID, "valid_until", sp.ValidUntil.Format(time.RFC3339))
	err = k.Copies.KeepMetadata(ctx, s.key, s.stored, c)
	if err == nil {
		s.stored, s.refused = c.Version, ""
		return true, nil
	}
	s.version.Tag, s.version.Modified = "", ""
	if errors.Is(err, ErrReplaced) {
		return true, nil // by another node, which the next look finds
	}
	s.version.Digest = "" // so that it comes again, to be stored
	return true, fmt.Errorf("storing the metadata: %w", err)
}

// failed says what went wrong: loudly when somebody may be lying, or nobody can log in.
func (k *Keeper) failed(ctx context.Context, s *service, err error) {
	level := slog.LevelWarn
	if s.held == nil || errors.Is(err, ErrOlder) || errors.Is(err, saml2.ErrMetadata) {
		level = slog.LevelError
	}
	k.Log.Log(ctx, level, "metadata of a service not taken", "entity_id", s.key.EntityID, "failures", s.failures, "error", registry.MetadataTrouble(err))
}
