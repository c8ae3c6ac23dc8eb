package registration

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"clave/audit"
	"clave/census/pair"
	"clave/census/registrar"
	"clave/identity"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/notify"
)

// Transactor runs a transaction that travels in the context; one inside another
// joins it. What it runs may be run again.
type Transactor interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Invitations issue and take the codes of letters. Each answers *invitation.Refused
// when it does not.
type Invitations interface {
	Request(ctx context.Context, document identity.DocumentID, language string) error
	Check(ctx context.Context, document identity.DocumentID, typed string) error
	Spend(ctx context.Context, document identity.DocumentID, typed string) error
}

// Registrar registers citizens.
type Registrar interface {
	Holds(ctx context.Context, phone identity.Phone, document identity.DocumentID) (heldByAnother bool, err error)
	Register(ctx context.Context, a registrar.Application, by registrar.By) (registrar.Done, error)
}

// Codes hashes codes under a key that the database does not hold.
type Codes interface {
	Sum(parts ...string) []byte
	Equal(sum []byte, parts ...string) bool
}

// Outbox sends messages with the transaction in ctx.
type Outbox interface {
	Send(ctx context.Context, m notify.Message) error
}

// Composer writes the message of a code.
type Composer interface {
	Code(t notify.CodeText) string
}

// Budget says whether one more message may be sent under a key, and counts it.
type Budget interface {
	Allow(key string) bool
}

// Config is what Procedures need. Every field is required, but for PhoneLimit.
type Config struct {
	Tx          Transactor
	Store       Store
	Pairs       *pair.Checker
	Tallies     tally.Store
	Invitations Invitations
	Registrar   Registrar
	Trail       audit.Trail
	Codes       Codes
	Outbox      Outbox
	Composer    Composer
	Budget      Budget
	// PhoneLimit replaces the constant of that name, and the limit of phones for a
	// document, unless it is 0: in the sandbox, whose phones ring nobody.
	PhoneLimit int
	Log        *slog.Logger
	Now        func() time.Time
}

// Procedures runs the procedures. It is safe for concurrent use.
type Procedures struct {
	Config
	tables map[Name]Procedure
}

// New returns the procedures of an installation.
func New(c Config) *Procedures {
	if c.PhoneLimit == 0 {
		c.PhoneLimit = PhoneLimit
	}
	return &Procedures{Config: c, tables: map[Name]Procedure{Letter: ByLetter()}}
}

// Handle is what a browser holds of its procedure: 256 random bits. Whoever has it
// goes on with the procedure.
type Handle string

func (h Handle) hash() []byte { return onetime.Hash(string(h)) }

// Open reads the procedure of a browser: ErrNone when there is none.
func (s *Procedures) Open(ctx context.Context, h Handle) (*Running, error) {
	if h == "" {
		return nil, ErrNone
	}
	row, err := s.Store.ProcedureOf(ctx, h.hash())
	if err != nil {
		return nil, err
	}
	if !s.Now().Before(row.ExpiresAt) {
		return nil, ErrNone // not swept yet
	}
	table, ok := s.tables[row.Procedure]
	if !ok {
		return nil, ErrNone // of a release that had other procedures
	}
	return open(table, row)
}

// Leave forgets the procedure of a browser and all that was typed.
func (s *Procedures) Leave(ctx context.Context, h Handle) error {
	return s.Tx.Tx(ctx, func(ctx context.Context) error {
		if err := s.Store.DropProcedure(ctx, h.hash()); err != nil {
			return fmt.Errorf("leaving a procedure: %w", err)
		}
		return nil
	})
}

// Extend gives the procedure of a browser more time, without an answer, and tells
// until when it has.
func (s *Procedures) Extend(ctx context.Context, h Handle) (ends time.Time, err error) {
	err = s.Tx.Tx(ctx, func(ctx context.Context) error {
		r, err := s.Open(ctx, h)
		if err != nil {
			return err
		}
		if err := s.save(ctx, r); err != nil {
			return err
		}
		ends = r.ExpiresAt
		return nil
	})
	if errors.Is(err, ErrConflict) {
		err = ErrStep
	}
	return ends, err
}

