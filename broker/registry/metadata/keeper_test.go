package metadata_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/broker/registry"
	"clave/broker/registry/metadata"
	"clave/internal/clocktest"
	"clave/test/fakes/host"
	fake "clave/test/fakes/samlmetadata"
)

const entity = "https://town.example/sp"

// memory keeps copies for the nodes of a test.
type memory struct {
	mu     sync.Mutex
	copies map[metadata.Key]metadata.Copy
	broken error
}

func (m *memory) MetadataVersions(context.Context) (map[metadata.Key]metadata.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[metadata.Key]metadata.Version{}
	for k, c := range m.copies {
		all[k] = c.Version
	}
	return all, m.broken
}

func (m *memory) Metadata(_ context.Context, k metadata.Key) (metadata.Copy, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.copies[k], m.broken
}

func (m *memory) KeepMetadata(_ context.Context, k metadata.Key, before metadata.Version, c metadata.Copy) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	if m.copies[k].Digest != before.Digest {
		return metadata.ErrReplaced
	}
	m.copies[k] = c
	return nil
}

func (m *memory) MetadataFetched(_ context.Context, k metadata.Key, v metadata.Version) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.copies[k]
	c.FetchedAt = v.FetchedAt
	m.copies[k] = c
	return m.broken
}

// parties is a register that stands still until it is told otherwise.
type parties struct{ registry.Register }

func (p *parties) Revision(context.Context) (int64, error) { return p.Register.Revision, nil }
func (p *parties) register() registry.Register             { return p.Register }
func (p *parties) Change(context.Context, registry.Change) (int64, error) {
	return 0, registry.ErrChanged
}

type stored struct{ *parties }

func (s stored) Register(context.Context) (registry.Register, error) { return s.register(), nil }

// world is a host, who signs its metadata, and a database that nodes share.
type world struct {
	t       *testing.T
	host    *host.Server
	signer  *fake.Signer
	clock   *clocktest.Clock
	copies  *memory
	service fake.Service
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, host: host.Start(t, fake.Host()), signer: fake.NewSigner(t), clock: clocktest.Noon(), copies: &memory{copies: map[metadata.Key]metadata.Copy{}}}
	w.service = fake.Service{
		EntityID: entity, ACS: "https://town.example/acs", ValidUntil: w.clock.Now().Add(14 * 24 * time.Hour), CacheDuration: "PT1H",
		Certificates: []*x509.Certificate{fake.Certificate(t)}, Name: "El pueblo",
	}
	w.host.Publish(w.signer.Sign(t, w.service))
	return w
}

// node is one with a Keeper.
type node struct {
	*metadata.Keeper
	w        *world
	registry *registry.Registry
	parties  *parties
	log      *bytes.Buffer
}

func (w *world) node(change ...func(*registry.SAMLProvider)) *node {
	w.t.Helper()
	n := &node{w: w, parties: &parties{}, log: &bytes.Buffer{}}
	n.set(change...)
	log := slog.New(slog.NewTextHandler(n.log, nil))
	var err error
	if n.registry, err = registry.Open(w.t.Context(), stored{n.parties}, log); err != nil {
		w.t.Fatal(err)
	}
	n.Keeper = metadata.NewKeeper(metadata.Settings{Register: n.registry, Copies: w.copies, Log: log, Now: w.clock.Now, Transport: w.host.Transport()})
	return n
}

// set registers the service.
func (n *node) set(change ...func(*registry.SAMLProvider)) {
	p := registry.SAMLProvider{EntityID: entity, MetadataURL: n.w.host.URL, MetadataCertificates: []string{text(n.w.signer.Certificate)}}
	for _, do := range change {
		do(&p)
	}
	n.parties.Register = registry.Register{
		Revision: n.parties.Register.Revision + 1,
		Parties:  []*registry.RelyingParty{{ID: "demo-town", Name: registry.Names{"es": "Ayuntamiento"}, SAML: []registry.SAMLProvider{p}}},
	}
}

func text(c *x509.Certificate) string { return base64.StdEncoding.EncodeToString(c.Raw) }

func (n *node) service() (*registry.SAMLService, error) {
	return n.registry.Snapshot().SAML(entity, n.w.clock.Now())
}

// answersAt is where answers go now; empty when the service cannot be used.
func (n *node) answersAt() string {
	s, err := n.service()
	if err != nil {
		return ""
	}
	return s.Metadata.ACS[0].Location
}

func TestMetadataAreFetchedAndServeAllNodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.node(), w.node()
	if _, err := a.service(); !errors.Is(err, registry.ErrUnusable) {
		t.Fatalf("before anything was fetched: got %v", err)
	}
	a.Look(t.Context())
	b.Open(t.Context())
	for _, n := range []*node{a, b} {
		s, err := n.service()
		if err != nil || s.Called.In("es") != "El pueblo" || len(s.Keys) != 1 || s.Encryption == nil {
			t.Fatalf("got %+v, %v", s, err)
		}
	}
	a.Look(t.Context())
	b.Look(t.Context())
	if got := w.host.Asked(); got != 1 {
		t.Errorf("the host was asked %d times", got)
	}
	// A second certificate, for the overlap.
	w.service.Certificates = append(w.service.Certificates, fake.Certificate(t))
	w.host.Publish(w.signer.Sign(t, w.service))
	w.clock.Pass(time.Hour)
	b.Look(t.Context())
	a.Look(t.Context())
	if s, err := a.service(); err != nil || len(s.Keys) != 2 || w.host.Asked() != 2 {
		t.Errorf("got %+v, %v after %d questions", s, err, w.host.Asked())
	}
	// Nothing newer, and so nothing to do until the hour is over.
	w.clock.Pass(time.Hour)
	for range 3 {
		a.Look(t.Context())
		b.Look(t.Context())
	}
	if got := w.host.Asked(); got != 3 {
		t.Errorf("the host was asked %d times", got)
	}
}

func TestWhatIsNotTheServicesIsRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		do   func(*world)
		want string
	}{
		{"unsigned metadata", func(w *world) { w.host.Publish(w.service.XML()) }, "not signed"},
		{"another signer", func(w *world) { w.host.Publish(fake.NewSigner(w.t).Sign(w.t, w.service)) }, "signature"},
		{"another entity", func(w *world) {
			w.service.EntityID = "https://other.example/sp"
			w.host.Publish(w.signer.Sign(w.t, w.service))
		}, "no EntityDescriptor of this entityID"},
		{"metadata past their time", func(w *world) {
			w.service.ValidUntil = w.clock.Now()
			w.host.Publish(w.signer.Sign(w.t, w.service))
		}, "validUntil is past"},
		{"metadata without end", func(w *world) {
			w.service.ValidUntil = time.Time{}
			w.host.Publish(w.signer.Sign(w.t, w.service))
		}, "no validUntil"},
		{"answers by http", func(w *world) {
			w.service.ACS = "http://town.example/acs"
			w.host.Publish(w.signer.Sign(w.t, w.service))
		}, "https://"},
		{"an older copy", func(w *world) {
			w.service.ValidUntil = w.service.ValidUntil.Add(-time.Minute)
			w.service.ACS = "https://town.example/stolen"
			w.host.Publish(w.signer.Sign(w.t, w.service))
		}, "end before"},
		{"a page", func(w *world) { w.host.Behave(host.Garbage) }, "metadata"},
		{"half of them", func(w *world) { w.host.Behave(host.Cut) }, "not well-formed"},
		{"another word in them", func(w *world) { w.host.Behave(fake.Changed) }, "signature"},
		{"a document type", func(w *world) { w.host.Behave(fake.Doctype) }, "document type"},
		{"more than anybody reads", func(w *world) { w.host.Behave(host.Huge) }, "more than 1048576 bytes"},
		{"a bomb", func(w *world) { w.host.Behave(host.Packed) }, "more than 1048576 bytes"},
		{"a redirect to another host", func(w *world) { w.host.Behave(host.Elsewhere) }, "another host"},
		{"a redirect in circles", func(w *world) { w.host.Behave(host.Circles) }, "circles"},
		{"a host that is down", func(w *world) { w.host.Behave(host.Down) }, "status 503"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			n := w.node()
			n.Look(t.Context())
			before := maps.Clone(w.copies.copies)
			tc.do(w)
			err := n.RefreshNow(t.Context())
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if n.answersAt() != "https://town.example/acs" {
				t.Error("the last good copy is gone")
			}
			if got := w.copies.copies; len(got) != 1 || got[metadata.Key{Address: w.host.URL, EntityID: entity}].Digest != before[metadata.Key{Address: w.host.URL, EntityID: entity}].Digest {
				t.Error("it was stored")
			}
		})
	}
	t.Run("304 for who never asked", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		n := w.node()
		w.host.Behave(host.Unchanged)
		if err := n.RefreshNow(t.Context()); err == nil || n.answersAt() != "" {
			t.Errorf("got %v, %q", err, n.answersAt())
		}
	})
	t.Run("an address by http outside the sandbox", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		n := w.node(func(p *registry.SAMLProvider) { p.MetadataURL = w.host.Plain() })
		if err := n.RefreshNow(t.Context()); err == nil || n.answersAt() != "" {
			t.Errorf("got %v, %q", err, n.answersAt())
		}
	})
	t.Run("an address without signers outside the sandbox", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		n := w.node(func(p *registry.SAMLProvider) { p.MetadataCertificates = nil })
		if err := n.RefreshNow(t.Context()); err == nil || n.answersAt() != "" {
			t.Errorf("got %v, %q", err, n.answersAt())
		}
	})
}

func TestASandboxTakesUnsignedMetadataOfThisMachine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host.Publish(w.service.XML())
	n := w.node(func(p *registry.SAMLProvider) { p.MetadataURL, p.MetadataCertificates = w.host.Plain(), nil })
	n.Settings.Sandbox = true
	n.Look(t.Context())
	if n.answersAt() == "" {
		t.Error(n.log)
	}
}

