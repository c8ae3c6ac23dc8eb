package staff

import (
	"context"
	"time"

	"clave/identity"
)

// Members keeps who belongs to the staff. Each method joins the transaction in ctx.
type Members interface {
	// Member reads a membership, one that ended included; ErrNotMember when there
	// never was one.
	Member(ctx context.Context, person identity.PersonID) (Member, error)
	// Members reads all, by id. Inside a transaction it holds them, so that two
	// changes come one after the other.
	Members(ctx context.Context) ([]Member, error)
	// SaveMember adds a membership or replaces the person's.
	SaveMember(ctx context.Context, m Member) error
}

// Sessions keeps sessions at the console. Each method joins the transaction in ctx.
type Sessions interface {
	// Signed finds a session by the hash of the browser's token, with its member;
	// ErrNoSession when there is none. Both may be over.
	Signed(ctx context.Context, tokenHash []byte) (Signed, error)
	// AddSession stores a new session.
	AddSession(ctx context.Context, s Session) error
	// UseSession notes that a session was seen, and where its member acts, unless it
	// was ended.
	UseSession(ctx context.Context, id, office string, seen time.Time) error
	// EndSession ends a session; false when it was over or there is none.
	EndSession(ctx context.Context, id string, now time.Time) (bool, error)
	// EndSessions ends all of a person.
	EndSessions(ctx context.Context, person identity.PersonID, now time.Time) error
}

// People tells who holds a document.
type People interface {
	// Recognise gives the lasting id of the holder, the names and the state, from the
	// reference data or from a certificate of before; ErrUnknown when neither says.
	// It joins the transaction in ctx.
	Recognise(ctx context.Context, document identity.DocumentID) (identity.PersonID, identity.Person, identity.State, error)
}

// Transactor runs a transaction that travels in the context.
type Transactor interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
}
