package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"clave/keys"
)

// Book is what Verify reads. It may be written to meanwhile.
type Book interface {
	// Events is as in Ledger.
	Events(ctx context.Context, after Place, before time.Time, limit int) ([]Row, error)
	// BatchesAfter is as in Ledger.
	BatchesAfter(ctx context.Context, seq int64, each func(Batch) error) error
	// BatchesCovering is as in Ledger.
	BatchesCovering(ctx context.Context, from, before time.Time, each func(Batch) error) error
}

// PublicKeys knows the keys that signed heads, the retired ones included;
// [keys.Signers] is one.
type PublicKeys interface {
	Public(id string) (keys.PublicKey, bool)
}

// Fault is what is wrong with a row or a batch.
type Fault string

// The faults.
const (
	EventChanged    Fault = "event changed"    // a column is not what it was when it was sealed
	EventMissing    Fault = "event missing"    // a batch lists it and it is gone
	EventUnsealed   Fault = "event unsealed"   // no batch lists it: put there later, or its batch is gone
	EventRepeated   Fault = "event repeated"   // listed twice
	BatchChanged    Fault = "batch changed"    // a column is not what it was when it was sealed
	BatchMissing    Fault = "batch missing"    // the numbers have a gap
	BatchMoved      Fault = "batch moved"      // it does not continue the batch before
	BatchForged     Fault = "batch forged"     // the signature is not one of our keys
	HeadUnexpected  Fault = "head unexpected"  // the batch is not the one that was noted elsewhere
	HeadNotReached  Fault = "head not reached" // the chain ends before the batch that was noted elsewhere
	PrefixDiscarded Fault = "prefix discarded" // the chain begins later than the trail says that it was pruned
)

// Finding is one fault. Batch and Event say where, as far as that is known;
// Through is the last of several missing batches.
type Finding struct {
	Fault   Fault
	Batch   int64
	Through int64
	Event   string
	At      time.Time
}

// String names what is wrong, on one line.
func (f Finding) String() string {
	s := string(f.Fault)
	if f.Batch != 0 {
		s += fmt.Sprintf(" batch=%d", f.Batch)
	}
	if f.Through > f.Batch {
		s += fmt.Sprintf(" through=%d", f.Through)
	}
	if f.Event != "" {
		s += fmt.Sprintf(" event=%s", f.Event)
	}
	if !f.At.IsZero() {
		s += " at=" + f.At.UTC().Format(time.RFC3339Nano)
	}
	return s
}

// Report sums up what Verify read.
type Report struct {
	Batches  int64
	Events   int64
	Waiting  int64 // not sealed yet, and young enough for that
	Findings int64
	Pruned   int64 // batches up to this one were dropped when their time was over
	Last     Batch // without its entries; the zero value if there is none
}

// Verifier reads a trail again.
type Verifier struct {
	Book Book
	Keys PublicKeys
	// Now and Grace tell which events may still be unsealed. Less than the
	// time that a late commit and a sweep take makes false alarms.
	Now   func() time.Time
	Grace time.Duration
	// ExpectSeq and ExpectHead are a batch that was noted elsewhere; 0 for none.
	ExpectSeq  int64
	ExpectHead []byte
	// Found is called for each finding.
	Found func(Finding)
}

// DefaultGrace is twice as long as the sealer may take.
const DefaultGrace = 2 * window

// Verify reads the chain and then all events, with the memory of a few
// thousand rows, and calls Found for whatever does not fit.
func (v Verifier) Verify(ctx context.Context) (Report, error) {
	r := &reading{Verifier: v}
	if err := r.chain(ctx); err != nil {
		return r.report, fmt.Errorf("reading the audit chain: %w", err)
	}
	if err := r.events(ctx); err != nil {
		return r.report, fmt.Errorf("reading the audit events: %w", err)
	}
	if r.dropped > r.report.Pruned {
		r.find(Finding{Fault: BatchMissing, Batch: r.report.Pruned + 1, Through: r.dropped})
	}
	return r.report, nil
}

type reading struct {
	Verifier
	report  Report
	dropped int64 // batches before this one are not there
}

func (r *reading) find(f Finding) {
	r.report.Findings++
	r.Found(f)
}

// chain checks what the batches say of themselves and of each other.
func (r *reading) chain(ctx context.Context) error {
	r.report.Last.Head = make([]byte, len(Hash{}))
	met := r.ExpectSeq == 0
	err := r.Book.BatchesAfter(ctx, math.MinInt64, func(b Batch) error {
		before := r.report.Last
		if b.Seq == before.Seq+1 && !bytes.Equal(b.Previous, before.Head) {
			r.find(Finding{Fault: BatchMoved, Batch: b.Seq})
		}
		switch {
		case before.Seq == 0 && b.Seq > 1:
			r.dropped = b.Seq - 1 // the events tell whether we did that
		case b.Seq > before.Seq+1:
			r.find(Finding{Fault: BatchMissing, Batch: before.Seq + 1, Through: b.Seq - 1})
		}
		r.batch(b)
		if b.Seq == r.ExpectSeq {
			met = true
			if !bytes.Equal(b.Head, r.ExpectHead) {
				r.find(Finding{Fault: HeadUnexpected, Batch: b.Seq})
			}
		}
		b.Entries = nil
		r.report.Last = b
		r.report.Batches++
		return nil
	})
	if err == nil && !met {
		r.find(Finding{Fault: HeadNotReached, Batch: r.ExpectSeq})
	}
	return err
}

