package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"clave/store"
)

// copies are the addresses of databases that have all tables already.
var copies sync.Map

func remember(t testing.TB, databaseURL string) string {
	copies.Store(databaseURL, true)
	t.Cleanup(func() { copies.Delete(databaseURL) })
	return databaseURL
}

// migrate makes the tables and leaves the database to whom it is for.
func migrate(databaseURL string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, databaseURL, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Migrate(ctx)
}

// modelFile is a SQLite file with all tables: closed, it is one file.
var modelFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "clave-model-")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "model.db")
	if err := migrate("sqlite://" + path); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	content, err := os.ReadFile(path)
	return content, errors.Join(err, os.RemoveAll(dir))
})
