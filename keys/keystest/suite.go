package keystest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/keys"

	"github.com/google/go-cmp/cmp"
)

// Suite checks that a store keeps what keys.Store promises. newStore returns an
// empty store each time.
func Suite(t *testing.T, newStore func(t *testing.T) keys.Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s keys.Store)
	}{
		{"an empty store has no keys", emptyStore},
		{"a key comes back as it was stored", roundTrip},
		{"keys come oldest first", order},
		{"there is one active and one next key of a use and algorithm", onePerPlace},
		{"an id is taken once", oneID},
		{"a promotion retires the predecessor", promotion},
		{"the first key of a ring is promoted without a predecessor", promotionAlone},
		{"a next key is rescheduled", reschedule},
		{"a move from another state changes nothing", wrongMoves},
		{"only a retired key is removed", removal},
		{"of many nodes one promotes", racePromotion},
		{"of many nodes one fills a place", raceCreation},
		{"nodes that start at once share one ring", raceOpen},
		{"a ring lives through rotations", rotations},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, newStore(t))
		})
	}
}

// sample is a record in a state; its times have microseconds.
func sample(id string, state keys.State) keys.Record {
	at := FixedTime().Add(123456 * time.Microsecond)
	return keys.Record{
		ID: id, Use: keys.UseOIDC, Alg: keys.ES256, State: state,
		Sealed: []byte{1, 0, 255, 'x'}, Public: []byte{0, 2, 254}, CreatedAt: at, ActivatesAt: at.Add(time.Hour),
	}
}

func add(t *testing.T, s keys.Store, records ...keys.Record) {
	t.Helper()
	for _, r := range records {
		if err := s.AddKey(t.Context(), r); err != nil {
			t.Fatalf("adding %s: %v", r.ID, err)
		}
	}
}

func all(t *testing.T, s keys.Store) map[string]keys.Record {
	t.Helper()
	records, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]keys.Record{}
	for _, r := range records {
		byID[r.ID] = r
	}
	return byID
}

func conflict(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, keys.ErrConflict) {
		t.Errorf("%s: got %v, want ErrConflict", what, err)
	}
}

func emptyStore(t *testing.T, s keys.Store) {
	if got := all(t, s); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func roundTrip(t *testing.T, s keys.Store) {
	want := sample("00000001", keys.Retired)
	want.RetiresAt = want.CreatedAt.Add(48 * time.Hour)
	bare := keys.Record{ID: "00000002", Use: keys.UseIndex, Alg: keys.HS256, State: keys.Next, Sealed: []byte{1}, CreatedAt: FixedTime()}
	add(t, s, want, bare)
	got := all(t, s)
	if diff := cmp.Diff(want, got["00000001"]); diff != "" {
		t.Error(diff)
	}
	if r := got["00000002"]; len(r.Public) != 0 || !r.ActivatesAt.IsZero() || !r.RetiresAt.IsZero() {
		t.Errorf("what is not known came back as %+v", r)
	}
}

func order(t *testing.T, s keys.Store) {
	late, early, twin := sample("00000001", keys.Active), sample("00000002", keys.Next), sample("00000003", keys.Retired)
	late.CreatedAt = late.CreatedAt.Add(time.Second)
	add(t, s, late, twin, early)
	records, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	if diff := cmp.Diff([]string{"00000002", "00000003", "00000001"}, ids); diff != "" {
		t.Error(diff)
	}
}

func onePerPlace(t *testing.T, s keys.Store) {
	add(t, s, sample("00000001", keys.Active), sample("00000002", keys.Next))
	conflict(t, "a second active key", s.AddKey(t.Context(), sample("00000003", keys.Active)))
	conflict(t, "a second next key", s.AddKey(t.Context(), sample("00000004", keys.Next)))
	add(t, s, sample("00000005", keys.Retired), sample("00000006", keys.Retired))
	otherAlg, otherUse := sample("00000007", keys.Active), sample("00000008", keys.Active)
	otherAlg.Alg, otherUse.Use = keys.RS256, keys.UseAudit
	add(t, s, otherAlg, otherUse)
	if got := len(all(t, s)); got != 6 {
		t.Errorf("got %d keys, want 6", got)
	}
}

func oneID(t *testing.T, s keys.Store) {
	first := sample("00000001", keys.Retired)
	add(t, s, first)
	second := first
	second.Sealed, second.Use = []byte("another"), keys.UseAudit
	conflict(t, "the same id again", s.AddKey(t.Context(), second))
	if diff := cmp.Diff(first, all(t, s)["00000001"]); diff != "" {
		t.Error(diff)
	}
}

func promotion(t *testing.T, s keys.Store) {
	old, next := sample("00000001", keys.Active), sample("00000002", keys.Next)
	bystander := sample("00000003", keys.Active)
	bystander.Alg = keys.RS256
	add(t, s, old, next, bystander)
	at := old.CreatedAt.Add(90 * 24 * time.Hour)
	if err := s.ChangeKey(t.Context(), next.ID, keys.Next, keys.Active, at); err != nil {
		t.Fatal(err)
	}
	old.State, old.RetiresAt = keys.Retired, at
	next.State, next.ActivatesAt = keys.Active, at
	want := map[string]keys.Record{old.ID: old, next.ID: next, bystander.ID: bystander}
	if diff := cmp.Diff(want, all(t, s)); diff != "" {
		t.Error(diff)
	}
}

func promotionAlone(t *testing.T, s keys.Store) {
	add(t, s, sample("00000001", keys.Next))
	if err := s.ChangeKey(t.Context(), "00000001", keys.Next, keys.Active, FixedTime()); err != nil {
		t.Fatal(err)
	}
	if got := all(t, s)["00000001"].State; got != keys.Active {
		t.Errorf("got %s", got)
	}
}

func reschedule(t *testing.T, s keys.Store) {
	want := sample("00000001", keys.Next)
	add(t, s, want, sample("00000002", keys.Active))
	want.ActivatesAt = want.CreatedAt.Add(time.Minute)
	if err := s.ChangeKey(t.Context(), want.ID, keys.Next, keys.Next, want.ActivatesAt); err != nil {
		t.Fatal(err)
	}
	got := all(t, s)
	if diff := cmp.Diff(want, got[want.ID]); diff != "" {
		t.Error(diff)
	}
	if got["00000002"].State != keys.Active {
		t.Error("rescheduling retired the active key")
	}
}

func wrongMoves(t *testing.T, s keys.Store) {
	add(t, s, sample("00000001", keys.Active), sample("00000002", keys.Next), sample("00000003", keys.Retired))
	before := all(t, s)
	for _, move := range []struct {
		id       string
		from, to keys.State
	}{
		{"00000001", keys.Next, keys.Active},
		{"00000001", keys.Active, keys.Retired},
		{"00000001", keys.Active, keys.Next},
		{"00000002", keys.Active, keys.Active},
		{"00000002", keys.Next, keys.Retired},
		{"00000003", keys.Retired, keys.Active},
		{"00000003", keys.Next, keys.Active},
		{"0000000f", keys.Next, keys.Active},
	} {
		what := fmt.Sprintf("%s from %s to %s", move.id, move.from, move.to)
		conflict(t, what, s.ChangeKey(t.Context(), move.id, move.from, move.to, FixedTime()))
	}
	if diff := cmp.Diff(before, all(t, s)); diff != "" {
		t.Error(diff)
	}
}

func removal(t *testing.T, s keys.Store) {
	add(t, s, sample("00000001", keys.Active), sample("00000002", keys.Next), sample("00000003", keys.Retired))
	conflict(t, "an active key", s.RemoveKey(t.Context(), "00000001"))
	conflict(t, "a next key", s.RemoveKey(t.Context(), "00000002"))
	conflict(t, "no key", s.RemoveKey(t.Context(), "0000000f"))
	if err := s.RemoveKey(t.Context(), "00000003"); err != nil {
		t.Fatal(err)
	}
	conflict(t, "a removed key", s.RemoveKey(t.Context(), "00000003"))
	if got := len(all(t, s)); got != 2 {
		t.Errorf("got %d keys, want 2", got)
	}
}

// nodes is how many do the same thing at once.
const nodes = 8

// together runs f for each node at once and returns how many had no error; any
// error but ErrConflict fails the test.
func together(t *testing.T, f func(ctx context.Context, node int) error) int {
	t.Helper()
	var won atomic.Int64
	var group sync.WaitGroup
	for node := range nodes {
		group.Go(func() {
			switch err := f(t.Context(), node); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, keys.ErrConflict):
				t.Errorf("node %d: %v", node, err)
			}
		})
	}
	group.Wait()
	return int(won.Load())
}

