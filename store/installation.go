package store

import (
	"context"
	"fmt"
)

// Kind says what an installation's database is for.
type Kind string

// The kinds. The zero value is a database that nothing has served from yet.
const (
	// Sandbox has invented citizens and lax registrations: `clave dev`.
	Sandbox Kind = "sandbox"
	// Service has real ones: `clave serve`.
	Service Kind = "service"
)

const installationKind = `
select kind
from installation`

// Kind tells what the database is for.
func (db *DB) Kind(ctx context.Context) (Kind, error) {
	var kind Kind
	if err := db.row(ctx, installationKind).Scan(textInto(&kind)); err != nil {
		return "", fmt.Errorf("asking what the database is for: %w", err)
	}
	return kind, nil
}

const installationDedicate = `
update installation
set kind = $1
where kind is null or kind = $1`

// Dedicate gives the database its kind for ever. ErrConflict says that it has the
// other one: a service must not run on invented citizens and on registrations
// that were never checked for it, nor the sandbox on real ones.
func (db *DB) Dedicate(ctx context.Context, kind Kind) error {
	n, err := db.changed(ctx, installationDedicate, string(kind))
	if err == nil && n == 0 {
		err = ErrConflict
	}
	if err != nil {
		return fmt.Errorf("dedicating the database as %s: %w", kind, err)
	}
	return nil
}