// act is what answering a step does. A *Denied is told and committed with what was
// counted; an error undoes everything.
type act func(ctx context.Context, r *Running) (*Denied, error)

// answer answers a step: what is typed is kept, what rested on the answer before is
// undone, and what a good answer gives holds from then on. The same answer again
// changes nothing, so that a second press or tab does no harm. The answer is nil,
// *Denied, ErrNone or ErrStep.
func (s *Procedures) answer(ctx context.Context, h Handle, name StepName, typed map[Field]string, do act) error {
	var denied *Denied
	err := s.Tx.Tx(ctx, func(ctx context.Context) error {
		denied = nil
		r, err := s.Open(ctx, h)
		if err != nil {
			return err
		}
		step, _ := r.table.Step(name)
		if !r.May(name) {
			return ErrStep
		}
		if len(step.Gives) > 0 && all(r.Holds, step.Gives) && r.typedAlready(step.Asks, typed) {
			return nil
		}
		r.drop(step.Undoes)
		r.keep(step.Asks, typed)
		if denied, err = do(ctx, r); err != nil {
			return err
		}
		if denied == nil {
			r.add(step.Gives...)
		}
		return s.save(ctx, r)
	})
	switch {
	case errors.Is(err, ErrConflict):
		return ErrStep
	case err != nil:
		return err
	case denied != nil:
		return denied
	}
	return nil
}

func (s *State) typedAlready(asks []Field, typed map[Field]string) bool {
	return !slices.ContainsFunc(asks, func(f Field) bool { return s.Typed[f] != typed[f] })
}

// save writes a procedure and gives it more time.
func (s *Procedures) save(ctx context.Context, r *Running) error {
	r.ExpiresAt = s.Now().Add(Idle)
	if last := r.StartedAt.Add(Longest); last.Before(r.ExpiresAt) {
		r.ExpiresAt = last
	}
	state, err := r.encode()
	if err != nil {
		return fmt.Errorf("writing procedure %s: %w", r.ID, err)
	}
	r.row.State, r.row.ExpiresAt = state, r.ExpiresAt
	if err := s.Store.KeepProcedure(ctx, r.row); err != nil {
		return fmt.Errorf("keeping procedure %s: %w", r.ID, err)
	}
	return nil
}

// renew gives a procedure another handle, at each step that proves something: one
// that somebody else put into the browser, or knows, is worth nothing from then on.
func (r *Running) renew() Handle {
	h := Handle(onetime.NewToken())
	r.row.Handle = h.hash()
	return h
}

// record writes an audit event about the procedure's citizen.
func (s *Procedures) record(ctx context.Context, r *Running, fact audit.Data) error {
	e := audit.Event{Actor: audit.Citizen, Person: r.Person, Data: fact}
	if r.Person == "" {
		e.Personal.Document = r.Document()
	}
	if err := s.Trail.Record(ctx, e); err != nil {
		return fmt.Errorf("recording %s: %w", fact.Kind(), err)
	}
	return nil
}

// start makes a new procedure in which the first step is answered.
func (s *Procedures) start(ctx context.Context, name Name, typed map[Field]string) (Handle, error) {
	table := s.tables[name]
	now := s.Now().UTC().Truncate(time.Microsecond)
	r := &Running{table: table, State: State{Typed: maps.Clone(typed)}}
	r.add(table.Steps[0].Gives...)
	state, err := r.encode()
	if err != nil {
		return "", fmt.Errorf("writing a new procedure: %w", err)
	}
	h := Handle(onetime.NewToken())
	err = s.Store.AddProcedure(ctx, Row{
		ID: onetime.NewID(), Procedure: name, Handle: h.hash(), State: state, Version: 1, StartedAt: now, ExpiresAt: now.Add(Idle),
	})
	if err != nil {
		return "", fmt.Errorf("beginning a procedure: %w", err)
	}
	return h, nil
}
