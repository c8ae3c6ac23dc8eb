package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"clave/internal/pgcluster"
)

// database is a throwaway database of either engine.
type database struct {
	engine  string
	url     string
	cluster *pgcluster.Cluster // nil with SQLite
}

// openDatabase starts PostgreSQL, with the commits as durable as it comes, or
// names a SQLite file in the folder.
func openDatabase(engine, folder string, statements bool) (*database, error) {
	switch engine {
	case "sqlite":
		return &database{engine: engine, url: "sqlite://" + filepath.Join(folder, "load.db")}, nil
	case "postgres":
		settings := []string{
			"fsync = on", "synchronous_commit = on", "full_page_writes = on", "shared_buffers = '256MB'",
			"wal_keep_size = '16GB'", // so that the log can be counted afterwards
		}
		if statements {
			settings = append(settings, "shared_preload_libraries = 'pg_stat_statements'")
		}
		c, err := pgcluster.Start(settings...)
		if err != nil {
			return nil, err
		}
		return &database{engine, c.URL, c}, nil
	}
	return nil, fmt.Errorf("engine %q is unknown: want postgres or sqlite", engine)
}

func (d *database) close() error {
	if d.cluster == nil {
		return nil
	}
	return d.cluster.Stop()
}

// settle does at once what autovacuum and the checkpointer do within minutes.
func (d *database) settle(ctx context.Context) error {
	return d.ask(ctx, func(c *pgx.Conn) error {
		for _, sql := range []string{"vacuum analyze", "checkpoint"} {
			if _, err := c.Exec(ctx, sql); err != nil {
				return fmt.Errorf("running %s: %w", sql, err)
			}
		}
		return nil
	})
}

// ask does something with a connection to PostgreSQL, and nothing with SQLite.
func (d *database) ask(ctx context.Context, do func(*pgx.Conn) error) error {
	if d.cluster == nil {
		return nil
	}
	c, err := pgx.Connect(ctx, d.url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	return do(c)
}

// position is where PostgreSQL's log ends now, and in bytes.
func (d *database) position(ctx context.Context) (lsn string, bytes int64, err error) {
	err = d.ask(ctx, func(c *pgx.Conn) error {
		return c.QueryRow(ctx, "select l::text, (l - '0/0')::bigint from pg_current_wal_flush_lsn() l").Scan(&lsn, &bytes)
	})
	return lsn, bytes, err
}

// commits counts the transactions that wrote to the log between two positions.
func (d *database) commits(from, to string) (int64, error) {
	if d.cluster == nil {
		return 0, nil
	}
	text, err := d.cluster.Tool("pg_waldump", "-p", "data/pg_wal", "-s", from, "-e", to, "--stats=record")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Transaction/COMMIT" {
			return strconv.ParseInt(fields[1], 10, 64)
		}
	}
	return 0, nil
}

// spent is PostgreSQL's processor time so far.
func (d *database) spent() (time.Duration, error) {
	if d.cluster == nil {
		return 0, nil
	}
	return spentBy(d.cluster.PID)
}

// Statement is what one SQL text cost.
type Statement struct {
	Calls    float64 `json:"calls"`   // for one login
	Time     float64 `json:"time_ms"` // of one call, planning left out
	Blocks   float64 `json:"blocks"`  // of 8 kB that one call looks at
	WALBytes float64 `json:"wal_bytes"`
	Text     string  `json:"text"`
}

// forgetStatements begins counting anew.
func (d *database) forgetStatements(ctx context.Context) error {
	return d.ask(ctx, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "create extension if not exists pg_stat_statements; select pg_stat_statements_reset()")
		return err
	})
}

const topStatements = `
select calls, total_exec_time / calls, (shared_blks_hit + shared_blks_read)::float8 / calls, wal_bytes::float8 / calls,
    regexp_replace(query, '\s+', ' ', 'g')
from pg_stat_statements
order by total_exec_time desc
limit 30`

// statements tells what the SQL texts cost since forgetStatements.
func (d *database) statements(ctx context.Context, logins int) (found []Statement, err error) {
	err = d.ask(ctx, func(c *pgx.Conn) error {
		rows, err := c.Query(ctx, topStatements)
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Statement, err error) {
			err = row.Scan(&s.Calls, &s.Time, &s.Blocks, &s.WALBytes, &s.Text)
			s.Calls /= float64(logins)
			return s, err
		})
		return err
	})
	return found, err
}
