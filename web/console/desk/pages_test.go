package desk_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/census"
	lookups "clave/census/desk"
	"clave/census/office"
	"clave/census/proposal"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/census/registration"
	"clave/census/registration/registrationtest"
	"clave/census/staff"
	"clave/identity"
	"clave/web/console"
	"clave/web/console/desk"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/page/pagetest"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// hall is the pages of the desk over a world in memory, with officers by the token of
// their session.
type hall struct {
	*registrationtest.World
	mu       sync.Mutex
	cases    map[string]lookups.Case
	past     []registrar.Record
	proposed []proposal.Proposal
	server   http.Handler
}

var texts = sync.OnceValues(lang.Load)

func open(t *testing.T) *hall {
	t.Helper()
	loaded, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	h := &hall{World: registrationtest.New(t), cases: map[string]lookups.Case{}}
	engine := page.New(loaded, page.Frame{Now: h.Clock.Now, Zone: time.UTC})
	engine.Compare(func(err error) { t.Error(err) })
	log := slog.New(slog.NewTextHandler(h.Log, nil))
	c := console.New(console.Config{
		Engine: engine, Door: h, Cookie: console.Cookie{Jar: broker.CookieJar{Secure: true}}, Offices: office.NewDirectory(nowhere{}), Members: h,
		Sections: []console.Section{desk.Section()}, Log: log, Now: h.Clock.Now,
	})
	pages := desk.New(desk.Config{
		Console:  c,
		Desk:     &lookups.Desk{Tx: h.Memory, Cases: h, Register: h.Register, Trail: h.Trail, Log: log, Now: h.Clock.Now},
		Register: h, Registrar: h, Procedures: h.Procedures, Proposals: h, Proposed: "/staff/proposals/one/",
		Receipts: h.Town.Receipts, Papers: receipt.NewRenderer(loaded, pagetest.Origin, receipt.About{Name: "Cl@ve", Zone: time.UTC}),
		Log: log, Now: h.Clock.Now,
	})
	router := mux.NewRouter()
	err = route.Mount(router, append(c.Apart(pages.Routes(), nil), engine.Routes()...), route.Guards{Officer: c.Guard, Fail: engine.ErrorPage, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	h.server = router
	return h
}

// officer is the browser of who is at work with a token.
func (h *hall) officer(t *testing.T, token string) *pagetest.Browser {
	b := pagetest.New(t, h.server)
	b.Cookies["__Host-clave_staff"] = token
	return b
}

// Admit implements console.Door: everybody is an officer of P28001; who is called
// training practises.
func (h *hall) Admit(_ context.Context, token string) (*staff.Signed, error) {
	if token == "" {
		return nil, staff.ErrNoSession
	}
	m := staff.Member{Person: identity.PersonID("person-of-" + token), Name: "Olga Mostrador", Role: staff.Officer, Offices: []string{"P28001"}, Since: h.Clock.Now()}
	return &staff.Signed{Member: m, Session: staff.Session{ID: token, Person: m.Person, Office: "P28001", Training: token == "training", Started: h.Clock.Now(), Seen: h.Clock.Now()}}, nil
}

// Refuse implements console.Door.
func (h *hall) Refuse(context.Context, *staff.Signed, staff.Act) error { return nil }

// Choose implements console.Door.
func (h *hall) Choose(context.Context, *staff.Signed, string) error { return nil }

// Stay implements console.Door.
func (h *hall) Stay(context.Context, *staff.Signed) error { return nil }

// Leave implements console.Door.
func (h *hall) Leave(context.Context, string, string) error { return nil }

// nowhere is a directory without offices: their codes are shown instead.
type nowhere struct{}

func (nowhere) Version(context.Context) (int64, error)                           { return 1, nil }
func (nowhere) Offices(context.Context) ([]office.Office, int64, error)          { return nil, 1, nil }
func (nowhere) ReplaceOffices(context.Context, []office.Office, time.Time) error { return nil }

// LookUps implements desk.Cases.
func (h *hall) LookUps(_ context.Context, officer identity.PersonID, since time.Time) (times []time.Time, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.cases {
		if c.Officer == officer && c.Opened.After(since) {
			times = append(times, c.Opened)
		}
	}
	return times, nil
}

// AddCase implements desk.Cases.
func (h *hall) AddCase(_ context.Context, c lookups.Case) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cases[c.ID] = c
	return nil
}

// Case implements desk.Cases.
func (h *hall) Case(_ context.Context, id string) (lookups.Case, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, ok := h.cases[id]
	if !ok {
		return c, lookups.ErrNoCase
	}
	return c, nil
}

// Begun implements desk.Cases.
func (h *hall) Begun(ctx context.Context, id, procedure string) error {
	c, err := h.Case(ctx, id)
	c.Procedure = procedure
	return errors.Join(err, h.AddCase(ctx, c))
}

// Candidate implements desk.Register.
func (h *hall) Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error) {
	return h.Register.Candidate(ctx, document)
}

