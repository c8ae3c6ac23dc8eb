package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Sentinels that consumers decide on. Everything else a driver says is an
// operator's matter.
var (
	// ErrNotFound: no row answers the question.
	ErrNotFound = errors.New("not found")
	// ErrConflict: a unique or foreign key refused the row.
	ErrConflict = errors.New("conflict")
	// ErrOutsideTx: the context from outside a running transaction was used
	// inside it. On SQLite that would wait for itself for ever.
	ErrOutsideTx = errors.New("statement outside the transaction that this request has open")
)

// maxTries bounds how often a transaction that lost a race is run again.
const maxTries = 6

// engine is what differs between PostgreSQL and SQLite.
type engine interface {
	executor
	begin(ctx context.Context) (transaction, error)
	conflict(err error) bool
	translate(err error) error
	migrate(ctx context.Context) error
	copyRows(ctx context.Context, table string, columns []string, next func() ([]any, error)) (int64, error)
	lockClause() string
	// bulkSettings are statements for a transaction that handles millions of rows.
	bulkSettings() []string
	close()
}

type executor interface {
	exec(ctx context.Context, sql string, args []any) (int64, error)
	query(ctx context.Context, sql string, args []any) (cursor, error)
}

type transaction interface {
	executor
	// queue sends the statement with the next query or the commit.
	queue(ctx context.Context, sql string, args []any, on outcome) error
	commit(ctx context.Context) error
	rollback()
}

// outcome is what is done with the result of a statement that was queued, when it
// comes. The zero value does nothing.
type outcome struct {
	// none is the error when the statement changes no row.
	none error
	// raced says that a row which is there already was made meanwhile by somebody
	// else: the transaction is run again.
	raced bool
	// each reads the rows of a question.
	each func(scan func(dest ...any) error) error
}

// decides tells whether the transaction may not be committed before the result is
// known.
func (o outcome) decides() bool { return o.none != nil || o.each != nil }

// errRaced is what a statement answers that lost a race.
var errRaced = errors.New("somebody else was quicker")

type cursor interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// DB is an open database of either engine. It is safe for concurrent use.
type DB struct {
	engine engine
	now    func() time.Time
}

// Options of Open. The zero value is usable.
type Options struct {
	// Connections is the pool's size on PostgreSQL, and the number of readers
	// on SQLite (which always has one writer). Default 16.
	Connections int
	// Durable makes SQLite wait for the disk at each commit
	// (synchronous=FULL). `clave serve` sets it, the sandbox does not.
	// PostgreSQL keeps its own setting.
	Durable bool
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Open opens sqlite:///path/to/file.db or postgres://…. It does not migrate:
// call [DB.Migrate].
func Open(ctx context.Context, databaseURL string, o Options) (*DB, error) {
	if o.Connections <= 0 {
		o.Connections = 16
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	u, err := url.Parse(databaseURL)
	if err != nil {
		return nil, errors.New("opening the database: the address is not a URL; use sqlite:///path/file.db or postgres://user@host/name")
	}
	var e engine
	switch u.Scheme {
	case "postgres", "postgresql":
		e, err = openPostgres(ctx, databaseURL, o)
	case "sqlite":
		e, err = openSQLite(ctx, u.Path, o)
	default:
		return nil, fmt.Errorf("opening the database: scheme %q is unknown; use sqlite:///path/file.db or postgres://user@host/name", u.Scheme)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	return &DB{engine: e, now: o.Now}, nil
}

// Close waits for running statements and closes the pools.
func (db *DB) Close() { db.engine.close() }

// Migrate brings the schema up to date. Several nodes may start at once.
func (db *DB) Migrate(ctx context.Context) error {
	if err := db.engine.migrate(ctx); err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}
	return nil
}

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.row(ctx, "select 1").Scan(&one)
}

type txKey struct{}
type scopeKey struct{}

// running is an open transaction as it travels in a context.
type running struct {
	tx    transaction
	after []func()
	notes map[any]any
}

// scope remembers, for one request or job, whether it has a transaction open,
// so that a statement past it fails at once.
type scope struct{ open atomic.Bool }

// Scoped watches over the contexts derived from ctx: a statement with a
// context from outside a transaction, while that transaction runs, answers
// ErrOutsideTx instead of waiting for itself.
func Scoped(ctx context.Context) context.Context {
	return context.WithValue(ctx, scopeKey{}, &scope{})
}

// ScopeRequests is [Scoped] for each HTTP request.
func ScopeRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(Scoped(r.Context())))
	})
}

// Tx runs fn in one transaction that travels in fn's context; a Tx inside a Tx
// joins it. fn is run again after a lost race (at most maxTries times), so it
// must be repeatable and touch nothing but the database and its own variables.
func (db *DB) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if inTx(ctx) != nil {
		return fn(ctx)
	}
	for try := 1; ; try++ {
		err := db.once(ctx, fn)
		if err == nil || try == maxTries || !db.engine.conflict(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*try) * time.Millisecond):
		}
	}
}

func (db *DB) once(ctx context.Context, fn func(ctx context.Context) error) (err error) {
	if s, ok := ctx.Value(scopeKey{}).(*scope); ok {
		if !s.open.CompareAndSwap(false, true) {
			return ErrOutsideTx
		}
		defer s.open.Store(false)
	}
	tx, err := db.engine.begin(ctx)
	if err != nil {
		return fmt.Errorf("opening a transaction: %w", err)
	}
	committed := false
	defer func() {
		if !committed {
			tx.rollback()
		}
	}()
	r := &running{tx: tx}
	if err := fn(context.WithValue(ctx, txKey{}, r)); err != nil {
		return err
	}
	if err := tx.commit(ctx); err != nil {
		return fmt.Errorf("committing: %w", db.engine.translate(err))
	}
	committed = true
	for _, f := range r.after {
		f()
	}
	return nil
}

