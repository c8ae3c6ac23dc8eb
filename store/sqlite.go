package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// writerWait is how long a statement waits for the one writer before it says
// so. Our choice: longer than any transaction of the product takes.
const writerWait = 20 * time.Second

// sqliteEngine has one writer connection and several readers. A token in
// writing stands for the writer, so that waiting for it has an end.
type sqliteEngine struct {
	writers, readers *sql.DB
	writer           *sql.Conn
	writing          chan struct{}
	toWrite, toRead  sync.Map // text → *sql.Stmt
}

// preparer is *sql.DB or *sql.Conn.
type preparer interface {
	PrepareContext(ctx context.Context, text string) (*sql.Stmt, error)
}

func openSQLite(ctx context.Context, path string, o Options) (engine, error) {
	if path == "" || path == "/" {
		return nil, errors.New("sqlite needs an absolute path, as in sqlite:///var/lib/clave/clave.db")
	}
	if err := makeFile(path); err != nil {
		return nil, err
	}
	synchronous := "NORMAL"
	if o.Durable {
		synchronous = "FULL"
	}
	options := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(" + synchronous + ")",
	}, "_txlock": {"immediate"}}
	source := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode()
	writers, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, err
	}
	writer, err := writers.Conn(ctx)
	if err != nil {
		_ = writers.Close() // the first error is the one to tell
		return nil, err
	}
	readers, err := sql.Open("sqlite", source+"&_pragma=query_only(1)")
	if err != nil {
		_ = writers.Close() // the first error is the one to tell
		return nil, err
	}
	readers.SetMaxOpenConns(o.Connections)
	readers.SetMaxIdleConns(o.Connections)
	return &sqliteEngine{writers: writers, readers: readers, writer: writer, writing: make(chan struct{}, 1)}, nil
}