// Recognise implements desk.Register.
func (h *hall) Recognise(ctx context.Context, document identity.DocumentID) (identity.PersonID, identity.Person, identity.State, error) {
	c, err := h.Register.Candidate(ctx, document)
	if c.PersonID == "" {
		c.PersonID = "fresh"
	}
	return c.PersonID, c.Reference.Person, c.State, err
}

// History implements desk.Registrar.
func (h *hall) History(context.Context, identity.PersonID) ([]registrar.Record, error) {
	return append([]registrar.Record{}, h.past...), nil
}

// Possible implements desk.Registrar.
func (h *hall) Possible(ctx context.Context, person identity.PersonID, by registrar.By, changes ...registrar.Change) (e registrar.Entry, can []registrar.Change, err error) {
	for _, c := range changes {
		if _, err := h.Town.Allows(ctx, c, person, by); err == nil {
			can = append(can, c)
		}
	}
	return e, can, nil
}

// Propose implements desk.Proposals.
func (h *hall) Propose(_ context.Context, _ *staff.Signed, p proposal.Proposal) (proposal.Proposal, error) {
	p.ID = "made"
	h.proposed = append(h.proposed, p)
	return p, nil
}

// Members implements console.Members.
func (h *hall) Members(context.Context) ([]staff.Member, error) { return nil, nil }

// Member implements console.Members.
func (h *hall) Member(_ context.Context, person identity.PersonID) (staff.Member, error) {
	if person == "gone" {
		return staff.Member{}, staff.ErrNotMember
	}
	return staff.Member{Person: person, Name: "Olga Mostrador"}, nil
}

// found looks a citizen up and answers where the record is.
func found(b *pagetest.Browser, number string) string {
	b.T.Helper()
	to := b.Post(desk.Path, "document", number, "reason", "change", "number", "")
	if b.Status != http.StatusSeeOther {
		b.T.Fatalf("looking up: got %d\n%s", b.Status, b.Main())
	}
	return to
}

var ticked = []string{"seen_document", "dni", "present", "1", "original", "1", "in_force", "1", "alike", "1", "of_age", "1", "language", "es"}

func TestACaseIsItsSessionsOwn(t *testing.T) {
	t.Parallel()
	h := open(t)
	olga, thief := h.officer(t, "olga"), h.officer(t, "thief")
	record := found(olga, registrationtest.Member)
	olga.Get(record)
	olga.Says("Sam Sample")
	olga.Goes(record+"/seen", record+"/start", "act", string(registration.DeskPhone))
	for _, path := range []string{"", "/seen", "/contact", "/confirm", "/acceptance", "/sms", "/done", "/receipt", "/propose"} {
		thief.Sent(desk.Path+"?gone=1", record+path)
	}
	for _, path := range []string{"/start", "/seen", "/contact", "/claim", "/confirm", "/sms", "/again", "/finish", "/propose"} {
		thief.Goes(desk.Path+"?gone=1", record+path, append([]string{"act", "desk_withdraw"}, ticked...)...)
	}
	nobody := pagetest.New(t, h.server)
	if to := nobody.Do(http.MethodGet, record, nil); nobody.Status != http.StatusSeeOther || !strings.HasPrefix(to, "/staff?") {
		t.Errorf("without a session: got %d to %s", nobody.Status, to)
	}
	olga.Get(record + "/seen")
}

func TestACaseClosesAndWhatWasBegunGoesOn(t *testing.T) {
	t.Parallel()
	h := open(t)
	olga := h.officer(t, "olga")
	idle, record := found(olga, registrationtest.Stranger), found(olga, registrationtest.Member)
	olga.Goes(record+"/seen", record+"/start", "act", string(registration.DeskRegenerate))
	h.Clock.Pass(lookups.Shown)
	olga.Sent(desk.Path+"?gone=1", idle)
	olga.Goes(desk.Path+"?gone=1", idle+"/start", "act", string(registration.DeskRegister))
	olga.Sent(desk.Path+"?gone=1", idle+"/propose")
	olga.Sent(record+"/seen", record)
	olga.Goes(record+"/confirm", record+"/seen", ticked...)
	olga.Goes(record+"/done", record+"/confirm", "conditions", receipt.CurrentConditions)
	olga.Get(record + "/done")
	if strings.Contains(olga.Page, "AAAA-BBBB-CCCC") {
		t.Error("the page shows the activation code")
	}
	olga.Get(record + "/receipt")
	if len(h.proposed) > 0 {
		t.Error("something was proposed in a case that is closed")
	}
}

