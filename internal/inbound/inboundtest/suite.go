package inboundtest

import (
	"errors"
	"testing"
	"time"

	"clave/internal/inbound"
	"clave/internal/onetime"
)

// Suite is what every store has to do; now is the time of the test.
func Suite(t *testing.T, store inbound.Store, now time.Time) {
	t.Helper()
	ctx, expires := t.Context(), now.Add(time.Minute)
	if err := store.SpendRequest(ctx, onetime.Hash("request"), expires); err != nil {
		t.Fatal(err)
	}
	if err := store.SpendRequest(ctx, onetime.Hash("request"), expires); !errors.Is(err, inbound.ErrSeen) {
		t.Errorf("the same request again: %v", err)
	}
	for _, handle := range []string{"one", "late"} {
		if err := store.KeepPosted(ctx, onetime.Hash(handle), []byte("kept "+handle), expires); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := store.TakePosted(ctx, onetime.Hash("one"), now); err != nil || string(got) != "kept one" {
		t.Errorf("got %q, %v", got, err)
	}
	for handle, at := range map[string]time.Time{"one": now, "late": expires, "none": now} {
		if _, err := store.TakePosted(ctx, onetime.Hash(handle), at); !errors.Is(err, inbound.ErrGone) {
			t.Errorf("%s, which is spent, expired or unknown: %v", handle, err)
		}
	}
}
