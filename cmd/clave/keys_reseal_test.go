package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"clave/census"
	"clave/keys"
)

func TestKeysReseal(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		imports(t, at, write(t, "people.csv", strings.TrimSpace(census.Header())+"\n"+rowOne+rowTwo))
		reseal := func(want string) {
			t.Helper()
			got := said(t, func(out *bytes.Buffer) error { return (&keysResealCommand{at}).Run(t.Context(), out) })
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		reseal("reference data: 2 rows, 0 sealed again\npersons: 0 rows, 0 sealed again\n")
		rotateSeal(t, at)
		reseal("reference data: 2 rows, 2 sealed again\npersons: 0 rows, 0 sealed again\n")
		reseal("reference data: 2 rows, 0 sealed again\npersons: 0 rows, 0 sealed again\n")
	})
}

// rotateSeal publishes a key for columns and an hour later activates it.
func rotateSeal(t *testing.T, at place) {
	t.Helper()
	a, err := at.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	master, err := keys.ReadMasterFile(at.Master)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	ring, err := keys.Open(t.Context(), a.db.Keys(), master, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := ring.RotateNow(t.Context(), keys.UseSeal); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
}