func TestNobodyServesThemselves(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.officer(t, "R") // the member's person is person-of-R
	b.Stopped(http.StatusForbidden, "Nobody looks up or changes their own record", desk.Path, "document", registrationtest.Member, "reason", "query")
	for _, c := range h.cases {
		b.Sent(desk.Path+"?gone=1", desk.Path+"/case/"+c.ID)
	}
}

func TestLookUpsEnd(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.officer(t, "olga")
	for range lookups.Hourly {
		found(b, registrationtest.Member)
	}
	b.Stopped(http.StatusTooManyRequests, "You made too many look-ups in an hour", desk.Path, "document", registrationtest.Member, "reason", "query")
	if b.Header.Get("Retry-After") != "3600" {
		t.Errorf("got Retry-After %q", b.Header.Get("Retry-After"))
	}
	if !strings.Contains(h.Log.String(), "look-up refused at the desk") {
		t.Error("nobody is warned")
	}
}

func TestFormsOfOtherSitesAndOfTheTrainingDoNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	record := found(h.officer(t, "olga"), registrationtest.Member)
	forged, training := h.officer(t, "olga"), h.officer(t, "training")
	forged.CrossSite = true
	for _, path := range []string{desk.Path, record + "/start", record + "/seen", record + "/confirm", record + "/propose", record + "/finish"} {
		for name, b := range map[string]*pagetest.Browser{"another site": forged, "the training": training} {
			b.Post(path, "document", registrationtest.Gone, "reason", "query", "act", "desk_withdraw")
			if b.Status != http.StatusForbidden {
				t.Errorf("%s, %s: got %d", name, path, b.Status)
			}
		}
	}
	if len(h.cases) != 1 || len(h.Memory.Rows()) != 0 {
		t.Error("something was done")
	}
}

// Every page of an act, with its mistakes, in every language; the engine compares each
// with what html/template itself would write.
func TestPagesInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, l := range lang.All() {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			h := open(t)
			h.past = []registrar.Record{
				{Change: registrar.Registered, At: h.Clock.Now(), State: identity.Registered, Level: identity.Advanced, By: registrar.By{
					Channel: identity.ByOffice, Officer: "gone", Office: "P28001",
					Seen: registrar.Seen{Document: identity.DNI, Guardian: registrationtest.Document(registrationtest.Gone), Proof: registrar.FamilyBook},
				}},
				{Change: registrar.Revoked, At: h.Clock.Now(), State: identity.Revoked, By: registrar.By{Officer: "a", Proposer: "b", Reason: "fraud"}},
				{Change: registrar.Lifted, At: h.Clock.Now(), State: identity.Withdrawn, By: registrar.By{Officer: "a", Reason: "12345678Z did it"}},
			}
			for range 25 {
				h.past = append(h.past, registrar.Record{Change: registrar.EmailConfirmed, At: h.Clock.Now(), State: identity.Registered})
			}
			b := h.officer(t, "olga")
			b.Language = string(l)
			b.Get(desk.Path)
			b.Post(desk.Path)
			record := found(b, registrationtest.Member)
			b.Get(record)
			b.Get(record + "?page=3")
			b.Says("Olga Mostrador", "gone", "•••••222J")
			b.Lacks("did it", registrationtest.Gone, registrationtest.MemberPhone)
			b.Get(record + "?page=99999999999999999999")
			b.Goes(record+"/seen", record+"/start", "act", string(registration.DeskPhone))
			b.Get(record + "/seen")
			b.Post(record + "/seen")
			b.Goes(record+"/contact", record+"/seen", append(ticked[:len(ticked)-1:len(ticked)-1], string(l))...)
			b.Get(record + "/contact")
			b.Post(record + "/contact")
			b.Goes(record+"/confirm", record+"/contact", "prefix", "34", "phone", "600000001", "phone_again", "600000001")
			b.Sent(record+"/confirm", record+"/sms")
			b.Get(record + "/confirm")
			b.Post(record + "/confirm")
			b.Get(record + "/acceptance")
			if sheets := strings.Count(b.Page, `class="sheet"`); sheets != 1 && l == lang.Spanish || sheets != 2 && l != lang.Spanish {
				t.Errorf("%d sheets", sheets)
			}
			b.Goes(record+"/sms", record+"/confirm", "conditions", receipt.CurrentConditions)
			b.Get(record + "/sms")
			b.Post(record+"/sms", "sms", "1")
			b.Post(record + "/again")
			b.Goes(record+"/done", record+"/sms", "sms", h.Outbox.Code(t))
			b.Get(record + "/done")
			b.Get(record + "/propose")
			b.Post(record + "/propose")
			b.Goes("/staff/proposals/one/made", record+"/propose", "reason", "fraud", "change", "revoked")
			b.Goes(record+"/seen", record+"/start", "act", string(registration.DeskPhone))
			b.Post(record+"/start", "act", string(registration.DeskRegister))
		})
	}
}
