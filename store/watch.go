package store

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// Backlog is what waits to be done: operators watch that it does not grow.
type Backlog struct {
	// Messages wait for a carrier; OldestMessage is when the oldest was sent, zero
	// when none waits.
	Messages      int64
	OldestMessage time.Time
	// OldestUnsealed is when the oldest audit event after the end of the chain
	// was recorded; zero when all are sealed.
	OldestUnsealed time.Time
}

const backlogOfMessages = `
select count(*), min(created_at)
from outbox
where state = 'waiting'`

const backlogOfEvents = `
select min(at)
from audit_events
where at > coalesce((select max(last_at) from audit_batches), 0)`

// Backlog tells what waits.
func (db *DB) Backlog(ctx context.Context) (b Backlog, err error) {
	if err := db.row(ctx, backlogOfMessages).Scan(&b.Messages, timeInto(&b.OldestMessage)); err != nil {
		return b, fmt.Errorf("counting waiting messages: %w", err)
	}
	if err := db.row(ctx, backlogOfEvents).Scan(timeInto(&b.OldestUnsealed)); err != nil {
		return b, fmt.Errorf("asking for unsealed audit events: %w", err)
	}
	return b, nil
}

// Pool is how the connections of this node are used: InUse of at most Most.
// Waited counts how often somebody had to wait for one since the start.
type Pool struct {
	InUse, Idle, Most int
	Waited            int64
}

// Pool tells how the connections are used. Of SQLite these are the readers.
func (db *DB) Pool() Pool {
	switch e := db.engine.(type) {
	case *postgres:
		s := e.pool.Stat()
		return Pool{int(s.AcquiredConns()), int(s.IdleConns()), int(s.MaxConns()), s.EmptyAcquireCount()}
	case *sqliteEngine:
		s := e.readers.Stats()
		return Pool{s.InUse, s.Idle, s.MaxOpenConnections, s.WaitCount}
	}
	return Pool{}
}

const newestMigration = `
select max(version_id)
from goose_db_version
where is_applied`

// Current answers an error unless the database has every migration of this
// build. One that has more is fine: the next release is being rolled out, and its
// migrations work under this one.
func (db *DB) Current(ctx context.Context) error {
	var applied int64
	if err := db.row(ctx, newestMigration).Scan(&applied); err != nil {
		return fmt.Errorf("asking for the newest migration: %w", err)
	}
	if newest := newestVersion(); applied < newest {
		return fmt.Errorf("the database is at migration %d and needs %d; a node that starts migrates it", applied, newest)
	}
	return nil
}

// newestVersion is the number of the last migration of this build.
func newestVersion() (newest int64) {
	files, _ := fs.Glob(migrations, "migrations/*.sql") // the pattern is right
	for _, name := range files {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			newest = max(newest, n)
		}
	}
	return newest
}
