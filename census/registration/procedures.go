package registration

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
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

// Registrar changes registrations.
type Registrar interface {
	Holds(ctx context.Context, phone identity.Phone, document identity.DocumentID) (heldByAnother bool, err error)
	Allows(ctx context.Context, change registrar.Change, person identity.PersonID, by registrar.By) (registrar.Entry, error)
	Do(ctx context.Context, o registrar.Order, by registrar.By) (registrar.Done, error)
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

// Composer writes the messages of codes.
type Composer interface {
	Code(t notify.CodeText) string
	Mail(t notify.CodeText) (subject, body string)
}

// Budget says whether one more message may be sent under a key, and counts it. Keys
// are "sms:country:34", "sms:rp:" with a name of ours, and "mail:" likewise.
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
	s := &Procedures{Config: c, tables: map[Name]Procedure{Letter: ByLetter(), LeaveByLetter: LeavingByLetter()}}
	for _, p := range slices.Concat(Online(), AtDesk()) {
		s.tables[p.Name] = p
	}
	return s
}

// Handle is what a browser holds of its procedure: 256 random bits. Whoever has it
// goes on with the procedure, unless it is bound to an owner.
type Handle string

// Of binds a handle to an owner: the person or the session that began a procedure.
// Nobody else who uses the same browser finds the procedure by it.
func (h Handle) Of(owner string) Handle {
	if h == "" || owner == "" {
		return h.Token()
	}
	return h.Token() + " " + Handle(owner)
}

// Token is what the browser keeps: the handle without its owner.
func (h Handle) Token() Handle {
	token, _, _ := strings.Cut(string(h), " ")
	return Handle(token)
}

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
	return open(table, row, h)
}

// Leave forgets the procedure of a browser and all that was typed.
func (s *Procedures) Leave(ctx context.Context, h Handle) error {
	return s.Tx.Tx(ctx, func(ctx context.Context) error { return s.dropAll(ctx, h) })
}

// dropAll deletes what a handle opens, with its owner and without.
func (s *Procedures) dropAll(ctx context.Context, h Handle) error {
	for _, each := range slices.Compact([]Handle{h, h.Token()}) {
		if each == "" {
			continue
		}
		if err := s.Store.DropProcedure(ctx, each.hash()); err != nil {
			return fmt.Errorf("leaving a procedure: %w", err)
		}
	}
	return nil
}

// Extend gives the procedure of a browser more time, without an answer, and tells
// until when it has.
func (s *Procedures) Extend(ctx context.Context, h Handle) (ends time.Time, err error) {
	_, err = s.change(ctx, h, func(_ context.Context, r *Running) (*Denied, error) {
		ends = s.extended(r)
		return nil, nil
	})
	return ends, err
}

// act is what answering a step does. A *Denied is told and committed with what was
// counted; an error undoes everything.
type act func(ctx context.Context, r *Running) (*Denied, error)

// answer answers a step: what is typed is kept, what rested on the answer before is
// undone, and what a good answer gives holds from then on. The same answer again
// changes nothing, so that a second press or tab does no harm. It gives what the
// browser holds from then on; the error is nil, *Denied, ErrNone or ErrStep.
func (s *Procedures) answer(ctx context.Context, h Handle, name StepName, typed map[Field]string, do act) (Handle, error) {
	return s.change(ctx, h, func(ctx context.Context, r *Running) (*Denied, error) { return r.answer(ctx, name, typed, do) })
}

func (r *Running) answer(ctx context.Context, name StepName, typed map[Field]string, do act) (*Denied, error) {
	step, _ := r.table.Step(name)
	if !r.May(name) {
		return nil, ErrStep
	}
	if len(step.Gives) > 0 && all(r.Holds, step.Gives) && r.typedAlready(step.Asks, typed) {
		return nil, errUnchanged
	}
	r.drop(step.Undoes)
	r.keep(step.Asks, typed)
	denied, err := do(ctx, r)
	if denied == nil && err == nil {
		r.add(step.Gives...)
	}
	return denied, err
}

// errUnchanged says that there is nothing to keep.
var errUnchanged = errors.New("nothing changed")

// change changes a procedure in one transaction that holds its row.
func (s *Procedures) change(ctx context.Context, h Handle, do act) (next Handle, err error) {
	var denied *Denied
	err = s.Tx.Tx(ctx, func(ctx context.Context) error {
		denied, next = nil, h
		r, err := s.Open(ctx, h)
		if err != nil {
			return err
		}
		switch denied, err = do(ctx, r); {
		case errors.Is(err, errUnchanged):
			return nil
		case err != nil:
			return err
		}
		next = r.handle
		return s.save(ctx, r)
	})
	switch {
	case errors.Is(err, ErrConflict):
		return h, ErrStep
	case err != nil:
		return h, err
	case denied != nil:
		return h, denied
	}
	return next, nil
}

func (s *State) typedAlready(asks []Field, typed map[Field]string) bool {
	return !slices.ContainsFunc(asks, func(f Field) bool { return s.Typed[f] != typed[f] })
}

// save writes a procedure and gives it more time.
func (s *Procedures) save(ctx context.Context, r *Running) error {
	r.ExpiresAt = s.extended(r)
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

// extended is until when a procedure stays that is answered now.
func (s *Procedures) extended(r *Running) time.Time {
	idle, last := s.Now().Add(Idle), r.StartedAt.Add(Longest)
	if last.Before(idle) {
		return last
	}
	return idle
}

// renew gives a procedure another handle, at each step that proves something: one
// that somebody else put into the browser, or knows, is worth nothing from then on.
func (r *Running) renew() { r.hand(Handle(onetime.NewToken()).Of(r.Owner)) }

func (r *Running) hand(h Handle) { r.handle, r.row.Handle = h, h.hash() }

// record writes an audit event about the procedure's citizen.
func (s *Procedures) record(ctx context.Context, r *Running, fact audit.Data) error {
	e := audit.Event{Actor: r.By.Actor(), Person: r.Person, Login: r.By.Login, Data: fact}
	if r.Person == "" {
		e.Personal.Document = r.Document()
	}
	if err := s.Trail.Record(ctx, e); err != nil {
		return fmt.Errorf("recording %s: %w", fact.Kind(), err)
	}
	return nil
}

// start makes a new procedure and forgets the one that the browser had. Nothing of
// that is taken over: a stranger may have put its handle there, and would find its
// own phone typed in.
func (s *Procedures) start(ctx context.Context, before Handle, name Name, begun State) (h Handle, err error) {
	now := s.Now().UTC().Truncate(time.Microsecond)
	state, err := begun.encode()
	if err != nil {
		return "", fmt.Errorf("writing a new procedure: %w", err)
	}
	h = Handle(onetime.NewToken()).Of(begun.Owner)
	err = s.Tx.Tx(ctx, func(ctx context.Context) error {
		if err := s.dropAll(ctx, before); err != nil {
			return err
		}
		return s.Store.AddProcedure(ctx, Row{
			ID: onetime.NewID(), Procedure: name, Handle: h.hash(), State: state, Version: 1, StartedAt: now, ExpiresAt: now.Add(Idle),
		})
	})
	if err != nil {
		return "", fmt.Errorf("beginning a procedure: %w", err)
	}
	return h, nil
}
