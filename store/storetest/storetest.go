// Package storetest opens throwaway databases of both engines for tests: a
// SQLite file in the test's folder, and a schema of its own in a PostgreSQL
// cluster that the test binary starts once. Migrating takes longer than most
// tests: the file is a copy of one that was migrated once, and a schema is used
// again after its rows were put back to what the migrations leave.
package storetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"clave/store"
)

// Main runs a package's tests and stops the cluster that they started.
// Every test binary that calls [Each] or [PostgresURL] has
// func TestMain(m *testing.M) { storetest.Main(m) }.
func Main(m *testing.M) {
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
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

// Open opens the database, migrates it unless it is one of ours, and closes it
// with the test.
func Open(t testing.TB, databaseURL string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), databaseURL, store.Options{Connections: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, migrated := copies.Load(databaseURL); migrated {
		return db
	}
	if err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return db
}

// SQLiteURL names a new file in the test's folder, with all tables.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	content, err := modelFile()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "clave.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return remember(t, "sqlite://"+path)
}

// PostgresURL names a schema that has all tables and is nobody else's until the
// test ends. The cluster is the one of the environment variable
// CLAVE_TEST_POSTGRES, as a superuser, or one of the test binary's own.
func PostgresURL(t testing.TB) string {
	t.Helper()
	c, err := shared.ready()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := c.take()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.give(schema); err != nil {
			t.Error(err)
		}
	})
	return remember(t, c.address(schema))
}