func TestMetadataEndWithTheirTimeWhateverTheHostDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.node()
	n.Look(t.Context())
	w.host.Behave(host.Down)
	w.clock.Pass(14*24*time.Hour - time.Second)
	n.Look(t.Context())
	if n.answersAt() == "" {
		t.Error("the last good copy is gone before its time")
	}
	w.clock.Pass(time.Second)
	if n.answersAt() != "" || w.node().answersAt() != "" {
		t.Error("metadata are used past their time")
	}
	fresh := w.node()
	fresh.Open(t.Context())
	if fresh.answersAt() != "" {
		t.Error("a node took the stored copy past its time")
	}
}

func TestAHostThatFailsIsAskedLessAndLess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host.Behave(host.Down)
	n := w.node()
	for range 24 * 60 {
		n.Look(t.Context())
		w.clock.Pass(time.Minute)
	}
	if got := w.host.Asked(); got < 24 || got > 40 {
		t.Errorf("a host that was down for a day was asked %d times", got)
	}
	w.host.Behave("")
	w.clock.Pass(time.Hour)
	if n.Look(t.Context()); n.answersAt() == "" {
		t.Error("it was not asked again")
	}
}

func TestCacheDurationCountsWithinBounds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, says  string
		validity    time.Duration
		early, late time.Duration
	}{
		{"each second", "PT1S", 24 * time.Hour, 13 * time.Minute, 15 * time.Minute},
		{"two hours", "PT2H", 24 * time.Hour, 107 * time.Minute, 2 * time.Hour},
		{"a year", "P1Y", 90 * 24 * time.Hour, 21 * time.Hour, 24 * time.Hour},
		{"nothing", "", 24 * time.Hour, 215 * time.Minute, 4 * time.Hour},
		{"longer than they count", "PT10H", time.Hour, 26 * time.Minute, 30 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.service.CacheDuration, w.service.ValidUntil = tc.says, w.clock.Now().Add(tc.validity)
			w.host.Publish(w.signer.Sign(t, w.service))
			n := w.node()
			n.Look(t.Context())
			w.clock.Pass(tc.early)
			if n.Look(t.Context()); w.host.Asked() != 1 {
				t.Errorf("asked %d times too early: %s", w.host.Asked(), n.log)
			}
			w.clock.Pass(tc.late - tc.early)
			if n.Look(t.Context()); w.host.Asked() != 2 {
				t.Errorf("asked %d times when it was due", w.host.Asked())
			}
		})
	}
}

func TestASignerThatIsTakenAwayTakesItsMetadataAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.node()
	n.Look(t.Context())
	next := fake.NewSigner(t)
	n.set(func(p *registry.SAMLProvider) { p.MetadataCertificates = []string{text(next.Certificate)} })
	if err := n.registry.Refresh(t.Context()); err != nil || n.answersAt() != "" {
		t.Errorf("got %v, %q", err, n.answersAt())
	}
	if n.Look(t.Context()); n.answersAt() != "" {
		t.Error("metadata of the former signer are used")
	}
	// The new one's count, though they end before those of the former.
	w.service.ValidUntil = w.service.ValidUntil.Add(-24 * time.Hour)
	w.host.Publish(next.Sign(t, w.service))
	if err := n.RefreshNow(t.Context()); err != nil || n.answersAt() == "" {
		t.Errorf("got %v", err)
	}
	fresh := w.node(func(p *registry.SAMLProvider) { p.MetadataCertificates = []string{text(next.Certificate)} })
	if fresh.Open(t.Context()); fresh.answersAt() == "" {
		t.Error("the copy of the new signer was not stored")
	}
}

func TestAStoredCopyThatSomebodyChangedIsNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.node().Look(t.Context())
	k := metadata.Key{Address: w.host.URL, EntityID: entity}
	c := w.copies.copies[k]
	c.Data, c.Digest = bytes.ReplaceAll(c.Data, []byte("/acs"), []byte("/evl")), "x"
	w.copies.copies[k] = c
	n := w.node()
	if n.Open(t.Context()); n.answersAt() != "" {
		t.Error("it was taken")
	}
	if n.Look(t.Context()); n.answersAt() != "https://town.example/acs" {
		t.Errorf("the host was not asked: %s", n.log)
	}
	if got := w.copies.copies[k].Digest; got == "x" {
		t.Error("the good copy was not stored")
	}
}

func TestAHostThatDoesNotAnswerIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host.Behave(host.Slow)
	n := w.node()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := n.RefreshNow(ctx); err == nil || n.answersAt() != "" {
		t.Errorf("got %v, %q", err, n.answersAt())
	}
}

func TestADatabaseThatFailsLeavesWhatIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.node()
	w.copies.broken = errors.New("no disk")
	if n.Look(t.Context()); n.answersAt() == "" {
		t.Error("metadata that could not be stored are not used")
	}
	w.copies.broken = nil
	w.clock.Pass(time.Hour)
	n.Look(t.Context())
	if len(w.copies.copies) != 1 {
		t.Error("they were not stored when that was possible again")
	}
}
