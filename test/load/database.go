package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"clave/census"
	"clave/internal/pgcluster"
	"clave/keys"
	"clave/store"
	"clave/test/load/people"
)

// database is a throwaway database of either engine.
type database struct {
	engine  string
	url     string
	cluster *pgcluster.Cluster // nil with SQLite
}

// openDatabase starts PostgreSQL, with the commits as durable as it comes, or
// names a SQLite file in the folder.
func openDatabase(engine, folder string) (*database, error) {
	switch engine {
	case "sqlite":
		return &database{engine: engine, url: "sqlite://" + filepath.Join(folder, "load.db")}, nil
	case "postgres":
		c, err := pgcluster.Start("fsync = on", "synchronous_commit = on", "full_page_writes = on", "shared_buffers = '256MB'",
			"wal_keep_size = '16GB'") // so that the log can be counted afterwards
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

// enrolled is how many citizens are registered in one transaction.
const enrolled = 20_000

// fill imports the reference data of n citizens and registers them.
func (d *database) fill(ctx context.Context, masterFile string, population people.Population, n int) error {
	master, err := keys.CreateMasterFile(masterFile)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, d.url, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	ring, err := keys.Open(ctx, db.Keys(), master, time.Now)
	if err != nil {
		return err
	}
	reference := store.NewCensus(db, ring.Columns(), ring.Index())
	if _, err := census.Import(ctx, reference, population.File(n), census.Options{Now: time.Now()}); err != nil {
		return err
	}
	persons := store.NewPersons(db, ring.Columns(), ring.Index())
	for from := 0; from < n; from += enrolled {
		var chunk []census.Registration
		for i := from; i < min(n, from+enrolled); i++ {
			chunk = append(chunk, population.Registration(i))
		}
		if err := persons.Enrol(ctx, chunk, time.Now()); err != nil {
			return err
		}
	}
	return d.settle(ctx)
}

// settle leaves the database as a night's rest would.
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
