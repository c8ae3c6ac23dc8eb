package store_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/audit"
	"clave/census"
	lookups "clave/census/desk"
	"clave/census/proposal"
	"clave/census/registrar"
	"clave/census/staff"
	"clave/identity"
	"clave/store"

	"github.com/google/go-cmp/cmp"
)

// bureau is a desk where citizens are looked up, and its supervisor's.
type bureau struct {
	*desk
	look      *lookups.Desk
	proposals *proposal.Desk
	kept      *store.Proposals
	done      *deeds
}

// deeds is a registrar that allows everything and counts what it is told to do.
type deeds struct {
	mu  sync.Mutex
	by  []registrar.By
	err error
}

// Allows implements proposal.Registrar.
func (d *deeds) Allows(context.Context, registrar.Change, identity.PersonID, registrar.By) (registrar.Entry, error) {
	return registrar.Entry{}, d.err
}

// Revoke implements proposal.Registrar.
func (d *deeds) Revoke(_ context.Context, _ identity.PersonID, by registrar.By) (registrar.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.by = append(d.by, by)
	}
	return registrar.Done{}, d.err
}

// Lift implements proposal.Registrar.
func (d *deeds) Lift(ctx context.Context, person identity.PersonID, by registrar.By) (registrar.Done, error) {
	return d.Revoke(ctx, person, by)
}

func eachOffice(t *testing.T, test func(t *testing.T, o *bureau)) {
	t.Helper()
	eachDesk(t, func(t *testing.T, d *desk) {
		now := func() time.Time { return d.now }
		trail := audit.NewRecorder(d.db.Audit(), d.keys.Columns(), now)
		o := &bureau{desk: d, kept: store.NewProposals(d.db, d.keys.Columns()), done: &deeds{}}
		log := slog.New(slog.DiscardHandler)
		o.look = &lookups.Desk{Tx: d.db, Cases: store.NewDesk(d.db, d.keys.Columns()), Register: d.persons, Trail: trail, Log: log, Now: now}
		o.proposals = &proposal.Desk{Tx: d.db, Store: o.kept, Registrar: o.done, Trail: trail, Log: log, Now: now}
		test(t, o)
	})
}

// at is a member at work.
func (o *bureau) at(t *testing.T, number string, role staff.Role, place string) *staff.Signed {
	t.Helper()
	m := o.add(t, number, role, place)
	return &staff.Signed{Member: m, Session: staff.Session{ID: "session of " + number, Person: m.Person, Office: place}}
}

func question(t *testing.T, number string) lookups.Question {
	return lookups.Question{Document: document(t, number), Reason: lookups.ToTell, Number: "2026/17"}
}

func TestLookUps(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *bureau) {
		ctx, olga := t.Context(), o.at(t, "00000001R", staff.Officer, "P28001")
		made, err := o.look.LookUp(ctx, olga, question(t, "00000003A"))
		if err != nil || !made.Open(o.now) {
			t.Fatalf("got %v, %v", made, err)
		}
		if err := o.look.Begun(ctx, made, "handle"); err != nil {
			t.Fatal(err)
		}
		made.Procedure = "handle"
		got, err := o.look.Case(ctx, olga, made.ID)
		if err != nil || !cmp.Equal(got, made, cmp.Comparer(func(a, b identity.DocumentID) bool { return a == b })) {
			t.Errorf("got %+v, %v", got, err)
		}
		moved, other := *olga, *olga
		moved.Session.Office, other.Session.ID = "P08001", "another session"
		for name, who := range map[string]*staff.Signed{
			"at another office": &moved, "in another session": &other, "somebody else": o.at(t, "00000002W", staff.Officer, "P28001"),
		} {
			if _, err := o.look.Case(ctx, who, made.ID); !errors.Is(err, lookups.ErrNoCase) {
				t.Errorf("%s: got %v, want ErrNoCase", name, err)
			}
		}
		if made.Open(o.now.Add(lookups.Shown)) {
			t.Error("the data can be seen for ever")
		}
		if _, err := o.look.LookUp(ctx, olga, question(t, "00000001R")); !errors.Is(err, lookups.ErrOwnRecord) {
			t.Errorf("their own record: got %v, want ErrOwnRecord", err)
		}
		nobody, err := o.look.LookUp(ctx, olga, question(t, "00000000T"))
		if !errors.Is(err, lookups.ErrUnknown) {
			t.Errorf("nobody's document: got %v, want ErrUnknown", err)
		}
		if _, err := o.look.Case(ctx, olga, nobody.ID); !errors.Is(err, lookups.ErrNoCase) {
			t.Errorf("got %v: there is nothing to see", err)
		}
	})
}

