package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"clave/store"
)

// TestAClosedSQLiteDatabaseIsOneFile: a copy of it is a backup.
func TestAClosedSQLiteDatabaseIsOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "clave.db")
	db, err := store.Open(t.Context(), "sqlite://"+path, store.Options{Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Keys().Keys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Dedicate(t.Context(), store.Service); err != nil {
		t.Fatal(err)
	}
	db.Close()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 1 || files[0] != path {
		t.Errorf("got %v, %v", files, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others may open it: %s", info.Mode())
	}
}
