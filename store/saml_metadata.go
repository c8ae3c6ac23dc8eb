package store

import (
	"context"
	"errors"

	"clave/broker/registry/metadata"
)

// ServiceMetadata keep copies of what SAML services say of themselves; they implement
// [metadata.Copies].
type ServiceMetadata struct{ db *DB }

// NewServiceMetadata returns the copies of a database.
func NewServiceMetadata(db *DB) *ServiceMetadata { return &ServiceMetadata{db} }

const selectMetadataVersions = `
select address, entity_id, digest, fetched_at, tag, modified
from saml_metadata`

// MetadataVersions implements metadata.Copies.
func (s *ServiceMetadata) MetadataVersions(ctx context.Context) (map[metadata.Key]metadata.Version, error) {
	all := map[metadata.Key]metadata.Version{}
	err := s.db.rows(ctx, selectMetadataVersions, nil, func(scan func(...any) error) error {
		var k metadata.Key
		var v metadata.Version
		if err := scan(&k.Address, &k.EntityID, &v.Digest, timeInto(&v.FetchedAt), &v.Tag, &v.Modified); err != nil {
			return err
		}
		all[k] = v
		return nil
	})
	return all, err
}

const selectMetadata = `
select digest, fetched_at, tag, modified, data
from saml_metadata
where address = $1 and entity_id = $2`

// Metadata implements metadata.Copies.
func (s *ServiceMetadata) Metadata(ctx context.Context, k metadata.Key) (metadata.Copy, error) {
	var c metadata.Copy
	err := s.db.row(ctx, selectMetadata, k.Address, k.EntityID).Scan(&c.Digest, timeInto(&c.FetchedAt), &c.Tag, &c.Modified, &c.Data)
	if errors.Is(err, ErrNotFound) {
		return metadata.Copy{}, nil
	}
	return c, err
}

const (
	insertMetadata = `
insert into saml_metadata (address, entity_id, digest, fetched_at, tag, modified, data)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (address, entity_id) do nothing`

	replaceMetadata = `
update saml_metadata
set digest = $3, fetched_at = $4, tag = $5, modified = $6, data = $7
where address = $1 and entity_id = $2 and digest = $8`
)

// KeepMetadata implements metadata.Copies.
func (s *ServiceMetadata) KeepMetadata(ctx context.Context, k metadata.Key, before metadata.Version, c metadata.Copy) error {
	text, args := insertMetadata, []any{k.Address, k.EntityID, c.Digest, micros(c.FetchedAt), c.Tag, c.Modified, c.Data}
	if before.Digest != "" {
		text, args = replaceMetadata, append(args, before.Digest)
	}
	n, err := s.db.changed(ctx, text, args...)
	if err == nil && n == 0 {
		return metadata.ErrReplaced
	}
	return err
}

const touchMetadata = `
update saml_metadata
set fetched_at = $4, tag = $5, modified = $6
where address = $1 and entity_id = $2 and digest = $3 and fetched_at < $4`

// MetadataFetched implements metadata.Copies.
func (s *ServiceMetadata) MetadataFetched(ctx context.Context, k metadata.Key, v metadata.Version) error {
	return s.db.exec(ctx, touchMetadata, k.Address, k.EntityID, v.Digest, micros(v.FetchedAt), v.Tag, v.Modified)
}
