package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"clave/keys"
)

func TestKeysRemove(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		remove := func(id string) error { return (&keysRemoveCommand{at, id}).Run(t.Context(), io.Discard) }
		ids := func(use keys.Use, state keys.State) string {
			a, err := at.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer a.close()
			return find(a.keys.Records(), func(r keys.Record) bool { return r.Use == use && r.State == state }).ID
		}
		wants(t, remove("nothing"), "there is no key nothing")
		wants(t, remove(ids(keys.UseOIDC, keys.Active)), "is active: replace it first with `clave keys rotate oidc --now`")
		wants(t, remove(ids(keys.UseSubject, keys.Active)), "is of the use subject: what it made is kept for years")

		replace(t, at, keys.UseSeal)
		wants(t, remove(ids(keys.UseSeal, keys.Retired)), "could never be opened or verified again")
		replace(t, at, keys.UseOIDC)
		id := ids(keys.UseOIDC, keys.Retired)
		said(t, func(out *bytes.Buffer) error { return (&keysRemoveCommand{at, id}).Run(t.Context(), out) })
		listed := said(t, func(out *bytes.Buffer) error { return (&keysListCommand{at}).Run(t.Context(), out) })
		if strings.Contains(listed, id) {
			t.Errorf("got %s", listed)
		}
	})
}

// replace publishes a key and an hour later activates it.
func replace(t *testing.T, at place, use keys.Use) {
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
		if _, err := ring.RotateNow(t.Context(), use); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
}
