package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

type postgres struct{ pool *pgxpool.Pool }

func openPostgres(ctx context.Context, databaseURL string, o Options) (engine, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, errors.New("the PostgreSQL address cannot be read") // the driver's text would show the password
	}
	config.MaxConns = int32(o.Connections)
	config.MinConns = min(4, config.MaxConns)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return &postgres{pool}, nil
}

func (p *postgres) close() { p.pool.Close() }

func (p *postgres) lockClause() string { return " for update" }

// bulkSettings give sorting room. They end with the transaction.
func (p *postgres) bulkSettings() []string {
	return []string{"set local work_mem = '64MB'", "set local jit = off"}
}

func (p *postgres) exec(ctx context.Context, sql string, args []any) (int64, error) {
	tag, err := p.pool.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

func (p *postgres) query(ctx context.Context, sql string, args []any) (cursor, error) {
	rows, err := p.pool.Query(ctx, sql, args...)
	return pgCursor{rows, nil}, err
}

func (p *postgres) begin(ctx context.Context) (transaction, error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	t := &pgTx{conn: conn, batch: &pgx.Batch{}}
	return t, t.queue(ctx, "begin", nil, outcome{})
}

func (p *postgres) conflict(err error) bool {
	var pg *pgconn.PgError
	return errors.Is(err, errRaced) || errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

func (p *postgres) translate(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23505", "23503":
			return fmt.Errorf("%w: %s", ErrConflict, pg.ConstraintName)
		case "40001", "40P01":
			return err
		}
		// The detail may quote a row's values; message and code do not.
		return fmt.Errorf("postgresql %s: %s", pg.Code, pg.Message)
	}
	return err
}

func (p *postgres) migrate(ctx context.Context) error {
	db := stdlib.OpenDBFromPool(p.pool)
	defer db.Close()
	return migrateUp(ctx, goose.DialectPostgres, db)
}

// copyRows streams rows with COPY; next answers nil at the end.
func (p *postgres) copyRows(ctx context.Context, table string, columns []string, next func() ([]any, error)) (int64, error) {
	source := pgx.CopyFromFunc(next)
	if r := inTx(ctx); r != nil {
		t := r.tx.(*pgTx)
		if err := t.flush(ctx); err != nil {
			return 0, err
		}
		return t.conn.Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, source)
	}
	return p.pool.CopyFrom(ctx, pgx.Identifier{table}, columns, source)
}

// pgTx sends what is queued together with the next query or the commit.
type pgTx struct {
	conn  *pgxpool.Conn
	batch *pgx.Batch
	on    []outcome // of what is queued
}

func (t *pgTx) queue(_ context.Context, sql string, args []any, on outcome) error {
	t.batch.Queue(sql, args...)
	t.on = append(t.on, on)
	return nil
}

// send sends the batch and does what is to be done with the results of what was
// queued. What was added to the batch besides is the caller's to read.
func (t *pgTx) send(ctx context.Context) (pgx.BatchResults, error) {
	batch, queued := t.batch, t.on
	t.batch, t.on = &pgx.Batch{}, nil
	results := t.conn.SendBatch(ctx, batch)
	for _, on := range queued {
		if err := on.read(results); err != nil {
			_ = results.Close() // repeats the same error
			return nil, err
		}
	}
	return results, nil
}

// read reads the next result.
func (o outcome) read(results pgx.BatchResults) error {
	if o.each != nil {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := o.each(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	}
	tag, err := results.Exec()
	var pg *pgconn.PgError
	switch {
	case o.raced && errors.As(err, &pg) && pg.Code == "23505":
		return errRaced
	case err == nil && tag.RowsAffected() == 0:
		return o.none
	}
	return err
}

func (t *pgTx) flush(ctx context.Context) error {
	if t.batch.Len() == 0 {
		return nil
	}
	results, err := t.send(ctx)
	if err != nil {
		return err
	}
	return results.Close()
}

func (t *pgTx) exec(ctx context.Context, sql string, args []any) (int64, error) {
	t.batch.Queue(sql, args...)
	results, err := t.send(ctx)
	if err != nil {
		return 0, err
	}
	tag, err := results.Exec()
	if closing := results.Close(); err == nil {
		err = closing
	}
	return tag.RowsAffected(), err
}

func (t *pgTx) query(ctx context.Context, sql string, args []any) (cursor, error) {
	t.batch.Queue(sql, args...)
	results, err := t.send(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		_ = results.Close() // repeats the same error
		return nil, err
	}
	return pgCursor{rows, results}, nil
}

func (t *pgTx) commit(ctx context.Context) error {
	if slices.ContainsFunc(t.on, outcome.decides) {
		if err := t.flush(ctx); err != nil {
			return err
		}
	}
	t.batch.Queue("commit")
	results, err := t.send(ctx)
	if err != nil {
		return err
	}
	tag, err := results.Exec()
	if closing := results.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	if tag.String() != "COMMIT" {
		return errors.New("the transaction was rolled back")
	}
	t.conn.Release()
	return nil
}

func (t *pgTx) rollback() {
	defer t.conn.Release()
	if t.conn.Conn().IsClosed() || t.conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := t.conn.Exec(ctx, "rollback"); err != nil {
		_ = t.conn.Conn().Close(ctx) // the pool makes a new one
	}
}

type pgCursor struct {
	pgx.Rows
	results pgx.BatchResults
}

// Close reads the rest, so that an error of a later statement is not lost.
func (c pgCursor) Close() error {
	c.Rows.Close()
	if c.results != nil {
		return c.results.Close()
	}
	return nil
}
