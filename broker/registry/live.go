package registry

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// every is how often a node asks whether the register changed. Our choice: a
// change is everywhere within five seconds, which is what `clave rp apply`
// promises, even when one question fails.
const every = 2 * time.Second

// Registry is the register of relying parties as this node knows it. Readers
// take a Snapshot once per request and never wait.
type Registry struct {
	store    Store
	log      *slog.Logger
	snapshot atomic.Pointer[Snapshot]
	reading  sync.Mutex
	fetched  Fetched // under reading
}

// Open reads the register. Call Run to follow its changes.
func Open(ctx context.Context, store Store, log *slog.Logger) (*Registry, error) {
	r := &Registry{store: store, log: log}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// Snapshot is the register now, and the installation itself.
func (r *Registry) Snapshot() *Snapshot { return r.snapshot.Load() }

// Refresh reads the register again if it changed.
func (r *Registry) Refresh(ctx context.Context) error {
	revision, err := r.store.Revision(ctx)
	if err != nil {
		return fmt.Errorf("asking for changes of relying parties: %w", err)
	}
	if revision == r.Snapshot().Revision {
		return nil
	}
	return r.read(ctx)
}

func (r *Registry) read(ctx context.Context) error {
	r.reading.Lock()
	defer r.reading.Unlock()
	register, err := r.store.Register(ctx)
	if err != nil {
		return fmt.Errorf("reading the relying parties: %w", err)
	}
	r.snapshot.Store(snapshotOf(register.Revision, append(slices.Clone(register.Parties), ours()...), r.fetched, r.snapshot.Load()))
	return nil
}

// Describe puts metadata that were fetched into this and the following snapshots, in
// the place of all that were there before. The map is the Registry's from now on.
func (r *Registry) Describe(fetched Fetched) {
	r.reading.Lock()
	defer r.reading.Unlock()
	now := r.snapshot.Load()
	r.fetched = fetched
	r.snapshot.Store(snapshotOf(now.Revision, now.parties, fetched, now))
}

// Run follows the changes until ctx ends. While the store does not answer the
// last snapshot stays.
func (r *Registry) Run(ctx context.Context) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		before := r.Snapshot().Revision
		err := r.Refresh(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			r.log.Error("relying parties cannot be refreshed", "error", err)
		case err == nil && before != r.Snapshot().Revision:
			r.log.Info("relying parties refreshed", "revision", r.Snapshot().Revision, "relying_parties", len(r.Snapshot().parties)-len(ours()))
		}
		failing = err != nil
	}
}
