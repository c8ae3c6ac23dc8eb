package proposal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clave/audit"
	"clave/census/proposal"
	"clave/census/registrar"
	"clave/census/staff"
	"clave/identity"
)

func TestWhoMayPropose(t *testing.T) {
	t.Parallel()
	impossible := errors.New("the registrar refuses")
	for _, test := range []struct {
		name    string
		by      *staff.Signed
		change  func(p *proposal.Proposal)
		refuses error
		want    error
	}{
		{name: "an officer about a citizen", by: olga()},
		{name: "a supervisor about a citizen", by: sara()},
		{name: "a reviewer of videos", by: member("rita", staff.Reviewer, ""), want: proposal.ErrRight},
		{name: "who says who the staff are", by: member("adam", staff.Administrator, ""), want: proposal.ErrRight},
		{name: "nobody", by: &staff.Signed{}, want: proposal.ErrRight},
		{name: "an officer who has chosen no office", by: member("olga", staff.Officer, ""), want: proposal.ErrRight},
		{name: "an officer about themselves", by: olga(), change: func(p *proposal.Proposal) { p.Person = "olga" }, want: proposal.ErrOwn},
		{name: "about nobody", by: olga(), change: func(p *proposal.Proposal) { p.Person = "" }, want: proposal.ErrRight},
		{name: "about nobody's document", by: olga(), change: func(p *proposal.Proposal) { p.Document = identity.DocumentID{} }, want: proposal.ErrRight},
		{name: "a reason of their own", by: olga(), change: func(p *proposal.Proposal) { p.Reason = "rude" }, want: proposal.ErrReason},
		{name: "no reason", by: olga(), change: func(p *proposal.Proposal) { p.Reason = "" }, want: proposal.ErrReason},
		{name: "a reason to lift, to revoke", by: olga(), change: func(p *proposal.Proposal) { p.Reason = proposal.Cleared }, want: proposal.ErrReason},
		{name: "to lift because of fraud", by: olga(), change: func(p *proposal.Proposal) { p.Change = registrar.Lifted }, want: proposal.ErrReason},
		{name: "to lift what is cleared", by: olga(), change: func(p *proposal.Proposal) { p.Change, p.Reason = registrar.Lifted, proposal.Cleared }},
		{name: "a change of phone", by: olga(), change: func(p *proposal.Proposal) { p.Change = registrar.PhoneChanged }, want: proposal.ErrReason},
		{name: "what is not possible now", by: olga(), refuses: impossible, want: impossible},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, p := newBureau(), fraud(t)
			b.refuses = test.refuses
			if test.change != nil {
				test.change(&p)
			}
			got, err := b.Propose(context.Background(), test.by, p)
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if err != nil {
				if len(b.kept)+len(b.events) > 0 {
					t.Errorf("kept %v and recorded %v", b.kept, b.kinds())
				}
				return
			}
			if got.State != proposal.Open || got.Proposer != test.by.Member.Person || got.Office != test.by.Session.Office || !got.At.Equal(b.now) {
				t.Errorf("got %+v", got)
			}
			if len(b.done) > 0 || !slices.Equal(b.kinds(), []audit.Kind{audit.KindProposalMade}) {
				t.Errorf("done %v, recorded %v", b.done, b.kinds())
			}
		})
	}
}

// What a form says of who proposes, and when, is not believed.
func TestAProposalIsSignedByWhoMakesIt(t *testing.T) {
	t.Parallel()
	b, forged := newBureau(), fraud(t)
	forged.ID, forged.Proposer, forged.Office, forged.State = "mine", "sixto", "P46001", proposal.Approved
	forged.At = b.now.Add(-time.Hour)
	got, err := b.Propose(context.Background(), olga(), forged)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID == "mine" || got.Proposer != "olga" || got.Office != "P28001" || got.State != proposal.Open || !got.At.Equal(b.now) {
		t.Errorf("got %s by %s of %s, %s at %v", got.ID, got.Proposer, got.Office, got.State, got.At)
	}
}

func TestWhoDecides(t *testing.T) {
	t.Parallel()
	impossible := errors.New("the registrar refuses")
	for _, test := range []struct {
		name    string
		by      *staff.Signed
		after   time.Duration
		refuses error
		want    error
	}{
		{name: "another supervisor", by: sara()},
		{name: "a supervisor of the same office", by: sixto()},
		{name: "at the last moment", by: sara(), after: proposal.Life - time.Microsecond},
		{name: "when its time is over", by: sara(), after: proposal.Life, want: proposal.ErrDecided},
		{name: "the proposer", by: olga(), want: proposal.ErrRight},
		{name: "the proposer, who became a supervisor", by: member("olga", staff.Supervisor, "P28001"), want: proposal.ErrOwn},
		{name: "the citizen, who is a supervisor", by: member("carmen", staff.Supervisor, "P28001"), want: proposal.ErrOwn},
		{name: "an officer", by: member("oscar", staff.Officer, "P28001"), want: proposal.ErrRight},
		{name: "an administrator", by: member("adam", staff.Administrator, "P28001"), want: proposal.ErrRight},
		{name: "a supervisor who has chosen no office", by: member("sara", staff.Supervisor, ""), want: proposal.ErrRight},
		{name: "a supervisor without name", by: member("", staff.Supervisor, "P28001"), want: proposal.ErrRight},
		{name: "what is not possible any more", by: sara(), refuses: impossible, want: impossible},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, p := made(t)
			b.now, b.refuses = b.now.Add(test.after), test.refuses
			got, err := b.Approve(context.Background(), test.by, p.ID)
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if err != nil {
				if b.kept[p.ID].State != proposal.Open || len(b.done) > 0 || len(b.events) > 1 {
					t.Errorf("it is %s, done %v, recorded %v", b.kept[p.ID].State, b.done, b.kinds())
				}
				return
			}
			if got.State != proposal.Approved || got.Decider != test.by.Member.Person || !got.Decided.Equal(b.now) {
				t.Errorf("got %+v", got)
			}
			want := []act{{registrar.Revoked, "carmen", registrar.By{
				Channel: identity.ByOffice, Officer: test.by.Member.Person, Office: test.by.Session.Office, Reason: "fraud", Proposer: "olga",
			}}}
			if !slices.Equal(b.done, want) {
				t.Errorf("done %+v, want %+v", b.done, want)
			}
		})
	}
}

