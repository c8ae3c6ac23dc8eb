package trustedlist

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"clave/internal/fetch"
)

// Copies keep the last good copy of each address, for restarts and other nodes.
type Copies interface {
	// TrustedListVersion reads which copy there is; the zero value for none.
	TrustedListVersion(ctx context.Context, address string) (Version, error)
	// TrustedList reads the copy; the zero value for none.
	TrustedList(ctx context.Context, address string) (Copy, error)
	// KeepTrustedList puts the copy in the place of the one that was there before, as
	// TrustedListVersion told; ErrReplaced when another node was quicker.
	KeepTrustedList(ctx context.Context, address string, before Version, c Copy) error
	// TrustedListFetched notes that the host had nothing newer than this one.
	TrustedListFetched(ctx context.Context, address string, v Version) error
}

// Errors of a Keeper and of Copies.
var (
	// ErrReplaced: another node has put another copy there.
	ErrReplaced = errors.New("another copy of the trusted list has taken its place")
	// ErrOlder: the host gives a list that was overtaken.
	ErrOlder = errors.New("the host gives an older trusted list than it gave before")
)

// Settings are what a Keeper needs. Every field is required, but for the last two.
type Settings struct {
	// Address is where the list is, and Territory whose it is.
	Address, Territory string
	// Signers reads the certificates that may have signed it. They are read each time,
	// so that the next one can be added while this runs.
	Signers func() ([]*x509.Certificate, error)
	// Refresh is how often the host is asked, up to a tenth more or less. Grace is how
	// long a list is used after its NextUpdate.
	Refresh, Grace time.Duration
	Copies         Copies
	// Apply is told who is trusted, and who no longer is, whenever that may have
	// changed. It must not call the Keeper.
	Apply   func(trusted, withdrawn []*x509.Certificate)
	Metrics *Metrics
	Log     *slog.Logger
	Now     func() time.Time
	// Transport replaces the way to the host, for tests.
	Transport http.RoundTripper
}

// Keeper has the list and keeps it fresh. It is safe for concurrent use.
type Keeper struct {
	Settings
	client *fetch.Client

	mu      sync.Mutex
	list    *List
	version Version // of list
	stored  Version // of the copy that is stored, as we saw it last
	// unusable is a stored copy of which it was said that nobody can use it.
	unusable Version
	heard    time.Time // when some node heard from the host
	due      time.Time
	warned   time.Time // that the list is past its time
}

// NewKeeper returns a Keeper without a list.
func NewKeeper(s Settings) *Keeper {
	if s.Metrics == nil {
		s.Metrics = NewMetrics(nil)
	}
	return &Keeper{Settings: s, client: newClient(s.Transport)}
}

// List is the one that is known; nil for none. It may be beyond its time.
func (k *Keeper) List() (*List, Version) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.list, k.version
}

// Open takes the stored copy, asks the host when there is none, and tells Apply: for
// the start of a node, which should not wait for a host that is slow.
func (k *Keeper) Open(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.adopt(ctx); err != nil {
		k.failed(ctx, err)
	}
	if k.list == nil {
		k.askWhenDue(ctx)
	}
	k.apply(ctx)
}

// Look takes what another node has stored, asks the host when that is due, and tells
// Apply. Failures are logged, and what was known before goes on.
func (k *Keeper) Look(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.adopt(ctx); err != nil {
		k.failed(ctx, err)
	}
	k.askWhenDue(ctx)
	k.apply(ctx)
}

func (k *Keeper) askWhenDue(ctx context.Context) {
	now := k.Now()
	if now.Before(k.due) {
		return
	}
	if err := k.ask(ctx); err != nil {
		k.failed(ctx, err)
		k.due = now.Add(min(retryAfter, k.Refresh))
	}
}

// Stored takes the stored copy without asking the host, and tells Apply.
func (k *Keeper) Stored(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	err := k.adopt(ctx)
	k.apply(ctx)
	return err
}

// RefreshNow asks the host, due or not, and tells Apply.
func (k *Keeper) RefreshNow(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	// A copy that cannot be read is no reason not to fetch another one.
	adopted := k.adopt(ctx)
	err := k.ask(ctx)
	k.apply(ctx)
	if err != nil {
		return errors.Join(adopted, err)
	}
	return nil
}

// adopt reads the stored copy, if it is another one than ours.
func (k *Keeper) adopt(ctx context.Context) error {
	k.drop(ctx)
	stored, err := k.Copies.TrustedListVersion(ctx, k.Address)
	if err != nil {
		return fmt.Errorf("looking at the stored trusted list: %w", err)
	}
	k.stored = stored
	if stored.Sequence == 0 {
		return nil
	}
	if stored.FetchedAt.After(k.heard) {
		k.heard, k.due = stored.FetchedAt, k.after(stored.FetchedAt)
	}
	if k.list != nil && stored.same(k.version) {
		k.version.FetchedAt = stored.FetchedAt
		return nil
	}
	c, err := k.Copies.TrustedList(ctx, k.Address)
	if err != nil {
		return fmt.Errorf("reading the stored trusted list: %w", err)
	}
	l, err := k.read(c.Data)
	if err != nil {
		// Its signer may have been taken away from the settings, or somebody changed it.
		// Any list that is good takes its place, whatever its number.
		if c.same(k.unusable) {
			return nil
		}
		k.unusable, k.due = c.Version, time.Time{}
		return fmt.Errorf("reading the stored trusted list: %w", err)
	}
	if l.newerThan(k.list) {
		k.take(ctx, l, c.Version)
	}
	return nil
}