func TestLookUpsAreLimited(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *bureau) {
		ctx, olga := t.Context(), o.at(t, "00000001R", staff.Officer, "P28001")
		var tries sync.WaitGroup
		var mu sync.Mutex
		refused := 0
		numbers := []string{"00000000T", "00000003A", "00000001R"} // unknown, known, their own: all count
		for i := range lookups.Hourly + 5 {
			tries.Go(func() {
				_, err := o.look.LookUp(ctx, olga, question(t, numbers[i%len(numbers)]))
				mu.Lock()
				defer mu.Unlock()
				if errors.As(err, new(lookups.LimitError)) {
					refused++
				} else if err != nil && !errors.Is(err, lookups.ErrUnknown) && !errors.Is(err, lookups.ErrOwnRecord) {
					t.Error(err)
				}
			})
		}
		tries.Wait()
		if refused != 5 {
			t.Errorf("%d look-ups were refused, want 5", refused)
		}
		if _, err := o.look.LookUp(ctx, o.at(t, "00000002W", staff.Officer, "P28001"), question(t, "00000003A")); err != nil {
			t.Errorf("another officer: %v", err)
		}
		o.now = o.now.Add(time.Hour)
		if _, err := o.look.LookUp(ctx, olga, question(t, "00000003A")); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}

// offer is what an officer proposes about the holder of a document.
func (o *bureau) offer(t *testing.T, number string) proposal.Proposal {
	t.Helper()
	person, _, _, err := o.persons.Recognise(t.Context(), document(t, number))
	if err != nil {
		t.Fatal(err)
	}
	return proposal.Proposal{Person: person, Document: document(t, number), Change: registrar.Revoked, Reason: proposal.Fraud, Number: "2026/17"}
}

func TestProposals(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *bureau) {
		ctx, olga, sara := t.Context(), o.at(t, "00000001R", staff.Officer, "P28001"), o.at(t, "00000002W", staff.Supervisor, "P08001")
		p, err := o.proposals.Propose(ctx, olga, o.offer(t, "00000003A"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.proposals.Propose(ctx, sara, o.offer(t, "00000003A")); !errors.Is(err, proposal.ErrOpen) {
			t.Errorf("a second one: got %v, want ErrOpen", err)
		}
		if _, err := o.proposals.Propose(ctx, olga, o.offer(t, "00000001R")); !errors.Is(err, proposal.ErrOwn) {
			t.Errorf("about themselves: got %v, want ErrOwn", err)
		}
		wrong := o.offer(t, "00000004G")
		wrong.Reason = proposal.Cleared
		if _, err := o.proposals.Propose(ctx, olga, wrong); !errors.Is(err, proposal.ErrReason) {
			t.Errorf("a reason to lift: got %v, want ErrReason", err)
		}
		if _, err := o.proposals.Approve(ctx, olga, p.ID); !errors.Is(err, proposal.ErrRight) {
			t.Errorf("an officer approves: got %v, want ErrRight", err)
		}
		if _, err := o.proposals.Review(ctx, o.at(t, "00000004G", staff.Officer, "P28001"), p.ID); !errors.Is(err, proposal.ErrNone) {
			t.Errorf("another officer reads it: got %v, want ErrNone", err)
		}
		if _, err := o.proposals.Reject(ctx, sara, p.ID, "because"); !errors.Is(err, proposal.ErrReason) {
			t.Errorf("rejected for no reason: got %v, want ErrReason", err)
		}
		got, err := o.proposals.Approve(ctx, sara, p.ID)
		if err != nil || got.State != proposal.Approved || got.Decider != sara.Member.Person {
			t.Fatalf("got %v, %v", got, err)
		}
		want := registrar.By{Channel: identity.ByOffice, Officer: sara.Member.Person, Office: "P08001", Reason: "fraud", Proposer: olga.Member.Person}
		if len(o.done.by) != 1 || o.done.by[0] != want {
			t.Errorf("the registrar was told %v", o.done.by)
		}
		if _, err := o.proposals.Reject(ctx, sara, p.ID, proposal.NotProven); !errors.Is(err, proposal.ErrDecided) {
			t.Errorf("decided twice: got %v, want ErrDecided", err)
		}
		if got, err := o.kept.Reseal(ctx, nil); err != nil || got.Rows != 1 {
			t.Errorf("sealed again: %v, %v", got, err)
		}
	})
}

func TestASupervisorDecidesOnNothingOfTheirs(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *bureau) {
		ctx, olga, sara := t.Context(), o.at(t, "00000001R", staff.Officer, "P28001"), o.at(t, "00000002W", staff.Supervisor, "P28001")
		mine, err := o.proposals.Propose(ctx, sara, o.offer(t, "00000003A"))
		if err != nil {
			t.Fatal(err)
		}
		about, err := o.proposals.Propose(ctx, olga, o.offer(t, "00000002W"))
		if err != nil {
			t.Fatal(err)
		}
		for name, id := range map[string]string{"what they proposed": mine.ID, "what is proposed about them": about.ID} {
			if _, err := o.proposals.Approve(ctx, sara, id); !errors.Is(err, proposal.ErrOwn) {
				t.Errorf("%s: got %v, want ErrOwn", name, err)
			}
		}
		if _, err := o.proposals.Review(ctx, sara, about.ID); !errors.Is(err, proposal.ErrNone) {
			t.Errorf("they read what is proposed about them: %v", err)
		}
		if len(o.done.by) != 0 {
			t.Error("something was done")
		}
	})
}

