package keys

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options are settings of a keyring. The zero value is the default.
type Options struct {
	Schedules map[Use]Schedule // replaces those of DefaultSchedules that it names
	RSABits   int              // size of new RSA keys, 2048 by default: three times as quick to sign as 3072
	// CertifiedRSABits is the size of new RSA keys with a certificate, 3072 by default:
	// they last for years. Source: SOG-IS Agreed Cryptographic Mechanisms 1.3, section 4.1.
	CertifiedRSABits int
	// Issuer is the name in new certificates, such as our host; what is beyond 64
	// bytes is cut off (RFC 5280, appendix A.1, ub-common-name). "clave" by default.
	Issuer  string
	Refresh time.Duration // how often nodes read the rings again, 2 s by default
	Log     *slog.Logger  // what happens to keys; nothing by default
}

const (
	defaultRefresh = 2 * time.Second
	defaultRSABits = 2048

	defaultCertifiedRSABits = 3072
	// minRSABits is the least that RFC 7518, section 3.3, allows.
	minRSABits = 2048
	// lookEvery bounds how often values under unknown keys make a node read the
	// store: anybody can send such values.
	lookEvery   = time.Second
	lookTimeout = 2 * time.Second
)

// Keyring is all keys of an installation as one node sees them. Its methods may
// be called by many goroutines; what requests use takes no lock.
type Keyring struct {
	store     Store
	master    *Master
	now       func() time.Time
	schedules map[Use]Schedule
	making    making
	refresh   time.Duration
	log       *slog.Logger

	current atomic.Pointer[snapshot]

	first  sync.Mutex // one making of first keys at a time
	mu     sync.Mutex // one reading of the store at a time
	opened map[string]*key
	looked time.Time

	columns, cookies  *Sealer
	index             *Index
	codes, printed    *MAC
	subjects          *Subjects
	oidc, audit, push *Signers
	saml, clave       *Signers
}

// Open reads the rings and makes the keys that are missing, with default
// options. Of several nodes that open an empty store at once each ends up with
// the same keys. It returns ErrMaster, and changes nothing, when the master key
// is not the one that the stored keys are sealed under.
func Open(ctx context.Context, store Store, master *Master, now func() time.Time) (*Keyring, error) {
	return OpenWith(ctx, store, master, now, Options{})
}

// OpenWith is Open with options.
func OpenWith(ctx context.Context, store Store, master *Master, now func() time.Time, o Options) (*Keyring, error) {
	k := &Keyring{
		store: store, master: master, now: now, schedules: DefaultSchedules(),
		making: o.making(), refresh: o.Refresh, log: o.Log, opened: map[string]*key{},
	}
	maps.Copy(k.schedules, o.Schedules)
	if k.refresh == 0 {
		k.refresh = defaultRefresh
	}
	if k.log == nil {
		k.log = slog.New(slog.DiscardHandler)
	}
	if min(k.making.rsaBits, k.making.certifiedBits) < minRSABits || k.refresh < 0 {
		return nil, fmt.Errorf("options of the key ring: RSA keys have at least %d bits and refresh is positive", minRSABits)
	}
	for use, s := range k.schedules {
		if err := s.check(use); err != nil {
			return nil, err
		}
	}
	k.hand()
	if err := k.fill(ctx); err != nil {
		return nil, fmt.Errorf("opening the key rings: %w", err)
	}
	return k, nil
}

// hand makes the handles that accessors give away; each looks at the current snapshot.
func (k *Keyring) hand() {
	k.columns = &Sealer{k, func(s *snapshot) *ring { return &s.seal }}
	k.cookies = &Sealer{k, func(s *snapshot) *ring { return &s.cookie }}
	k.index = &Index{func() *key { return k.current.Load().index.active }}
	k.codes = &MAC{k, func(s *snapshot) *ring { return &s.pin }}
	k.printed = &MAC{k, func(s *snapshot) *ring { return &s.activation }}
	k.subjects = &Subjects{k}
	k.oidc = &Signers{k, UseOIDC, func(s *snapshot) *signRing { return &s.oidc }}
	k.audit = &Signers{k, UseAudit, func(s *snapshot) *signRing { return &s.audit }}
	k.push = &Signers{k, UsePush, func(s *snapshot) *signRing { return &s.push }}
	k.saml = &Signers{k, UseSAML, func(s *snapshot) *signRing { return &s.saml }}
	k.clave = &Signers{k, UseClave, func(s *snapshot) *signRing { return &s.clave }}
}

// Columns seals personal columns.
func (k *Keyring) Columns() *Sealer { return k.columns }

// Cookies seals what the browser carries.
func (k *Keyring) Cookies() *Sealer { return k.cookies }

// Index hashes what rows are searched by. It follows a change of the key.
func (k *Keyring) Index() *Index { return k.index }

// NextIndex hashes with the key that will replace that of Index, or is nil when
// no change is going on. While it is not nil, rows are written with both.
func (k *Keyring) NextIndex() *Index {
	next := k.current.Load().index.next
	if next == nil {
		return nil
	}
	return &Index{func() *key { return next }}
}

// PIN hashes one-time codes. They have to be used within a day: an older key goes.
func (k *Keyring) PIN() *MAC { return k.codes }

// Activation hashes codes that people keep on paper: activation codes of Cl@ve
// Permanente, invitation codes. Each says what it is as the first part.
func (k *Keyring) Activation() *MAC { return k.printed }