// drop forgets a list whose signer was taken away from the settings: somebody may have
// their key, and have signed it with a number that keeps every other list out.
func (k *Keeper) drop(ctx context.Context) {
	if k.list == nil {
		return
	}
	signers, err := k.Signers()
	if err != nil || slices.ContainsFunc(signers, k.list.Signer.Equal) {
		return // a file that cannot be read for a moment takes nothing away
	}
	k.Log.ErrorContext(ctx, "trusted list dropped, its signer is not trusted any more", "number", k.list.Sequence)
	k.list, k.version, k.due = nil, Version{}, time.Time{}
	k.Metrics.trusted.Set(0)
	k.Metrics.sequence.Set(0)
	k.Apply(nil, nil)
}

// after is when the host is asked again, at another moment on each node.
func (k *Keeper) after(fetched time.Time) time.Time {
	tenth := int64(k.Settings.Refresh / 10)
	return fetched.Add(k.Settings.Refresh - time.Duration(tenth) + time.Duration(rand.Int64N(2*tenth+1)))
}

// ask fetches the list.
func (k *Keeper) ask(ctx context.Context) error {
	c, err := newer(ctx, k.client, k.Address, k.version, k.Now())
	if err != nil {
		return err
	}
	k.heard, k.due = c.FetchedAt, k.after(c.FetchedAt)
	if c.Data == nil {
		k.version = c.Version
		if err := k.Copies.TrustedListFetched(ctx, k.Address, c.Version); err != nil {
			return fmt.Errorf("noting that the trusted list is fresh: %w", err)
		}
		k.metrics()
		return nil
	}
	l, err := k.read(c.Data)
	if err != nil {
		return err
	}
	if !l.newerThan(k.list) {
		return fmt.Errorf("%w: number %d after %d", ErrOlder, l.Sequence, k.list.Sequence)
	}
	c.Sequence, c.Issued = l.Sequence, l.Issued
	k.take(ctx, l, c.Version)
	if err = k.Copies.KeepTrustedList(ctx, k.Address, k.stored, c); err == nil {
		k.stored = c.Version
		return nil
	}
	k.version.Tag, k.version.Modified = "", "" // so that it comes again, to be stored
	if errors.Is(err, ErrReplaced) {
		return nil // by another node, which the next look finds
	}
	return fmt.Errorf("storing the trusted list: %w", err)
}

func (k *Keeper) read(data []byte) (*List, error) {
	signers, err := k.Signers()
	if err != nil {
		return nil, fmt.Errorf("reading the signers of the trusted list: %w", err)
	}
	return Read(data, signers, k.Territory)
}

func (k *Keeper) take(ctx context.Context, l *List, v Version) {
	if k.list == nil || !v.same(k.version) {
		k.Log.InfoContext(ctx, "trusted list taken", "number", l.Sequence, "issued", l.Issued.Format(time.RFC3339), "next_update", l.NextUpdate.Format(time.RFC3339),
			"authorities", len(l.Trusted(k.Now())), "withdrawn", len(l.Withdrawn()), "unreadable", l.Unreadable)
	}
	k.list, k.version = l, v
}

// apply tells who is trusted now. Of a list that is long past its time only the
// withdrawals count: somebody could be keeping the newer one from us.
func (k *Keeper) apply(ctx context.Context) {
	k.metrics()
	if k.list == nil {
		return
	}
	now := k.Now()
	loud := now.Sub(k.warned) >= time.Hour
	if loud && k.list.Expired(now) {
		k.warned = now
	}
	trusted, withdrawn := k.list.Trusted(now), k.list.Withdrawn()
	over := now.After(k.list.NextUpdate.Add(k.Grace))
	if over {
		trusted = nil
	}
	switch {
	case over && loud:
		k.Log.ErrorContext(ctx, "trusted list is too old, its authorities are not trusted", "next_update", k.list.NextUpdate.Format(time.RFC3339))
	case k.list.Expired(now) && loud:
		k.Log.WarnContext(ctx, "trusted list is past its time and no newer one could be had", "next_update", k.list.NextUpdate.Format(time.RFC3339),
			"used_until", k.list.NextUpdate.Add(k.Grace).Format(time.RFC3339))
	}
	k.Metrics.trusted.Set(float64(len(trusted)))
	k.Apply(certificatesOf(trusted), certificatesOf(withdrawn))
}

func (k *Keeper) metrics() {
	if k.list == nil {
		return
	}
	k.Metrics.sequence.Set(float64(k.list.Sequence))
	k.Metrics.next.Set(float64(k.list.NextUpdate.Unix()))
	k.Metrics.fetched.Set(float64(k.version.FetchedAt.Unix()))
}

// failed says what went wrong: loudly when somebody may be lying.
func (k *Keeper) failed(ctx context.Context, err error) {
	cause, level := "unreachable", slog.LevelWarn
	if k.list == nil {
		level = slog.LevelError // nobody logs in by it
	}
	switch {
	case errors.Is(err, ErrOlder):
		cause, level = "older", slog.LevelError
	case errors.Is(err, ErrList):
		cause, level = "refused", slog.LevelError
	}
	k.Metrics.failures.WithLabelValues(cause).Inc()
	k.Log.Log(ctx, level, "trusted list not taken", "cause", cause, "error", err.Error())
}