func TestOneDecisionCounts(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *bureau) {
		ctx, olga := t.Context(), o.at(t, "00000001R", staff.Officer, "P28001")
		supervisors := []*staff.Signed{o.at(t, "00000002W", staff.Supervisor, "P28001"), o.at(t, "00000004G", staff.Supervisor, "P28001")}
		p, err := o.proposals.Propose(ctx, olga, o.offer(t, "00000003A"))
		if err != nil {
			t.Fatal(err)
		}
		errs := make([]error, 8)
		var deciding sync.WaitGroup
		for i := range errs {
			deciding.Go(func() {
				if i%3 == 0 {
					_, errs[i] = o.proposals.Reject(ctx, supervisors[i%2], p.ID, proposal.NotProven)
				} else {
					_, errs[i] = o.proposals.Approve(ctx, supervisors[i%2], p.ID)
				}
			})
		}
		deciding.Wait()
		decided := 0
		for _, err := range errs {
			switch {
			case err == nil:
				decided++
			case !errors.Is(err, proposal.ErrDecided):
				t.Errorf("got %v, want ErrDecided", err)
			}
		}
		got, err := o.kept.Proposal(ctx, p.ID)
		if err != nil || decided != 1 || (got.State == proposal.Approved) != (len(o.done.by) >= 1) {
			t.Errorf("%d decisions, %s, and %d deeds; %v", decided, got.State, len(o.done.by), err)
		}
	})
}

func TestProposalsEnd(t *testing.T) {
	t.Parallel()
	eachOffice(t, func(t *testing.T, o *bureau) {
		ctx, olga, sara := t.Context(), o.at(t, "00000001R", staff.Officer, "P28001"), o.at(t, "00000002W", staff.Supervisor, "P28001")
		p, err := o.proposals.Propose(ctx, olga, o.offer(t, "00000003A"))
		if err != nil {
			t.Fatal(err)
		}
		o.now = o.now.Add(proposal.Life)
		if _, err := o.proposals.Approve(ctx, sara, p.ID); !errors.Is(err, proposal.ErrDecided) {
			t.Errorf("too late: got %v, want ErrDecided", err)
		}
		if open, _, err := o.kept.Proposals(ctx, proposal.Filter{Limit: 10}, o.now); err != nil || len(open) != 0 {
			t.Errorf("%d wait, %v", len(open), err)
		}
		again, err := o.proposals.Propose(ctx, olga, o.offer(t, "00000003A"))
		if err != nil {
			t.Fatalf("one that was not decided is in the way: %v", err)
		}
		o.done.err = registrar.ErrRevoked // somebody else was quicker
		if _, err := o.proposals.Approve(ctx, sara, again.ID); !errors.Is(err, registrar.ErrRevoked) {
			t.Errorf("got %v, want ErrRevoked", err)
		}
		if got, err := o.kept.Proposal(ctx, again.ID); err != nil || got.State != proposal.Open {
			t.Errorf("got %s: nothing was done, and so nothing decided; %v", got.State, err)
		}
		own, more, err := o.kept.Proposals(ctx, proposal.Filter{Proposer: olga.Member.Person, Limit: 1}, o.now)
		if err != nil || !more || len(own) != 1 || own[0].ID != again.ID {
			t.Errorf("got %v, more %t, %v", own, more, err)
		}
		if err := o.kept.Sweep(ctx, p.Expires()); err != nil {
			t.Fatal(err)
		}
		if _, err := o.kept.Proposal(ctx, p.ID); !errors.Is(err, proposal.ErrNone) {
			t.Errorf("got %v, want it gone", err)
		}
	})
}

func TestStolenLookUpsNameNobody(t *testing.T) {
	eachStolen(t, func(t *testing.T, db *store.DB, steal func() loot) {
		r := newRegister(t, db)
		o := &bureau{desk: &desk{register: r}}
		r.hold(t, census.Reference{Person: identity.Person{Document: document(t, "00000003A"), Kind: identity.DNI, GivenName: "Name", FirstSurname: "Uno"}})
		kept := store.NewDesk(db, r.keys.Columns())
		err := kept.AddCase(t.Context(), lookups.Case{
			ID: "case", Session: "session", Officer: "officer", Office: "P28001", Document: document(t, "00000003A"), Reason: lookups.Complaint,
			Number: "2026/17", Procedure: "secret-handle", Opened: r.now,
		})
		if err != nil {
			t.Fatal(err)
		}
		p := o.offer(t, "00000003A")
		p.ID, p.Proposer, p.Office, p.At, p.State = "proposal", "officer", "P28001", r.now, proposal.Open
		if err := store.NewProposals(db, r.keys.Columns()).AddProposal(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		steal().lacks(t, "00000003A", "secret-handle", "2026/17", string(lookups.Complaint), strings.TrimLeft("00000003A", "0"))
	})
}
