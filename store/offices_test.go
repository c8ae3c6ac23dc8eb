package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/census/office"
	"clave/store"
	"clave/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// directoryOf reads offices from a file of that many rows.
func directoryOf(t *testing.T, name string, rows int) []office.Office {
	t.Helper()
	text := office.Header() + "\n"
	for i := range rows {
		text += fmt.Sprintf("%s%04d,Oficina %s,Plaza Mayor %d,280%02d,Alcalá,Madrid,L-V 9-14,Registro,https://cita.example/%d,40.5,-3.5\n", name, i, name, i, i%100, i)
	}
	var rejects bytes.Buffer
	offices, _, err := office.Read(strings.NewReader(text), &rejects)
	if err != nil || rejects.Len() > 0 {
		t.Fatal(err, rejects.String())
	}
	return offices
}

func TestOfficesAreReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, offices := t.Context(), store.NewOffices(db)
		held := func() []office.Office {
			t.Helper()
			all, version, err := offices.Offices(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if now, err := offices.Version(ctx); err != nil || now != version {
				t.Errorf("version %d, %d, %v", version, now, err)
			}
			return all
		}
		if got := held(); got != nil {
			t.Errorf("a new database has offices: %v", got)
		}
		first, second := directoryOf(t, "A", 120), directoryOf(t, "B", 7)
		for _, directory := range [][]office.Office{first, second, nil, first} {
			if err := offices.ReplaceOffices(ctx, directory, time.Unix(1, 0)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(held(), directory); diff != "" {
				t.Fatal(diff)
			}
		}

		// One that is refused in the middle, and one whose transaction ends badly.
		twice := append(directoryOf(t, "C", 3), second[0], second[0])
		if err := offices.ReplaceOffices(ctx, twice, time.Unix(2, 0)); !errors.Is(err, store.ErrConflict) {
			t.Errorf("a code twice: got %v", err)
		}
		stop := errors.New("stop")
		err := db.Tx(ctx, func(ctx context.Context) error {
			if err := offices.ReplaceOffices(ctx, second, time.Unix(2, 0)); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(held(), first); diff != "" {
			t.Error("half a replacement was kept:", diff)
		}

		found, err := office.NewDirectory(offices).Search(ctx, "alcala", 2)
		if err != nil || found.Total != 120 || len(found.Offices) != office.PageSize {
			t.Errorf("the search finds %d, %v", found.Total, err)
		}
	})
}

func TestReplacementsAtOnceLeaveOneDirectory(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		offices := store.NewOffices(db)
		var running sync.WaitGroup
		for i := range 6 {
			directory := directoryOf(t, fmt.Sprintf("D%d-", i), 40)
			running.Go(func() {
				if err := offices.ReplaceOffices(t.Context(), directory, time.Unix(3, 0)); err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		all, version, err := offices.Offices(t.Context())
		if err != nil || version != 6 || len(all) != 40 {
			t.Fatalf("version %d, %d offices, %v", version, len(all), err)
		}
		for _, o := range all {
			if o.Name != all[0].Name {
				t.Fatalf("a directory of %s and %s", o.Name, all[0].Name)
			}
		}
	})
}
