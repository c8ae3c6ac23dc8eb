package metadata

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"clave/broker/registry"
	"clave/internal/fetch"
)

// Copies keep the last good copies, for restarts and other nodes.
type Copies interface {
	// MetadataVersions reads which copies there are.
	MetadataVersions(ctx context.Context) (map[Key]Version, error)
	// Metadata reads a copy; the zero value for none.
	Metadata(ctx context.Context, k Key) (Copy, error)
	// KeepMetadata puts the copy in the place of the one that was there before, as
	// MetadataVersions told; ErrReplaced when another node was quicker.
	KeepMetadata(ctx context.Context, k Key, before Version, c Copy) error
	// MetadataFetched notes that the host had nothing else than this one.
	MetadataFetched(ctx context.Context, k Key, v Version) error
}

// Register tells whose metadata are wanted, and is told them.
type Register interface {
	Snapshot() *registry.Snapshot
	Describe(registry.Fetched)
}

// Settings are what a Keeper needs. Every field is required, but for the last.
type Settings struct {
	Register Register
	Copies   Copies
	// Sandbox allows addresses of this machine by http, and metadata that nobody signs.
	Sandbox bool
	Log     *slog.Logger
	Now     func() time.Time
	// Transport replaces the way to hosts, for tests.
	Transport http.RoundTripper
}

// Keeper has the metadata of all registered addresses. It is safe for concurrent use.
type Keeper struct {
	Settings
	client *fetch.Client

	mu    sync.Mutex
	known map[registry.MetadataSource]*service
}

// NewKeeper returns a Keeper that knows nothing yet.
func NewKeeper(s Settings) *Keeper {
	return &Keeper{Settings: s, client: newClient(s.Transport), known: map[registry.MetadataSource]*service{}}
}

// Open takes the stored copies, for the start of a node, which does not wait for hosts.
func (k *Keeper) Open(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.adopt(ctx)
}

// Look takes what other nodes have stored, and asks the addresses that are due. Failures
// are logged, and what was known before goes on.
func (k *Keeper) Look(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.adopt(ctx)
	_ = k.ask(ctx, func(s *service) bool { return !k.Now().Before(s.due) }) // logged there
}

// RefreshNow asks all addresses, due or not, and says what is wrong with each.
func (k *Keeper) RefreshNow(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.adopt(ctx)
	return k.ask(ctx, func(*service) bool { return true })
}

// Run looks every few seconds until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			k.Look(ctx)
		}
	}
}

// adopt follows the registrations and the stored copies.
func (k *Keeper) adopt(ctx context.Context) {
	sources, changed := k.Register.Snapshot().Sources(), false
	wanted := make(map[registry.MetadataSource]*service, len(sources))
	for _, source := range sources {
		if wanted[source] = k.known[source]; wanted[source] == nil {
			wanted[source] = &service{source: source, key: Key{source.Address, source.EntityID}}
		}
	}
	for source := range k.known {
		changed = changed || wanted[source] == nil
	}
	k.known = wanted
	if len(sources) > 0 {
		versions, err := k.Copies.MetadataVersions(ctx)
		if err != nil {
			k.Log.ErrorContext(ctx, "stored metadata of services cannot be looked at", "error", err.Error())
		}
		for _, s := range wanted {
			if err != nil {
				break
			}
			did, trouble := k.adoptOne(ctx, s, versions[s.key])
			if trouble != nil {
				k.Log.ErrorContext(ctx, "stored metadata of a service not taken", "entity_id", s.key.EntityID, "error", trouble.Error())
			}
			changed = changed || did
		}
	}
	if changed {
		k.describe()
	}
}

func (k *Keeper) describe() {
	fetched := registry.Fetched{}
	for source, s := range k.known {
		if s.held != nil {
			fetched[source] = s.held
		}
	}
	k.Register.Describe(fetched)
}

// ask asks those addresses, several at once.
func (k *Keeper) ask(ctx context.Context, which func(*service) bool) error {
	var (
		group   sync.WaitGroup
		mu      sync.Mutex
		changed bool
		errs    []error
		places  = make(chan struct{}, atOnce)
	)
	for _, s := range k.known {
		if !which(s) {
			continue
		}
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			did, err := k.askOne(ctx, s)
			mu.Lock()
			defer mu.Unlock()
			changed = changed || did
			if err != nil {
				errs = append(errs, fmt.Errorf("metadata of %s: %w", s.key.EntityID, err))
			}
		})
	}
	group.Wait()
	if changed {
		k.describe()
	}
	return errors.Join(errs...)
}
