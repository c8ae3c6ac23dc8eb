package proposals_test

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/census"
	"clave/census/office"
	"clave/census/proposal"
	"clave/census/registrar"
	"clave/census/staff"
	"clave/identity"
	"clave/web/console"
	"clave/web/console/proposals"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/page/pagetest"
	"clave/web/route"

	"github.com/gorilla/mux"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// bench is a list of proposals, and who reads it: the token is the role.
type bench struct {
	all []proposal.Proposal
	err error // of decisions
}

var texts = sync.OnceValues(lang.Load)

func (b *bench) open(t *testing.T, role staff.Role, l lang.Language) *pagetest.Browser {
	t.Helper()
	loaded, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	engine := page.New(loaded, page.Frame{Now: func() time.Time { return noon }, Zone: time.UTC, Log: log})
	engine.Compare(func(err error) { t.Error(err) })
	c := console.New(console.Config{
		Engine: engine, Door: b, Cookie: console.Cookie{Jar: broker.CookieJar{Secure: true}}, Offices: office.NewDirectory(nowhere{}), Members: b,
		Sections: []console.Section{proposals.Section()}, Log: log, Now: func() time.Time { return noon },
	})
	pages := proposals.New(proposals.Config{
		Console: c, Desk: b, List: b, Register: b, Log: log, Now: func() time.Time { return noon },
	})
	router := mux.NewRouter()
	if err := route.Mount(router, c.Apart(pages.Routes(), nil), route.Guards{Officer: c.Guard, Fail: engine.ErrorPage, Log: log}); err != nil {
		t.Fatal(err)
	}
	browser := pagetest.New(t, router)
	browser.Language = string(l)
	browser.Cookies["__Host-clave_staff"] = string(role)
	return browser
}

// Admit implements console.Door.
func (b *bench) Admit(_ context.Context, token string) (*staff.Signed, error) {
	m := staff.Member{Person: "me", Name: "Sara Firmante", Role: staff.Role(token), Offices: []string{"P28001"}, Since: noon}
	return &staff.Signed{Member: m, Session: staff.Session{ID: "S", Person: "me", Office: "P28001", Started: noon, Seen: noon}}, nil
}

// Refuse implements console.Door.
func (b *bench) Refuse(context.Context, *staff.Signed, staff.Act) error { return nil }

// Choose implements console.Door.
func (b *bench) Choose(context.Context, *staff.Signed, string) error { return nil }

// Stay implements console.Door.
func (b *bench) Stay(context.Context, *staff.Signed) error { return nil }

// Leave implements console.Door.
func (b *bench) Leave(context.Context, string, string) error { return nil }

type nowhere struct{}

func (nowhere) Version(context.Context) (int64, error)                           { return 1, nil }
func (nowhere) Offices(context.Context) ([]office.Office, int64, error)          { return nil, 1, nil }
func (nowhere) ReplaceOffices(context.Context, []office.Office, time.Time) error { return nil }

// Review implements proposals.Desk.
func (b *bench) Review(_ context.Context, _ *staff.Signed, id string) (proposal.Proposal, error) {
	for _, p := range b.all {
		if p.ID == id {
			return p, nil
		}
	}
	return proposal.Proposal{}, proposal.ErrNone
}

// Approve implements proposals.Desk.
func (b *bench) Approve(ctx context.Context, by *staff.Signed, id string) (proposal.Proposal, error) {
	p, _ := b.Review(ctx, by, id)
	return p, b.err
}

// Reject implements proposals.Desk.
func (b *bench) Reject(ctx context.Context, by *staff.Signed, id string, why proposal.Why) (proposal.Proposal, error) {
	if why == "" {
		return proposal.Proposal{}, proposal.ErrReason
	}
	return b.Approve(ctx, by, id)
}

// Proposals implements proposals.List.
func (b *bench) Proposals(_ context.Context, f proposal.Filter, _ time.Time) ([]proposal.Proposal, bool, error) {
	var found []proposal.Proposal
	for _, p := range b.all {
		if f.Proposer == "" && p.Standing(noon) == proposal.Open || f.Proposer != "" && p.Proposer == f.Proposer {
			found = append(found, p)
		}
	}
	found = found[min(f.Offset, len(found)):]
	return found[:min(f.Limit, len(found))], len(found) > f.Limit, nil
}