// afterCommit calls f once the transaction in ctx is committed, or at once
// when there is none.
func afterCommit(ctx context.Context, f func()) {
	if r := inTx(ctx); r != nil {
		r.after = append(r.after, f)
		return
	}
	f()
}

// note remembers something for as long as the transaction in ctx runs, such as
// what it has read and holds.
func note(ctx context.Context, key, value any) {
	if r := inTx(ctx); r != nil {
		if r.notes == nil {
			r.notes = map[any]any{}
		}
		r.notes[key] = value
	}
}

// noted is what was noted last under the key in this transaction.
func noted[T any](ctx context.Context, key any) (value T, ok bool) {
	if r := inTx(ctx); r != nil {
		value, ok = r.notes[key].(T)
	}
	return value, ok
}

func inTx(ctx context.Context) *running {
	r, _ := ctx.Value(txKey{}).(*running)
	return r
}

// on picks what runs the statement: the transaction in ctx, or the pool.
func (db *DB) on(ctx context.Context) (executor, error) {
	if r := inTx(ctx); r != nil {
		return r.tx, nil
	}
	if s, ok := ctx.Value(scopeKey{}).(*scope); ok && s.open.Load() {
		return nil, ErrOutsideTx
	}
	return db.engine, nil
}

// exec runs a statement whose result nobody waits for. Inside a transaction it
// is queued, and its error appears at the next query or the commit.
func (db *DB) exec(ctx context.Context, sql string, args ...any) error {
	return db.queue(ctx, sql, args, outcome{})
}

// must is exec for a statement that has to change a row: none is the error when it
// does not, at the next query or instead of the commit.
func (db *DB) must(ctx context.Context, none error, sql string, args ...any) error {
	return db.queue(ctx, sql, args, outcome{none: none})
}

// fresh is exec for the insert of a row that was not there when this transaction
// looked: when somebody else has made it meanwhile, the transaction is run again.
func (db *DB) fresh(ctx context.Context, sql string, args ...any) error {
	return db.queue(ctx, sql, args, outcome{raced: true})
}

// ask is rows for an answer that is not needed before that of the next query: both
// travel together.
func (db *DB) ask(ctx context.Context, sql string, args []any, each func(scan func(dest ...any) error) error) error {
	if inTx(ctx) == nil {
		return db.rows(ctx, sql, args, each)
	}
	return db.queue(ctx, sql, args, outcome{each: each})
}

func (db *DB) queue(ctx context.Context, sql string, args []any, on outcome) error {
	if r := inTx(ctx); r != nil {
		return db.engine.translate(r.tx.queue(ctx, sql, args, on))
	}
	n, err := db.changed(ctx, sql, args...)
	if err == nil && n == 0 {
		return on.none
	}
	return err
}

// changed runs a statement and tells how many rows it changed.
func (db *DB) changed(ctx context.Context, sql string, args ...any) (int64, error) {
	x, err := db.on(ctx)
	if err != nil {
		return 0, err
	}
	n, err := x.exec(ctx, sql, args)
	return n, db.engine.translate(err)
}

// rows calls each for every row of the answer; each scans it.
func (db *DB) rows(ctx context.Context, sql string, args []any, each func(scan func(dest ...any) error) error) error {
	x, err := db.on(ctx)
	if err != nil {
		return err
	}
	c, err := x.query(ctx, sql, args)
	if err != nil {
		return db.engine.translate(err)
	}
	for c.Next() {
		if err := each(c.Scan); err != nil {
			_ = c.Close() // the first error is the one to tell
			return err
		}
	}
	err = c.Err()
	if closing := c.Close(); err == nil {
		err = closing
	}
	return db.engine.translate(err)
}

// oneRow is the answer to a question with at most one row.
type oneRow struct {
	db   *DB
	ctx  context.Context
	sql  string
	args []any
}

// row asks for one row; Scan runs the statement and answers ErrNotFound when
// there is none.
func (db *DB) row(ctx context.Context, sql string, args ...any) oneRow {
	return oneRow{db, ctx, sql, args}
}

// Scan runs the statement and reads its row.
func (r oneRow) Scan(dest ...any) error {
	found := false
	err := r.db.rows(r.ctx, r.sql, r.args, func(scan func(...any) error) error {
		if found {
			return nil
		}
		found = true
		return scan(dest...)
	})
	if err == nil && !found {
		return ErrNotFound
	}
	return err
}

// locked adds the clause that holds the selected rows until the transaction
// ends. SQLite needs none: its transactions are immediate and one at a time.
func (db *DB) locked(sql string) string { return sql + db.engine.lockClause() }

// lockedOf is locked for the rows of one of several tables that are joined.
func (db *DB) lockedOf(sql, table string) string {
	clause := db.engine.lockClause()
	if clause == "" {
		return sql
	}
	return sql + clause + " of " + table
}

// reads tells whether a statement only reads.
func reads(sql string) bool {
	s := strings.TrimLeft(sql, " \t\r\n")
	return len(s) >= 6 && (strings.EqualFold(s[:6], "select") || strings.EqualFold(s[:4], "with"))
}
