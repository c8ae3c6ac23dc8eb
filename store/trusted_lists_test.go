package store_test

import (
	"errors"
	"testing"
	"time"

	"clave/providers/certificate/trustedlist"
	"clave/store"
	"clave/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestTrustedLists(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		lists, ctx := store.NewTrustedLists(db), t.Context()
		now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
		const address = "https://list.example/TSL.xml"
		none, err := lists.TrustedList(ctx, address)
		if err != nil || none.Data != nil || none.Sequence != 0 {
			t.Fatalf("got %v, %v", none, err)
		}
		first := trustedlist.Copy{Version: trustedlist.Version{Sequence: 7, Issued: now, FetchedAt: now, Tag: `"a"`, Modified: "yesterday"}, Data: []byte("<list/>")}
		if err := lists.KeepTrustedList(ctx, address, trustedlist.Version{}, first); err != nil {
			t.Fatal(err)
		}
		if err := lists.KeepTrustedList(ctx, address, trustedlist.Version{}, first); !errors.Is(err, trustedlist.ErrReplaced) {
			t.Errorf("a second first copy: got %v", err)
		}
		second := first
		second.Sequence, second.Issued, second.Data = 8, now.Add(time.Hour), []byte("<list>8</list>")
		if err := lists.KeepTrustedList(ctx, address, first.Version, second); err != nil {
			t.Fatal(err)
		}
		if err := lists.KeepTrustedList(ctx, address, first.Version, first); !errors.Is(err, trustedlist.ErrReplaced) {
			t.Errorf("a copy over another than it knew: got %v", err)
		}
		// Fresh are only those that were asked for, and never back in time.
		first.FetchedAt, second.FetchedAt = now.Add(9*time.Hour), now.Add(2*time.Hour)
		for _, v := range []trustedlist.Version{first.Version, second.Version} {
			if err := lists.TrustedListFetched(ctx, address, v); err != nil {
				t.Fatal(err)
			}
		}
		earlier := second.Version
		earlier.FetchedAt = now
		if err := lists.TrustedListFetched(ctx, address, earlier); err != nil {
			t.Fatal(err)
		}
		got, err := lists.TrustedList(ctx, address)
		if diff := cmp.Diff(second, got); err != nil || diff != "" {
			t.Errorf("got %v, %s", err, diff)
		}
		version, err := lists.TrustedListVersion(ctx, address)
		if diff := cmp.Diff(second.Version, version); err != nil || diff != "" {
			t.Errorf("got %v, %s", err, diff)
		}
	})
}
