package keystest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"testing"
	"time"

	"clave/keys"
)

// fixedRings are the records of a ring with one active key of each kind. They
// also prove that what an earlier version sealed still opens.
//
//go:embed testdata/fixed.json
var fixedRings []byte

// FixedTime is when the fixed keys were made, and the clock of their ring.
func FixedTime() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// FixedMaster is a master key that everybody knows.
func FixedMaster(t testing.TB) *keys.Master {
	t.Helper()
	master, err := keys.NewMaster(bytes.Repeat([]byte("test"), keys.MasterSize/4))
	if err != nil {
		t.Fatal(err)
	}
	return master
}

// Fixed returns a ring whose keys are the same in every run, for golden files
// and for tests that do not care about keys. It has signing keys of all four
// algorithms. The keys are public: nothing but a test may use them.
func Fixed(t testing.TB) *keys.Keyring {
	t.Helper()
	ring, err := keys.Open(context.Background(), FixedStore(t), FixedMaster(t), FixedTime)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// FixedStore returns a store with the keys of Fixed.
func FixedStore(t testing.TB) *Memory {
	t.Helper()
	var records []keys.Record
	if err := json.Unmarshal(fixedRings, &records); err != nil {
		t.Fatalf("reading the fixed keys: %v", err)
	}
	store := &Memory{}
	for _, r := range records {
		if err := store.AddKey(context.Background(), r); err != nil {
			t.Fatalf("adding fixed key %s: %v", r.ID, err)
		}
	}
	return store
}

// New returns a ring with fresh keys over a store in memory, for tests that turn
// the clock.
func New(t testing.TB, now func() time.Time) *keys.Keyring {
	t.Helper()
	ring, err := keys.Open(context.Background(), &Memory{}, FixedMaster(t), now)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}
