package trustedlist_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/internal/clocktest"
	"clave/providers/certificate/trustedlist"
	"clave/test/fakes/host"
	fake "clave/test/fakes/trustedlist"
)

// memory keeps copies for the nodes of a test.
type memory struct {
	mu     sync.Mutex
	copies map[string]trustedlist.Copy
	broken error
}

func (m *memory) TrustedListVersion(ctx context.Context, address string) (trustedlist.Version, error) {
	c, err := m.TrustedList(ctx, address)
	return c.Version, err
}

func (m *memory) TrustedList(_ context.Context, address string) (trustedlist.Copy, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.copies[address], m.broken
}

func (m *memory) KeepTrustedList(_ context.Context, address string, before trustedlist.Version, c trustedlist.Copy) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	if is := m.copies[address]; is.Sequence != before.Sequence || is.Sequence != 0 && !is.Issued.Equal(before.Issued) {
		return trustedlist.ErrReplaced
	}
	m.copies[address] = c
	return nil
}

func (m *memory) TrustedListFetched(_ context.Context, address string, v trustedlist.Version) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.copies[address]
	c.FetchedAt = v.FetchedAt
	m.copies[address] = c
	return m.broken
}

// world is a host, its signer, and a database that nodes share.
type world struct {
	t      *testing.T
	host   *host.Server
	signer *fake.Signer
	clock  *clocktest.Clock
	copies *memory
	ca     *x509.Certificate
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, host: host.Start(t, fake.Host()), signer: newSigner(t), clock: clocktest.At(noon), copies: &memory{copies: map[string]trustedlist.Copy{}}, ca: newIssuer(t)}
	w.publish(listOf(7, w.service("")))
	return w
}

func (w *world) service(status string) fake.Service {
	return fake.Service{Provider: "FNMT", Name: "AC Usuarios", Certificates: []*x509.Certificate{w.ca}, Status: status, Since: noon.AddDate(-1, 0, 0)}
}

func (w *world) publish(l fake.List) {
	w.t.Helper()
	w.host.Publish(sign(w.t, w.signer, l))
}

// node is one with a Keeper, and what it was told to trust.
type node struct {
	*trustedlist.Keeper
	trusted, withdrawn []*x509.Certificate
	told               int
	signers            []*x509.Certificate
	log                bytes.Buffer
}

func (w *world) node() *node {
	w.t.Helper()
	n := &node{signers: []*x509.Certificate{w.signer.Certificate}}
	n.Keeper = trustedlist.NewKeeper(trustedlist.Settings{
		Address: w.host.URL, Territory: "ES", Signers: func() ([]*x509.Certificate, error) { return n.signers, nil },
		Refresh: 6 * time.Hour, Grace: 30 * 24 * time.Hour, Copies: w.copies,
		Apply: func(trusted, withdrawn []*x509.Certificate) {
			n.trusted, n.withdrawn = trusted, withdrawn
			n.told++
		},
		Log: slog.New(slog.NewTextHandler(&n.log, nil)), Now: w.clock.Now, Transport: w.host.Transport(),
	})
	return n
}

func (w *world) trusts(n *node, trusted, withdrawn int) {
	w.t.Helper()
	if len(n.trusted) != trusted || len(n.withdrawn) != withdrawn {
		w.t.Errorf("%d trusted and %d withdrawn, want %d and %d\n%s", len(n.trusted), len(n.withdrawn), trusted, withdrawn, n.log.String())
	}
}

func (w *world) asked(want, fresh int) {
	w.t.Helper()
	if asked, nothing := w.host.Asked(), w.host.Fresh(); asked != want || nothing != fresh {
		w.t.Errorf("asked %d times, nothing newer %d times; want %d and %d", asked, nothing, want, fresh)
	}
}

func TestAListIsFetchedWhenDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.node()
	n.Look(t.Context())
	w.trusts(n, 1, 0)
	w.clock.Pass(5 * time.Hour)
	n.Look(t.Context())
	w.asked(1, 0)
	w.clock.Pass(2 * time.Hour)
	n.Look(t.Context())
	w.asked(2, 1)
	w.publish(listOf(8, w.service(fake.Withdrawn)))
	w.clock.Pass(7 * time.Hour)
	n.Look(t.Context())
	w.trusts(n, 0, 1)
	w.asked(3, 1)
}

