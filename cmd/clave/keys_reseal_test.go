package main

import (
	"bytes"
	"strings"
	"testing"

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
		reseal("reference data: 2 rows, 0 sealed again\npersons: 0 rows, 0 sealed again\nreceipts: 0 rows, 0 sealed again\nnames from certificates: 0 rows, 0 sealed again\nhistories of registrations: 0 rows, 0 sealed again\npasswords: 0 rows, 0 sealed again\ndevices: 0 rows, 0 sealed again\nstaff: 0 rows, 0 sealed again\nproposals: 0 rows, 0 sealed again\n")
		replace(t, at, keys.UseSeal)
		reseal("reference data: 2 rows, 2 sealed again\npersons: 0 rows, 0 sealed again\nreceipts: 0 rows, 0 sealed again\nnames from certificates: 0 rows, 0 sealed again\nhistories of registrations: 0 rows, 0 sealed again\npasswords: 0 rows, 0 sealed again\ndevices: 0 rows, 0 sealed again\nstaff: 0 rows, 0 sealed again\nproposals: 0 rows, 0 sealed again\n")
		reseal("reference data: 2 rows, 0 sealed again\npersons: 0 rows, 0 sealed again\nreceipts: 0 rows, 0 sealed again\nnames from certificates: 0 rows, 0 sealed again\nhistories of registrations: 0 rows, 0 sealed again\npasswords: 0 rows, 0 sealed again\ndevices: 0 rows, 0 sealed again\nstaff: 0 rows, 0 sealed again\nproposals: 0 rows, 0 sealed again\n")
	})
}