func racePromotion(t *testing.T, s keys.Store) {
	add(t, s, sample("00000001", keys.Active), sample("00000002", keys.Next))
	won := together(t, func(ctx context.Context, _ int) error {
		return s.ChangeKey(ctx, "00000002", keys.Next, keys.Active, FixedTime())
	})
	if won != 1 {
		t.Errorf("%d nodes promoted, want 1", won)
	}
}

func raceCreation(t *testing.T, s keys.Store) {
	won := together(t, func(ctx context.Context, node int) error {
		return s.AddKey(ctx, sample(fmt.Sprintf("0000000%d", node), keys.Active))
	})
	if won != 1 || len(all(t, s)) != 1 {
		t.Errorf("%d nodes created an active key and %d are stored, want 1", won, len(all(t, s)))
	}
}

func raceOpen(t *testing.T, s keys.Store) {
	rings := make([]*keys.Keyring, nodes)
	together(t, func(ctx context.Context, node int) (err error) {
		rings[node], err = keys.Open(ctx, s, FixedMaster(t), FixedTime)
		return err
	})
	if t.Failed() {
		return
	}
	if got := len(all(t, s)); got != 9 {
		t.Errorf("got %d keys, want one for each of 9 uses", got)
	}
	want := rings[0].Subjects().Subject("sector", "person")
	for _, ring := range rings {
		if got := ring.Subjects().Subject("sector", "person"); got != want {
			t.Error("two nodes name one person differently")
		}
		if _, err := ring.Columns().Open(rings[0].Columns().Seal([]byte("x"), "a"), "a"); err != nil {
			t.Error("one node does not open what another sealed")
		}
	}
}

func rotations(t *testing.T, s keys.Store) {
	now := FixedTime()
	ring, err := keys.Open(t.Context(), s, FixedMaster(t), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	sealed := ring.Columns().Seal([]byte("kept"), "place")
	for range 400 { // days
		now = now.Add(24 * time.Hour)
		if err := ring.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if plain, err := ring.Columns().Open(sealed, "place"); err != nil || string(plain) != "kept" {
		t.Errorf("a value sealed four rotations ago: %q, %v", plain, err)
	}
	if !ring.Columns().Stale(sealed) {
		t.Error("a value under a retired key is not stale")
	}
	counts := map[keys.Use]int{}
	for _, r := range all(t, s) {
		counts[r.Use]++
	}
	if counts[keys.UseOIDC] > 3 || counts[keys.UseCookie] > 3 || counts[keys.UseSubject] != 1 || counts[keys.UseIndex] != 1 || counts[keys.UsePush] != 1 || counts[keys.UseSeal] < 5 {
		t.Errorf("after 400 days there are %v keys", counts)
	}
}
