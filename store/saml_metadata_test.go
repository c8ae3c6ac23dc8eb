package store_test

import (
	"errors"
	"testing"
	"time"

	"clave/broker/registry/metadata"
	"clave/store"
	"clave/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestServiceMetadata(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		kept, ctx := store.NewServiceMetadata(db), t.Context()
		now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
		k, other := metadata.Key{Address: "https://town.example/sp", EntityID: "a"}, metadata.Key{Address: "https://town.example/sp", EntityID: "b"}
		none, err := kept.Metadata(ctx, k)
		if err != nil || none.Digest != "" || none.Data != nil {
			t.Fatalf("got %v, %v", none, err)
		}
		first := metadata.Copy{Version: metadata.Version{Digest: "d1", FetchedAt: now, Tag: `"a"`, Modified: "yesterday"}, Data: []byte("<sp/>")}
		for _, key := range []metadata.Key{k, other} {
			if err := kept.KeepMetadata(ctx, key, metadata.Version{}, first); err != nil {
				t.Fatal(err)
			}
		}
		if err := kept.KeepMetadata(ctx, k, metadata.Version{}, first); !errors.Is(err, metadata.ErrReplaced) {
			t.Errorf("a second first copy: got %v", err)
		}
		second := metadata.Copy{Version: metadata.Version{Digest: "d2", FetchedAt: now.Add(time.Hour)}, Data: []byte("<sp>2</sp>")}
		if err := kept.KeepMetadata(ctx, k, first.Version, second); err != nil {
			t.Fatal(err)
		}
		if err := kept.KeepMetadata(ctx, k, first.Version, first); !errors.Is(err, metadata.ErrReplaced) {
			t.Errorf("a copy over another than it knew: got %v", err)
		}
		// Fresh is only the one that was asked for, and never back in time.
		stale, earlier := first.Version, second.Version
		stale.FetchedAt, earlier.FetchedAt = now.Add(9*time.Hour), now
		second.FetchedAt, second.Tag = now.Add(2*time.Hour), `"b"`
		for _, v := range []metadata.Version{stale, second.Version, earlier} {
			if err := kept.MetadataFetched(ctx, k, v); err != nil {
				t.Fatal(err)
			}
		}
		got, err := kept.Metadata(ctx, k)
		if diff := cmp.Diff(second, got); err != nil || diff != "" {
			t.Errorf("got %v, %s", err, diff)
		}
		versions, err := kept.MetadataVersions(ctx)
		if diff := cmp.Diff(map[metadata.Key]metadata.Version{k: second.Version, other: first.Version}, versions); err != nil || diff != "" {
			t.Errorf("got %v, %s", err, diff)
		}
	})
}
