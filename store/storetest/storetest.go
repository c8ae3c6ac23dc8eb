// Package storetest opens throwaway databases of both engines for tests: a
// SQLite file in the test's folder, and a schema of its own in a PostgreSQL
// cluster that the test binary starts once.
package storetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"clave/internal/pgcluster"
	"clave/store"

	"github.com/jackc/pgx/v5"
)

var cluster = struct {
	sync.Mutex
	running *pgcluster.Cluster
	url     string
}{}

// Main runs a package's tests and stops the cluster that they started.
// Every test binary that calls [Each] or [PostgresURL] has
// func TestMain(m *testing.M) { storetest.Main(m) }.
func Main(m *testing.M) {
	code := m.Run()
	if cluster.running != nil {
		if err := cluster.running.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// Each runs the test on a migrated database of each engine.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, engine := range []struct {
		name string
		url  func(t testing.TB) string
	}{{"sqlite", SQLiteURL}, {"postgres", PostgresURL}} {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			test(t, Open(t, engine.url(t)))
		})
	}
}

// Open opens and migrates the database, and closes it with the test.
func Open(t testing.TB, databaseURL string) *store.DB {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, databaseURL, store.Options{Connections: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return db
}

// SQLiteURL names a new file in the test's folder.
func SQLiteURL(t testing.TB) string {
	return "sqlite://" + filepath.Join(t.TempDir(), "clave.db")
}

// PostgresURL names a new schema. The cluster is the one of the environment
// variable CLAVE_TEST_POSTGRES, or one of the test binary's own.
func PostgresURL(t testing.TB) string {
	t.Helper()
	base := clusterURL(t)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	random := make([]byte, 8)
	_, _ = rand.Read(random) // never fails
	schema := "t" + hex.EncodeToString(random)
	if _, err := conn.Exec(ctx, "create schema "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(ctx, base)
		if err != nil {
			return // the cluster is gone, and the schema with it
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "drop schema "+schema+" cascade"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func clusterURL(t testing.TB) string {
	t.Helper()
	cluster.Lock()
	defer cluster.Unlock()
	if cluster.url == "" {
		cluster.url = os.Getenv("CLAVE_TEST_POSTGRES")
	}
	if cluster.url == "" {
		c, err := pgcluster.Start("fsync = off", "full_page_writes = off", "shared_buffers = '32MB'")
		if err != nil {
			t.Fatal(err)
		}
		cluster.running, cluster.url = c, c.URL
	}
	return cluster.url
}
