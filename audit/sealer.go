package audit

import (
	"context"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"clave/keys"
)

// MaxDelay is how long after Record an event's transaction may commit and the
// event still be sealed. Our choice: longer than any request may take.
const MaxDelay = 30 * time.Second

// Times of the sealer. Our choice: a look at what is new costs little; the
// sweep finds what committed late, or came from a node whose clock is behind.
const (
	sealEvery  = time.Second
	sweepEvery = 30 * time.Second
	maxSkew    = 10 * time.Second
	// recent is how far a look goes back before the look before it.
	recent = 2 * time.Second
	// window is how far a sweep goes back before the sweep before it, and a
	// starting sealer before the newest batch. What is older and in no batch
	// was not put there by the product and stays unsealed.
	window = MaxDelay + sweepEvery + maxSkew
	// announceEvery is how often the newest head goes to the log.
	announceEvery = time.Hour
)

// Errors of a Ledger.
var (
	// ErrNoBatch: the chain is empty.
	ErrNoBatch = errors.New("there is no audit batch yet")
	// ErrSealedElsewhere: another node made the batch of that number.
	ErrSealedElsewhere = errors.New("another node sealed this audit batch")
	// ErrBroken: the batch before is gone or has another head.
	ErrBroken = errors.New("the end of the audit chain is not what this node sealed")
)

// Ledger is what a Sealer reads and writes.
type Ledger interface {
	// Events returns committed rows after a place and before a time, in order,
	// at most limit.
	Events(ctx context.Context, after Place, before time.Time, limit int) ([]Row, error)
	// LastBatch returns the newest batch, or ErrNoBatch.
	LastBatch(ctx context.Context) (Batch, error)
	// BatchesAfter calls each for the batches with a greater number, in order.
	BatchesAfter(ctx context.Context, seq int64, each func(Batch) error) error
	// BatchesCovering calls each for the batches whose events reach into the
	// time from, included, to before, excluded.
	BatchesCovering(ctx context.Context, from, before time.Time, each func(Batch) error) error
	// AddBatch appends the batch if the one before has the head that it names;
	// ErrSealedElsewhere or ErrBroken otherwise.
	AddBatch(ctx context.Context, b Batch) error
}

// Signer lends the key that signs heads; [keys.Signers] is one.
type Signer interface {
	Active(alg string) (keys.SigningKey, error)
}

// Sealer puts committed events into signed batches. Each node runs one: of
// those that try at once one wins, and the others follow it.
type Sealer struct {
	ledger Ledger
	trail  Trail
	cipher Cipher
	signer Signer
	now    func() time.Time
	log    *slog.Logger

	ready     bool
	last      Batch            // newest of the chain, without its entries
	known     map[string]int64 // events that are settled: id to time in microseconds
	looked    time.Time
	swept     time.Time
	announced time.Time
}

// NewSealer returns a Sealer; Run does its work. The cipher is that of the
// Recorder.
func NewSealer(ledger Ledger, trail Trail, cipher Cipher, signer Signer, now func() time.Time, log *slog.Logger) *Sealer {
	return &Sealer{ledger: ledger, trail: trail, cipher: cipher, signer: signer, now: now, log: log}
}

// Run seals each second until ctx ends, and then once more.
func (s *Sealer) Run(ctx context.Context) {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.turn(ctx)
		case <-ctx.Done():
			final, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			s.turn(final)
			s.announce()
			return
		}
	}
}

func (s *Sealer) turn(ctx context.Context) {
	if _, err := s.Seal(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("audit events not sealed", "error", err)
	}
	if s.now().Sub(s.announced) >= announceEvery {
		s.announce()
	}
}

// announce puts the newest head into the log, which usually is kept elsewhere:
// whoever cuts off the chain's tail cannot change it there.
func (s *Sealer) announce() {
	s.announced = s.now()
	if s.last.Seq > 0 {
		s.log.Info("audit chain", "head", s.last.Name())
	}
}

// Seal takes one turn and tells how many events it sealed.
func (s *Sealer) Seal(ctx context.Context) (int, error) {
	now := s.now()
	if !s.ready || now.Before(s.looked.Add(-recent)) { // the start, or a clock that was set back
		if err := s.load(ctx, now); err != nil {
			return 0, err
		}
	}
	before := s.last.Seq
	if err := s.follow(ctx); err != nil {
		return 0, err
	}
	sweeps := now.Sub(s.swept) >= sweepEvery
	if s.last.Seq != before && !sweeps {
		s.looked = now
		return 0, nil // another node is at it
	}
	since := s.looked.Add(-recent)
	if sweeps {
		since = s.swept.Add(-window)
	}
	sealed, err := s.sealSince(ctx, since)
	if errors.Is(err, ErrSealedElsewhere) {
		return sealed, nil // the next turn follows
	}
	if errors.Is(err, ErrBroken) {
		return sealed, s.mend(ctx, err)
	}
	if err != nil {
		return sealed, err
	}
	s.looked = now
	if sweeps {
		s.swept = now
		s.forget(now.Add(-window))
	}
	return sealed, nil
}

