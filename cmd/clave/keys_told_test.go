package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"clave/audit"
	"clave/keys"
	"clave/store"
	"clave/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestEveryChangeOfAKeyIsInTheTrail(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		ring := openTold(t, db, audit.System, &now)
		// The other keys are made at the first start too, and never change here.
		want := []string{"system key_created", "system key_activated"}
		if diff := cmp.Diff(want, happened(t, db, keys.UseOIDC)); diff != "" {
			t.Fatal(diff)
		}

		tend := func(passed time.Duration) {
			t.Helper()
			now = now.Add(passed)
			if err := ring.Tend(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		const day = 24 * time.Hour
		tend(89 * day)
		tend(day)
		tend(day)
		want = append(want, "system key_created", "system key_activated", "system key_retired", "system key_removed")
		if diff := cmp.Diff(want, happened(t, db, keys.UseOIDC)); diff != "" {
			t.Fatal(diff)
		}

		// An operator begins the next change and a node finishes it.
		now = now.Add(time.Minute)
		by := openTold(t, db, audit.Operator("ana"), &now)
		if _, err := by.Rotate(t.Context(), keys.UseOIDC); err != nil {
			t.Fatal(err)
		}
		if _, err := by.RotateNow(t.Context(), keys.UseOIDC); err != nil {
			t.Fatal(err)
		}
		tend(time.Minute)
		want = append(want, "operator:ana key_created", "operator:ana key_scheduled", "system key_activated", "system key_retired")
		if diff := cmp.Diff(want, happened(t, db, keys.UseOIDC)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAChangeThatAnotherNodeMadeIsToldOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		nodes := []*keys.Keyring{openTold(t, db, audit.System, &now), openTold(t, db, audit.System, &now)}
		for _, passed := range []time.Duration{89 * 24 * time.Hour, 24 * time.Hour} {
			now = now.Add(passed)
			errs := make(chan error)
			for _, n := range nodes {
				go func() { errs <- n.Tend(t.Context()) }()
			}
			for range nodes {
				if err := <-errs; err != nil {
					t.Fatal(err)
				}
			}
		}
		want := []string{"system key_created", "system key_activated", "system key_created", "system key_activated", "system key_retired"}
		if diff := cmp.Diff(want, happened(t, db, keys.UseOIDC)); diff != "" {
			t.Error(diff)
		}
	})
}

func openTold(t *testing.T, db *store.DB, actor audit.Actor, now *time.Time) *keys.Keyring {
	t.Helper()
	master, err := keys.NewMaster([]byte("thirty-two bytes of a test's key"))
	if err != nil {
		t.Fatal(err)
	}
	ring, _, err := openKeys(t.Context(), db, master, actor, func() time.Time { return *now }, keys.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

type deaf struct{}

func (deaf) Record(context.Context, audit.Event) error { return nil }

// happened is who did what to the keys of a use, in the order of the trail; what
// happened at one instant is put in the order of a key's life.
func happened(t *testing.T, db *store.DB, use keys.Use) []string {
	t.Helper()
	var out bytes.Buffer
	x := audit.Exporter{Reader: db.Audit(), Trail: deaf{}, To: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := x.Export(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	type line struct {
		At          time.Time
		Kind, Actor string
		Data        struct{ Use string }
	}
	var lines []line
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var one line
		if err := decoder.Decode(&one); err != nil {
			t.Fatal(err)
		}
		if one.Data.Use == string(use) {
			lines = append(lines, one)
		}
	}
	life := []string{"key_created", "key_scheduled", "key_activated", "key_retired", "key_removed"}
	slices.SortStableFunc(lines, func(a, b line) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return slices.Index(life, a.Kind) - slices.Index(life, b.Kind)
	})
	var told []string
	for _, one := range lines {
		told = append(told, fmt.Sprint(one.Actor, " ", one.Kind))
	}
	return told
}
