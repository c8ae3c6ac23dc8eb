package store_test

import (
	"context"
	"testing"
	"time"

	"clave/census"
	"clave/keys"
	"clave/store"
	"clave/test/load/people"

	"github.com/google/go-cmp/cmp"
)

func TestReseal(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		ctx := context.Background()
		const citizens = 2500
		population := people.New(3)
		if _, err := r.loadFile(ctx, population.File(citizens)); err != nil {
			t.Fatal(err)
		}
		var all []census.Registration
		for i := range citizens {
			all = append(all, population.Registration(i))
		}
		r.enrol(t, all...)
		reseal := func(t *testing.T, want store.Resealed) {
			t.Helper()
			for name, job := range map[string]func(context.Context, func(store.Resealed)) (store.Resealed, error){
				"reference": r.census.Reseal, "persons": r.persons.Reseal,
			} {
				told := store.Resealed{}
				got, err := job(ctx, func(p store.Resealed) { told = p })
				if diff := cmp.Diff(got, want); diff != "" || err != nil || told != got {
					t.Errorf("%s: %s %v, told %v", name, diff, err, told)
				}
			}
		}
		t.Run("nothing is done under one key", func(t *testing.T) {
			reseal(t, store.Resealed{Rows: citizens})
		})
		before := r.keys.Records()
		for range 2 { // published, then active
			if _, err := r.keys.RotateNow(ctx, keys.UseSeal); err != nil {
				t.Fatal(err)
			}
			r.now = r.now.Add(time.Hour)
		}
		t.Run("after a rotation every row is sealed again", func(t *testing.T) {
			reseal(t, store.Resealed{Rows: citizens, Changed: citizens})
			reseal(t, store.Resealed{Rows: citizens})
		})
		t.Run("the old key is not needed any more", func(t *testing.T) {
			for _, old := range before {
				if old.Use == keys.UseSeal && old.State == keys.Active {
					if err := r.keys.Remove(ctx, old.ID); err != nil {
						t.Fatal(err)
					}
				}
			}
			for i := range citizens {
				want := population.Citizen(i)
				got, err := r.persons.Candidate(ctx, want.Document)
				if err != nil || got.Reference != want || got.Phone != all[i].Phone {
					t.Fatalf("citizen %d does not come back: %v", i, err)
				}
			}
		})
		t.Run("rows that changed meanwhile are left alone", func(t *testing.T) {
			if got := r.load(t, mariaRow); got.Imported != 1 {
				t.Fatal(got)
			}
			again, err := r.census.Reseal(ctx, nil)
			if err != nil || again.Changed != 0 {
				t.Errorf("got %+v, %v", again, err)
			}
		})
	})
}