// Candidate implements proposals.Register.
func (b *bench) Candidate(_ context.Context, document identity.DocumentID) (census.Candidate, error) {
	c := census.Candidate{Known: true, State: identity.Registered}
	c.Reference.Person = identity.Person{Document: document, GivenName: "Sam", FirstSurname: "Sample"}
	return c, nil
}

// Members implements console.Members.
func (b *bench) Members(context.Context) ([]staff.Member, error) { return nil, nil }

// Member implements console.Members.
func (b *bench) Member(_ context.Context, person identity.PersonID) (staff.Member, error) {
	if person == "gone" {
		return staff.Member{}, staff.ErrNotMember
	}
	return staff.Member{Person: person, Name: "Olga Mostrador"}, nil
}

func sample(t *testing.T) *bench {
	t.Helper()
	document, err := identity.ParseDocument("12345678Z")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{}
	for i := range 25 {
		b.all = append(b.all, proposal.Proposal{
			ID: "p" + strconv.Itoa(i), Person: "P", Document: document, Change: registrar.Revoked, Reason: proposal.Fraud, Number: "2026/17",
			Proposer: "gone", Office: "P28001", At: noon, State: proposal.Open,
		})
	}
	b.all[1].Person = "me"
	b.all[2].Proposer = "me"
	b.all[3].State, b.all[3].Decider, b.all[3].Why, b.all[3].Decided, b.all[3].Proposer = proposal.Rejected, "x", proposal.NotProven, noon, "me"
	b.all[4].Change, b.all[4].Reason = registrar.Lifted, proposal.Cleared
	b.all[5].At = noon.Add(-proposal.Life)
	return b
}

// Every page, in every language; the engine compares each with what html/template
// itself would write.
func TestPagesInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, l := range lang.All() {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			b := sample(t)
			for _, role := range []staff.Role{staff.Supervisor, staff.Officer} {
				w := b.open(t, role, l)
				for _, path := range []string{"", "?page=2", "?own=1", "?page=999999", "/one/p0", "/one/p2", "/one/p3", "/one/p4", "/one/p5"} {
					w.Get(proposals.Path + path)
				}
			}
		})
	}
}

func TestWhoSeesAndDecidesWhat(t *testing.T) {
	t.Parallel()
	b := sample(t)
	sara := b.open(t, staff.Supervisor, lang.English)
	sara.Get(proposals.Path)
	sara.Says("•••••678Z", "/one/p0", "?page=2")
	sara.Lacks("12345678Z", "/one/p1\"", "Sam Sample", "/one/p5\"") // about herself; too late
	sara.Get(proposals.OnePath + "p0")
	sara.Says("12345678Z", "Sam Sample", "/one/p0/approve")
	sara.Get(proposals.OnePath + "p2")
	sara.Lacks("/approve")
	sara.Get(proposals.OnePath + "p5")
	sara.Lacks("/approve")
	sara.Says("Expired")
	sara.Wrong("why", "Choose why it is rejected.", proposals.OnePath+"p0/reject")
	sara.Goes(proposals.OnePath+"p0", proposals.OnePath+"p0/reject", "why", "not_proven")
	for err, says := range map[error]string{
		proposal.ErrDecided: "decided already", proposal.ErrOwn: "Nobody decides", registrar.ErrRevoked: "has changed since",
	} {
		b.err = err
		sara.Stopped(http.StatusConflict, says, proposals.OnePath+"p0/approve")
	}
	if sara.Do(http.MethodGet, proposals.OnePath+"nothing", nil); sara.Status != http.StatusNotFound {
		t.Errorf("what does not exist: got %d", sara.Status)
	}
	b.err = nil
	sara.CrossSite = true
	if sara.Post(proposals.OnePath + "p0/approve"); sara.Status != http.StatusForbidden {
		t.Errorf("another site approves: got %d", sara.Status)
	}
	olga := b.open(t, staff.Officer, lang.English)
	olga.Get(proposals.Path)
	olga.Says("/one/p2\"", "/one/p3\"")
	olga.Lacks("/one/p0\"")
	for _, decision := range []string{"approve", "reject"} {
		if olga.Post(proposals.OnePath+"p0/"+decision, "why", "not_proven"); olga.Status != http.StatusForbidden {
			t.Errorf("an officer decides: got %d", olga.Status)
		}
	}
}