func TestNodesShareAList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.node(), w.node()
	first.Look(t.Context())
	second.Look(t.Context())
	w.trusts(second, 1, 0)
	w.asked(1, 0)
	// What one of them hears, all do.
	w.publish(listOf(8, w.service(fake.Withdrawn)))
	if err := first.RefreshNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	second.Look(t.Context())
	w.trusts(second, 0, 1)
	w.asked(2, 0)
	w.clock.Pass(7 * time.Hour)
	first.Look(t.Context())
	second.Look(t.Context())
	w.asked(3, 1)
}

func TestARestartNeedsNoHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.node().Look(t.Context())
	w.host.Behave(host.Down)
	w.clock.Pass(24 * time.Hour)
	n := w.node()
	n.Look(t.Context())
	w.trusts(n, 1, 0)
	// It tries again, and not all the time.
	before := w.host.Asked()
	for range 20 {
		w.clock.Pass(time.Minute)
		n.Look(t.Context())
	}
	if after := w.host.Asked(); after-before != 2 {
		t.Errorf("asked %d times in 20 minutes", after-before)
	}
}

// Whatever the host does, what was known before goes on.
func TestLyingHosts(t *testing.T) {
	t.Parallel()
	for _, manner := range []host.Manner{
		host.Down, host.Garbage, host.Cut, fake.Changed, fake.Unsigned, host.Huge, host.Packed, host.Elsewhere, host.Circles,
	} {
		t.Run(string(manner), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			n := w.node()
			n.Look(t.Context())
			w.publish(listOf(8, w.service(fake.Withdrawn)))
			w.host.Behave(manner)
			if err := n.RefreshNow(t.Context()); err == nil {
				t.Error("taken")
			}
			w.trusts(n, 1, 0)
			if c, _ := w.copies.TrustedList(t.Context(), w.host.URL); c.Sequence != 7 {
				t.Errorf("stored number %d", c.Sequence)
			}
			w.host.Behave("")
			if err := n.RefreshNow(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.trusts(n, 0, 1)
		})
	}
}

func TestASlowHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.node()
	n.Look(t.Context())
	w.host.Behave(host.Slow)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := n.RefreshNow(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	w.trusts(n, 1, 0)
}

func TestARedirectWithinTheHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host.Behave(host.Moved)
	n := w.node()
	n.Look(t.Context())
	w.trusts(n, 1, 0)
}

// Nothing is believed that nobody asked about.
func TestUnchangedForWhoHasNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host.Behave(host.Unchanged)
	n := w.node()
	if err := n.RefreshNow(t.Context()); err == nil || n.told != 0 {
		t.Errorf("got %v, told %d times", err, n.told)
	}
}

// An overtaken list, well signed, would bring back who was withdrawn since.
func TestListsNeverGoBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := listOf(7, w.service(""))
	w.publish(listOf(8, w.service(fake.Withdrawn)))
	n := w.node()
	n.Look(t.Context())
	w.trusts(n, 0, 1)
	again := listOf(8, w.service(""))
	again.Issued = again.Issued.Add(-time.Hour)
	for _, l := range []fake.List{old, again} {
		w.publish(l)
		if err := n.RefreshNow(t.Context()); !errors.Is(err, trustedlist.ErrOlder) {
			t.Errorf("got %v", err)
		}
		restarted := w.node()
		restarted.Look(t.Context())
		if err := restarted.RefreshNow(t.Context()); !errors.Is(err, trustedlist.ErrOlder) {
			t.Errorf("after a restart: got %v", err)
		}
		w.trusts(n, 0, 1)
		w.trusts(restarted, 0, 1)
	}
}

// Another one than the configured signers signs a newer list.
func TestOtherSigners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.node()
	n.Look(t.Context())
	next := newSigner(t)
	w.host.Publish(sign(t, next, listOf(8, w.service(fake.Withdrawn))))
	if err := n.RefreshNow(t.Context()); !errors.Is(err, trustedlist.ErrList) {
		t.Errorf("got %v", err)
	}
	w.trusts(n, 1, 0)
	// The operator adds the next signer beside the old one, while this runs.
	n.signers = append(n.signers, next.Certificate)
	if err := n.RefreshNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.trusts(n, 0, 1)
}