// Subjects names persons to relying parties.
func (k *Keyring) Subjects() *Subjects { return k.subjects }

// OIDC signs tokens.
func (k *Keyring) OIDC() *Signers { return k.oidc }

// Audit signs the heads of the audit chain, with EdDSA.
func (k *Keyring) Audit() *Signers { return k.audit }

// Push shows push services who sends, with ES256. Its key never changes.
func (k *Keyring) Push() *Signers { return k.push }

// SAML signs messages of SAML 2.0, with RS256 and ES256. Its keys have certificates
// and are made by Ensure.
func (k *Keyring) SAML() *Signers { return k.saml }

// Clave signs messages of the Cl@ve 2 dialect, with RS256. Its keys have
// certificates and are made by Ensure.
func (k *Keyring) Clave() *Signers { return k.clave }

// Records returns what this node knows of all keys, for the operator's list.
// Sealed is left out.
func (k *Keyring) Records() []Record {
	records := slices.Clone(k.current.Load().records)
	for i := range records {
		records[i].Sealed = nil
	}
	return records
}

// Refresh reads the rings again. When that fails the node goes on with what it has.
func (k *Keyring) Refresh(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.read(ctx)
}

// lookAgain is for a value under an unknown key: it reads the rings unless that
// was done within the last second, and returns what is known then.
func (k *Keyring) lookAgain() *snapshot {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := k.now(); now.Sub(k.looked) >= lookEvery || now.Before(k.looked) {
		k.looked = now
		ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
		defer cancel()
		if err := k.read(ctx); err != nil {
			k.log.Warn("keys not read", "error", err)
		}
	}
	return k.current.Load()
}

// read replaces the snapshot by what the store says. The caller holds mu.
func (k *Keyring) read(ctx context.Context) error {
	records, err := k.store.Keys(ctx)
	if err != nil {
		return fmt.Errorf("reading the keys: %w", err)
	}
	opened := make([]*key, 0, len(records))
	for _, r := range records {
		if !known(place{r.Use, r.Alg}) {
			continue
		}
		one, err := k.openOnce(r)
		if err != nil {
			return err
		}
		opened = append(opened, one)
	}
	clear(k.opened)
	for _, one := range opened {
		k.opened[one.ID] = one
	}
	fresh, err := build(opened, k.schedules, k.now())
	if err != nil {
		return err
	}
	// An unchanged ring keeps its snapshot, so that what callers made of
	// Published stays good. An expiry changes the ring without a change of records.
	if old := k.current.Load(); old != nil && unchanged(old.records, fresh.records) && old.size() == fresh.size() {
		return nil
	}
	k.current.Store(fresh)
	return nil
}

// openOnce opens a record unless that was done before: parsing an RSA key every
// other second would be waste.
func (k *Keyring) openOnce(r Record) (*key, error) {
	if before := k.opened[r.ID]; before != nil && sameSecret(before.Record, r) {
		again := *before
		again.Record = r
		return &again, nil
	}
	return open(k.master, r)
}

// sameSecret reports whether two records hold the same key for the same end.
func sameSecret(a, b Record) bool {
	return a.ID == b.ID && a.Use == b.Use && a.Alg == b.Alg && bytes.Equal(a.Sealed, b.Sealed) && bytes.Equal(a.Public, b.Public)
}

// errDamaged says that the keys table has lost rows.
var errDamaged = errors.New("rows of the keys table are missing: restore it from the backup (nothing was changed)")

// fill reads the rings and makes what is missing at the first start. Keys are
// made in the order of required, so a gap before a key that is there is a loss
// and not a first start: a new subject or index key would then cut everybody off.
func (k *Keyring) fill(ctx context.Context) error {
	err := k.Refresh(ctx)
	if !errors.Is(err, errIncomplete) {
		return err
	}
	held := map[place]bool{}
	for _, one := range k.opened {
		held[place{one.Use, one.Alg}] = true
	}
	gap := false
	for _, p := range required() {
		if gap && held[p] {
			return errDamaged
		}
		gap = gap || !held[p]
	}
	return k.create(ctx, required())
}

// create makes an active key in each place that never had one. Two nodes may do
// it at once: the store takes one key for each place, and after each refusal the
// other's key is read, and must open, before anything else is made.
func (k *Keyring) create(ctx context.Context, places []place) error {
	for _, p := range places {
		records, err := k.store.Keys(ctx)
		if err != nil {
			return fmt.Errorf("reading the keys: %w", err)
		}
		held := false
		for _, r := range records {
			if known(place{r.Use, r.Alg}) {
				if _, err := open(k.master, r); err != nil {
					return err
				}
			}
			held = held || r.Use == p.use && r.Alg == p.alg
		}
		if held {
			continue
		}
		now := k.now()
		r, err := newRecord(k.master, p.use, p.alg, Active, now, now, k.making)
		if err != nil {
			return err
		}
		switch err := k.store.AddKey(ctx, r); {
		case err == nil:
			k.log.Info("key created", "use", p.use, "alg", p.alg, "key_id", r.ID, "state", Active)
		case !errors.Is(err, ErrConflict):
			return fmt.Errorf("storing key %s of use %s: %w", r.ID, p.use, err)
		}
	}
	err := k.Refresh(ctx)
	if errors.Is(err, errIncomplete) {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return err
}