// batch checks one batch by itself.
func (r *reading) batch(b Batch) {
	entries, err := decodeEntries(b.Entries)
	head := b.hash()
	if err != nil || !bytes.Equal(head[:], b.Head) || len(b.Previous) != len(Hash{}) ||
		!entries[0].At.Equal(b.FirstAt) || !entries[len(entries)-1].At.Equal(b.LastAt) || b.LastAt.Sub(b.FirstAt) > MaxSpan {
		r.find(Finding{Fault: BatchChanged, Batch: b.Seq})
	}
	published, found := r.Keys.Public(b.KeyID)
	key, ok := published.Key.(ed25519.PublicKey)
	if !found || !ok || !ed25519.Verify(key, b.toSign(), b.Signature) {
		r.find(Finding{Fault: BatchForged, Batch: b.Seq})
	}
}

// pageSize is how many events are compared at a time.
const pageSize = 8192

// events compares what is there with what the batches list, a stretch of time
// after the other. Batches are read after the events, so that an event that is
// sealed meanwhile is found.
func (r *reading) events(ctx context.Context) error {
	var after Place
	for {
		rows, err := r.Book.Events(ctx, after, endOfTime, pageSize)
		if err != nil {
			return err
		}
		until, last := Place{At: endOfTime}, len(rows) < pageSize
		if !last {
			until = rows[len(rows)-1].Place()
		}
		if err := r.stretch(ctx, rows, after, until); err != nil {
			return err
		}
		r.report.Events += int64(len(rows))
		if last {
			return nil
		}
		after = until
	}
}

type sighting struct {
	hash    Hash
	in      int // batches that list it
	changed bool
}

// stretch compares the rows, which are all there are after one place up to
// another one, with the entries of that stretch.
func (r *reading) stretch(ctx context.Context, rows []Row, after, until Place) error {
	seen := make(map[spot]*sighting, len(rows))
	for i := range rows {
		seen[rows[i].Place().spot()] = &sighting{hash: rows[i].Hash()}
	}
	err := r.Book.BatchesCovering(ctx, after.At, until.At.Add(time.Microsecond), func(b Batch) error {
		entries, err := decodeEntries(b.Entries)
		if err != nil {
			return nil // the chain said so
		}
		for _, e := range entries {
			if e.Place.Compare(after) <= 0 || e.Place.Compare(until) > 0 {
				continue
			}
			s := seen[e.spot()]
			if s == nil {
				if s, err = r.lookAgain(ctx, e.Place); err != nil {
					return err
				}
				if s == nil {
					r.find(Finding{Fault: EventMissing, Batch: b.Seq, Event: e.ID, At: e.At})
					continue
				}
			}
			if s.in++; s.in > 1 {
				r.find(Finding{Fault: EventRepeated, Batch: b.Seq, Event: e.ID, At: e.At})
			}
			if s.hash != e.Hash {
				s.changed = true
				r.find(Finding{Fault: EventChanged, Batch: b.Seq, Event: e.ID, At: e.At})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, row := range rows {
		if s := seen[row.Place().spot()]; s.in > 0 {
			r.learn(row, s)
			continue
		}
		if row.At.After(r.Now().Add(-r.Grace)) {
			r.report.Waiting++
			continue
		}
		r.find(Finding{Fault: EventUnsealed, Event: row.ID, At: row.At})
	}
	return nil
}

// learn takes from a sealed event how far the trail was pruned.
func (r *reading) learn(row Row, s *sighting) {
	var pruned AuditPruned
	if row.Kind == KindAuditPruned && !s.changed && json.Unmarshal([]byte(row.Data), &pruned) == nil {
		r.report.Pruned = max(r.report.Pruned, pruned.Through)
	}
}

// lookAgain finds an event that was committed and sealed after its stretch was
// read.
func (r *reading) lookAgain(ctx context.Context, p Place) (*sighting, error) {
	before := Place{At: p.At}
	for {
		rows, err := r.Book.Events(ctx, before, p.At.Add(time.Microsecond), maxEntries)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.ID == p.ID {
				return &sighting{hash: row.Hash()}, nil
			}
		}
		if len(rows) < maxEntries {
			return nil, nil
		}
		before = rows[len(rows)-1].Place()
	}
}