// A signer whose key was stolen is taken away from the settings: their list is not
// used any more, and its high number keeps no other list out.
func TestASignerThatIsTakenAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	thief := w.signer
	w.publish(listOf(999, w.service("")))
	w.node().Look(t.Context())
	w.signer = newSigner(t)
	w.host.Behave(host.Down)
	n := w.node()
	for range 3 {
		n.Look(t.Context())
	}
	if n.told != 0 || strings.Count(n.log.String(), "cause=refused") != 1 {
		t.Errorf("told %d times\n%s", n.told, n.log.String())
	}
	w.host.Behave("")
	w.publish(listOf(8, w.service("")))
	w.clock.Pass(time.Hour)
	n.Look(t.Context())
	w.trusts(n, 1, 0)
	if c, _ := w.copies.TrustedList(t.Context(), w.host.URL); c.Sequence != 8 {
		t.Errorf("stored number %d", c.Sequence)
	}
	w.host.Publish(sign(t, thief, listOf(1000, w.service(fake.Withdrawn))))
	if err := n.RefreshNow(t.Context()); !errors.Is(err, trustedlist.ErrList) {
		t.Errorf("got %v", err)
	}
}

// The same while a node runs, and over all nodes.
func TestASignerThatIsTakenAwayWhileNodesRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(listOf(999, w.service("")))
	first, second := w.node(), w.node()
	first.Look(t.Context())
	second.Look(t.Context())
	w.signer = newSigner(t)
	first.signers, second.signers = []*x509.Certificate{w.signer.Certificate}, []*x509.Certificate{w.signer.Certificate}
	w.host.Behave(host.Down)
	first.Look(t.Context())
	w.trusts(first, 0, 0)
	w.host.Behave("")
	w.publish(listOf(8, w.service("")))
	w.clock.Pass(time.Hour)
	first.Look(t.Context())
	second.Look(t.Context())
	w.trusts(first, 1, 0)
	w.trusts(second, 1, 0)
	if c, _ := w.copies.TrustedList(t.Context(), w.host.URL); c.Sequence != 8 {
		t.Errorf("stored number %d", c.Sequence)
	}
}

// A start does not wait for the host, unless there is nothing without it.
func TestOpeningAsksOnlyWhoHasNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.node()
	n.Open(t.Context())
	w.trusts(n, 1, 0)
	w.clock.Pass(24 * time.Hour)
	w.host.Behave(host.Slow)
	again := w.node()
	again.Open(t.Context())
	w.trusts(again, 1, 0)
	w.asked(1, 0)
}

// Somebody keeps newer lists from us: for a while the old one is used, and said so.
func TestAListPastItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	another := w.service(fake.Withdrawn)
	another.Certificates = []*x509.Certificate{newIssuer(t)}
	l := listOf(7, w.service(""), another)
	w.publish(l)
	n := w.node()
	n.Look(t.Context())
	w.host.Behave(host.Down)
	w.clock.Pass(l.NextUpdate.Add(time.Hour).Sub(w.clock.Now()))
	n.Look(t.Context())
	n.Look(t.Context())
	w.trusts(n, 1, 1)
	if strings.Count(n.log.String(), "past its time") != 1 {
		t.Errorf("got\n%s", n.log.String())
	}
	w.clock.Pass(l.NextUpdate.AddDate(0, 0, 31).Sub(w.clock.Now()))
	n.Look(t.Context())
	w.trusts(n, 0, 1)
	w.host.Behave("")
	l.Sequence, l.NextUpdate = 8, w.clock.Now().AddDate(0, 5, 0)
	w.publish(l)
	w.clock.Pass(time.Hour)
	n.Look(t.Context())
	w.trusts(n, 1, 1)
}

func TestTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.node()
	n.Look(t.Context())
	w.copies.broken = errors.New("away")
	w.clock.Pass(7 * time.Hour)
	n.Look(t.Context())
	w.trusts(n, 1, 0)
	w.trusts(n, 1, 0)
	// A list that came meanwhile counts, and is stored when that is possible again.
	w.publish(listOf(8, w.service(fake.Withdrawn)))
	w.clock.Pass(7 * time.Hour)
	n.Look(t.Context())
	w.trusts(n, 0, 1)
	w.copies.broken = nil
	w.clock.Pass(time.Hour)
	n.Look(t.Context())
	w.trusts(n, 0, 1)
	if c, _ := w.copies.TrustedList(t.Context(), w.host.URL); c.Sequence != 8 {
		t.Errorf("stored number %d", c.Sequence)
	}
	// What is stored was changed by somebody: it is not believed.
	c := w.copies.copies[w.host.URL]
	c.Data, c.Sequence = bytes.Replace(c.Data, []byte("EJEMPLO"), []byte("EJEMPLA"), 1), 9
	w.copies.copies[w.host.URL] = c
	w.host.Behave(host.Down)
	restarted := w.node()
	restarted.Look(t.Context())
	if restarted.told != 0 {
		t.Error("a changed copy was believed")
	}
}