// makeFile makes a file that only its owner may read: SQLite would let everybody,
// and its log gets the same mode. A file that is there is not touched, because
// closing it would drop the locks of whoever has it open in this process.
func makeFile(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// close leaves one file behind. A statement that is still prepared would keep its
// connection half open, and then nobody moves the log into the database.
func (s *sqliteEngine) close() {
	for _, known := range []*sync.Map{&s.toRead, &s.toWrite} {
		known.Range(func(_, st any) bool {
			_ = st.(*sql.Stmt).Close() // nothing can be done about it, nor below
			return true
		})
	}
	_ = s.readers.Close()
	_ = s.writer.Close()
	_ = s.writers.Close()
}

func (s *sqliteEngine) lockClause() string { return "" }

func (s *sqliteEngine) bulkSettings() []string { return nil }

// statement prepares a text once for as long as the database is open.
func statement(ctx context.Context, known *sync.Map, db preparer, text string) (*sql.Stmt, error) {
	if st, ok := known.Load(text); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := db.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if earlier, loaded := known.LoadOrStore(text, st); loaded {
		_ = st.Close() // somebody was quicker
		return earlier.(*sql.Stmt), nil
	}
	return st, nil
}

func (s *sqliteEngine) acquire(ctx context.Context) error {
	timer := time.NewTimer(writerWait)
	defer timer.Stop()
	select {
	case s.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fmt.Errorf("waiting %s for the database's one writer; is a statement outside the transaction that holds it?", writerWait)
	}
}

func (s *sqliteEngine) release() { <-s.writing }

func (s *sqliteEngine) exec(ctx context.Context, text string, args []any) (int64, error) {
	if err := s.acquire(ctx); err != nil {
		return 0, err
	}
	defer s.release()
	return s.write(ctx, text, args)
}

// write runs a statement on the writer, which the caller holds.
func (s *sqliteEngine) write(ctx context.Context, text string, args []any) (int64, error) {
	st, err := statement(ctx, &s.toWrite, s.writer, text)
	if err != nil {
		return 0, err
	}
	result, err := st.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// ask runs a question on the writer, which the caller holds.
func (s *sqliteEngine) ask(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	st, err := statement(ctx, &s.toWrite, s.writer, text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

func (s *sqliteEngine) query(ctx context.Context, text string, args []any) (cursor, error) {
	if reads(text) {
		st, err := statement(ctx, &s.toRead, s.readers, text)
		if err != nil {
			return nil, err
		}
		rows, err := st.QueryContext(ctx, args...)
		if err != nil {
			return nil, err
		}
		return rows, nil
	}
	if err := s.acquire(ctx); err != nil {
		return nil, err
	}
	rows, err := s.ask(ctx, text, args)
	if err != nil {
		s.release()
		return nil, err
	}
	return releasingCursor{rows, s.release}, nil
}

// begin waits for the writer as long as ctx lasts. What begins and ends a transaction is
// not cancelled itself: the driver answers that it was cancelled also when it was done,
// and then nobody would end what had begun, or undo what had not.
func (s *sqliteEngine) begin(ctx context.Context) (transaction, error) {
	if err := s.acquire(ctx); err != nil {
		return nil, err
	}
	if _, err := s.write(context.WithoutCancel(ctx), "begin immediate", nil); err != nil {
		s.release()
		if s.conflict(err) {
			err = fmt.Errorf("another process holds the database, as an import does: %w", err)
		}
		return nil, err
	}
	return sqliteTx{s}, nil
}

func (s *sqliteEngine) conflict(err error) bool {
	var e *sqlite.Error
	return errors.Is(err, errRaced) || errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

func (s *sqliteEngine) translate(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			_, names, _ := strings.Cut(e.Error(), "failed: ")
			return fmt.Errorf("%w: %s", ErrConflict, names)
		}
	}
	return err
}

func (s *sqliteEngine) migrate(ctx context.Context) error {
	if err := s.acquire(ctx); err != nil {
		return err
	}
	defer s.release()
	return migrateUp(ctx, goose.DialectSQLite3, s.writers)
}

// copyRows inserts row by row; next answers nil at the end.
func (s *sqliteEngine) copyRows(ctx context.Context, table string, columns []string, next func() ([]any, error)) (int64, error) {
	r := inTx(ctx)
	if r == nil {
		return 0, errors.New("copying rows needs a transaction")
	}
	holes := make([]string, len(columns))
	for i := range holes {
		holes[i] = fmt.Sprintf("$%d", i+1)
	}
	text := "insert into " + table + " (" + strings.Join(columns, ", ") + ") values (" + strings.Join(holes, ", ") + ")"
	var n int64
	for {
		args, err := next()
		if err != nil || args == nil {
			return n, err
		}
		if _, err := r.tx.exec(ctx, text, args); err != nil {
			return n, err
		}
		n++
	}
}

// sqliteTx is the writer inside begin and commit.
type sqliteTx struct{ engine *sqliteEngine }

func (t sqliteTx) queue(ctx context.Context, text string, args []any, on outcome) error {
	if on.each == nil {
		n, err := t.engine.write(ctx, text, args)
		switch {
		case on.raced && errors.Is(t.engine.translate(err), ErrConflict):
			return errRaced
		case err == nil && n == 0:
			return on.none
		}
		return err
	}
	rows, err := t.engine.ask(ctx, text, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := on.each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t sqliteTx) exec(ctx context.Context, text string, args []any) (int64, error) {
	return t.engine.write(ctx, text, args)
}

func (t sqliteTx) query(ctx context.Context, text string, args []any) (cursor, error) {
	rows, err := t.engine.ask(ctx, text, args)
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func (t sqliteTx) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := t.engine.write(context.WithoutCancel(ctx), "commit", nil); err != nil {
		return err
	}
	t.engine.release()
	return nil
}

func (t sqliteTx) rollback() {
	defer t.engine.release()
	_, _ = t.engine.write(context.Background(), "rollback", nil) // an interrupted statement may have ended it already
}

type releasingCursor struct {
	*sql.Rows
	release func()
}

// Close gives the writer back.
func (c releasingCursor) Close() error {
	defer c.release()
	return c.Rows.Close()
}