// made is a bureau where olga has proposed.
func made(t *testing.T) (*bureau, proposal.Proposal) {
	t.Helper()
	b := newBureau()
	p, err := b.Propose(context.Background(), olga(), fraud(t))
	if err != nil {
		t.Fatal(err)
	}
	return b, p
}

func TestADecisionIsMadeOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b, p := made(t)
	if got, err := b.Reject(ctx, sara(), p.ID, proposal.NotProven); err != nil || got.State != proposal.Rejected || got.Why != proposal.NotProven {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := b.Approve(ctx, sixto(), p.ID); !errors.Is(err, proposal.ErrDecided) {
		t.Errorf("approving what is rejected: got %v", err)
	}
	if _, err := b.Reject(ctx, sixto(), p.ID, proposal.NotProven); !errors.Is(err, proposal.ErrDecided) {
		t.Errorf("rejecting it again: got %v", err)
	}
	if len(b.done) > 0 {
		t.Errorf("the registrar was told to do %v", b.done)
	}
	if _, err := b.Reject(ctx, sara(), p.ID, "a tale of mine"); !errors.Is(err, proposal.ErrReason) {
		t.Errorf("a why of one's own: got %v", err)
	}
	if _, err := b.Approve(ctx, sara(), "another"); !errors.Is(err, proposal.ErrNone) {
		t.Errorf("what nobody proposed: got %v", err)
	}
	want := []audit.Kind{audit.KindProposalMade, audit.KindProposalDecided}
	if !slices.Equal(b.kinds(), want) {
		t.Errorf("recorded %v, want %v", b.kinds(), want)
	}
}

func TestOneProposalAtATime(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b, p := made(t)
	if _, err := b.Propose(ctx, sara(), fraud(t)); !errors.Is(err, proposal.ErrOpen) {
		t.Errorf("while another waits: got %v", err)
	}
	b.now = p.Ends()
	if _, err := b.Propose(ctx, sara(), fraud(t)); err != nil {
		t.Errorf("when the other's time is over: got %v", err)
	}
}

func TestALiftedRevocation(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b, p := newBureau(), fraud(t)
	p.Change, p.Reason = registrar.Lifted, proposal.Mistake
	p, err := b.Propose(ctx, olga(), p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Approve(ctx, sara(), p.ID); err != nil || len(b.done) != 1 || b.done[0].change != registrar.Lifted {
		t.Errorf("got %v, done %v", err, b.done)
	}
}

func TestWhoReads(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		by      *staff.Signed
		want    error
		noticed bool
	}{
		{name: "a supervisor, which is noted", by: sara(), noticed: true},
		{name: "the proposer", by: olga()},
		{name: "another officer", by: member("oscar", staff.Officer, "P28001"), want: proposal.ErrNone},
		{name: "the citizen, who is a supervisor", by: member("carmen", staff.Supervisor, "P28001"), want: proposal.ErrNone},
		{name: "nobody", by: &staff.Signed{}, want: proposal.ErrNone},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, p := made(t)
			got, err := b.Review(context.Background(), test.by, p.ID)
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if noticed := slices.Contains(b.kinds(), audit.KindProposalReviewed); noticed != test.noticed {
				t.Errorf("noted: %v, want %v", noticed, test.noticed)
			}
			if (got.ID == p.ID) != (err == nil) {
				t.Errorf("got %s with %v", got, err)
			}
		})
	}
}

func TestStandingAndPrinting(t *testing.T) {
	t.Parallel()
	p := fraud(t)
	p.ID, p.At, p.State = "one", newBureau().now, proposal.Open
	for _, test := range []struct {
		name  string
		state proposal.State
		after time.Duration
		want  proposal.State
	}{
		{"at once", proposal.Open, 0, proposal.Open},
		{"at the last moment", proposal.Open, proposal.Life - 1, proposal.Open},
		{"in time no longer", proposal.Open, proposal.Life, proposal.Expired},
		{"decided stays decided", proposal.Rejected, 2 * proposal.Life, proposal.Rejected},
	} {
		p.State = test.state
		if got := p.Standing(p.At.Add(test.after)); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	for _, printed := range []string{fmt.Sprint(p), fmt.Sprintf("%+v", p), p.LogValue().String()} {
		if printed != "proposal one" || strings.Contains(printed, "12345678Z") {
			t.Errorf("printed: %s", printed)
		}
	}
	if !p.Expires().After(p.Ends()) {
		t.Error("the row goes before the proposal ends")
	}
}
