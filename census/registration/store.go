package registration

import (
	"context"
	"errors"
	"time"
)

// Errors of the store and of what rests on it.
var (
	// ErrNone: this browser runs no procedure, or it has expired.
	ErrNone = errors.New("no such procedure")
	// ErrConflict: the procedure was changed meanwhile.
	ErrConflict = errors.New("the procedure was changed meanwhile")
)

// Row is a running procedure as it is kept.
type Row struct {
	ID string
	// Procedure is the name of its table of steps.
	Procedure Name
	// Handle is the hash of what the browser holds.
	Handle []byte
	// State is personal: the store seals it.
	State []byte
	// Version counts the changes.
	Version   int64
	StartedAt time.Time
	ExpiresAt time.Time
}

// Store keeps running procedures. Each method joins the transaction in ctx.
type Store interface {
	// AddProcedure stores a new row, of version 1.
	AddProcedure(ctx context.Context, row Row) error
	// ProcedureOf reads the row of a handle, or answers ErrNone. Inside a transaction
	// it holds the row until that ends.
	ProcedureOf(ctx context.Context, handle []byte) (Row, error)
	// KeepProcedure writes handle, state and expiry of the row with that id and
	// version, which goes up by one: ErrConflict when it was changed or is gone.
	KeepProcedure(ctx context.Context, row Row) error
	// DropProcedure deletes the row of a handle, if there is one.
	DropProcedure(ctx context.Context, handle []byte) error
}