// mend goes on from where the chain now ends. That it was cut, and which head
// is gone, becomes an event, which nobody can take back unseen: either somebody
// removed batches, or the database failed over to a copy without the newest ones.
func (s *Sealer) mend(ctx context.Context, broken error) error {
	gone := AuditChainCut{Seq: s.last.Seq, Head: hex.EncodeToString(s.last.Head)}
	if err := s.trail.Record(ctx, Event{Actor: System, Data: gone}); err != nil {
		return errors.Join(broken, err)
	}
	s.ready = false
	return fmt.Errorf("%w, %s; run `clave audit verify`", broken, s.last.Name())
}

// load reads where the chain ends, and which events the sealer could meet that
// are in it.
func (s *Sealer) load(ctx context.Context, now time.Time) error {
	last, err := s.ledger.LastBatch(ctx)
	if errors.Is(err, ErrNoBatch) {
		last = Batch{Head: make([]byte, len(Hash{}))}
	} else if err != nil {
		return fmt.Errorf("reading the end of the audit chain: %w", err)
	}
	s.last, s.known = last, map[string]int64{}
	s.swept = last.SealedAt
	if now.Before(s.swept) {
		s.swept = now
	}
	s.looked = s.swept
	from := s.swept.Add(-window)
	err = s.ledger.BatchesCovering(ctx, from, endOfTime, func(b Batch) error { return s.learn(b, from) })
	if err != nil {
		return fmt.Errorf("reading the end of the audit chain: %w", err)
	}
	s.last.Entries = nil
	s.ready = true
	return nil
}

// follow reads the batches of other nodes.
func (s *Sealer) follow(ctx context.Context) error {
	from := s.swept.Add(-window)
	err := s.ledger.BatchesAfter(ctx, s.last.Seq, func(b Batch) error {
		if err := s.learn(b, from); err != nil {
			return err
		}
		s.last = b
		s.last.Entries = nil
		return nil
	})
	if err != nil {
		return fmt.Errorf("following the audit chain: %w", err)
	}
	return nil
}

func (s *Sealer) learn(b Batch, from time.Time) error {
	entries, err := decodeEntries(b.Entries)
	if err != nil {
		return fmt.Errorf("audit batch %d: %w", b.Seq, err)
	}
	for _, e := range entries {
		if !e.At.Before(from) {
			s.known[e.ID] = e.At.UnixMicro()
		}
	}
	return nil
}

func (s *Sealer) forget(before time.Time) {
	for id, at := range s.known {
		if at < before.UnixMicro() {
			delete(s.known, id)
		}
	}
}

// endOfTime is after every event.
var endOfTime = time.UnixMicro(1<<62 - 1)

func (s *Sealer) sealSince(ctx context.Context, since time.Time) (sealed int, err error) {
	place := Place{At: since}
	var open []Entry
	flush := func() error {
		if len(open) == 0 {
			return nil
		}
		if err := s.add(ctx, open); err != nil {
			return err
		}
		sealed += len(open)
		open = open[:0]
		return nil
	}
	for {
		rows, err := s.ledger.Events(ctx, place, endOfTime, maxEntries)
		if err != nil {
			return sealed, fmt.Errorf("reading audit events: %w", err)
		}
		for _, r := range rows {
			place = r.Place()
			if _, found := s.known[r.ID]; found {
				continue
			}
			if _, err := r.open(s.cipher); err != nil {
				s.log.Error("audit event is not ours and stays unsealed", "event_id", r.ID, "error", err)
				s.known[r.ID] = r.At.UnixMicro()
				continue
			}
			if len(open) == maxEntries || len(open) > 0 && r.At.Sub(open[0].At) > MaxSpan {
				if err := flush(); err != nil {
					return sealed, err
				}
			}
			open = append(open, Entry{place, r.Hash()})
		}
		if len(rows) < maxEntries {
			return sealed, flush()
		}
	}
}

// add signs and appends one batch.
func (s *Sealer) add(ctx context.Context, entries []Entry) error {
	b := Batch{
		Seq: s.last.Seq + 1, SealedAt: s.now().UTC().Truncate(time.Microsecond),
		FirstAt: entries[0].At, LastAt: entries[len(entries)-1].At,
		Entries: encodeEntries(entries), Previous: s.last.Head,
	}
	head := b.hash()
	b.Head = head[:]
	key, err := s.signer.Active(keys.EdDSA)
	if err != nil {
		return fmt.Errorf("signing audit batch %d: %w", b.Seq, err)
	}
	b.KeyID = key.ID
	if b.Signature, err = key.Signer.Sign(nil, b.toSign(), crypto.Hash(0)); err != nil {
		return fmt.Errorf("signing audit batch %d: %w", b.Seq, err)
	}
	if err := s.ledger.AddBatch(ctx, b); err != nil {
		return fmt.Errorf("adding audit batch %d: %w", b.Seq, err)
	}
	for _, e := range entries {
		s.known[e.ID] = e.At.UnixMicro()
	}
	s.last = b
	s.last.Entries = nil
	return nil
}
