package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/audit"
	"clave/census"
	"clave/census/staff"
	"clave/identity"
	"clave/internal/onetime"
	"clave/store"

	"github.com/google/go-cmp/cmp"
)

// desk is a register with its staff.
type desk struct {
	*register
	kept   *store.Staff
	roster *staff.Roster
	door   *staff.Door
}

var byOperator = staff.By{Operator: audit.Operator("root")}

// eachDesk runs the test on both engines, on a register that knows some people.
func eachDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	eachRegister(t, func(t *testing.T, r *register) {
		d := &desk{register: r, kept: store.NewStaff(r.db, r.keys.Columns())}
		now := func() time.Time { return r.now }
		trail := audit.NewRecorder(r.db.Audit(), r.keys.Columns(), now)
		d.roster = &staff.Roster{Tx: r.db, People: r.persons, Members: d.kept, Sessions: d.kept, Trail: trail, Now: now}
		d.door = &staff.Door{Tx: r.db, Members: d.kept, Sessions: d.kept, Trail: trail, Now: now}
		for i, number := range []string{"00000001R", "00000002W", "00000003A", "00000004G"} {
			r.hold(t, census.Reference{Person: identity.Person{
				Document: document(t, number), Kind: identity.DNI, GivenName: fmt.Sprint("Name", i), FirstSurname: "Uno", SecondSurname: "Dos",
				BirthDate: identity.Date{Year: 1980, Month: 1, Day: 1},
			}})
		}
		test(t, d)
	})
}

func (d *desk) add(t *testing.T, number string, role staff.Role, offices ...string) staff.Member {
	t.Helper()
	m, err := d.roster.Add(t.Context(), byOperator, document(t, number), role, offices)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (d *desk) signIn(t *testing.T, person identity.PersonID) string {
	t.Helper()
	token, err := d.door.SignIn(t.Context(), person, "LOGIN", false)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// admitted tells whether somebody is at work with the token.
func (d *desk) admitted(t *testing.T, token string) bool {
	t.Helper()
	_, err := d.door.Admit(t.Context(), token)
	if err != nil && !errors.Is(err, staff.ErrNoSession) {
		t.Fatal(err)
	}
	return err == nil
}

func TestStaffIsKeptAsItIs(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		if _, err := d.kept.Member(t.Context(), "NOBODY"); !errors.Is(err, staff.ErrNotMember) {
			t.Errorf("got %v for a stranger", err)
		}
		first := d.add(t, "00000001R", staff.Administrator)
		second := d.add(t, "00000002W", staff.Officer, "O1", "O2")
		want := []staff.Member{
			{Person: first.Person, Name: "Name0 Uno Dos", Role: staff.Administrator, Offices: []string{}, Since: d.now},
			{Person: second.Person, Name: "Name1 Uno Dos", Role: staff.Officer, Offices: []string{"O1", "O2"}, Since: d.now},
		}
		slices.SortFunc(want, func(a, b staff.Member) int { return strings.Compare(string(a.Person), string(b.Person)) })
		all, err := d.kept.Members(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, want); diff != "" {
			t.Error(diff)
		}
		// Under another key nothing changes but the seal.
		if done, err := d.kept.Reseal(t.Context(), nil); err != nil || done.Rows != 2 {
			t.Errorf("got %+v, %v", done, err)
		}
	})
}

func TestWhoMayNotChangeTheStaff(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		boss, officer := d.add(t, "00000001R", staff.Administrator), d.add(t, "00000002W", staff.Officer, "O1")
		third := document(t, "00000003A")
		add := func(by staff.By, number identity.DocumentID, role staff.Role, offices ...string) error {
			_, err := d.roster.Add(ctx, by, number, role, offices)
			return err
		}
		change := func(by staff.By, whom staff.Member, role staff.Role, offices ...string) error {
			return d.roster.Change(ctx, by, whom.Person, role, offices)
		}
		remove := func(by staff.By, whom identity.PersonID) error { return d.roster.Remove(ctx, by, whom) }
		byBoss, byOfficer := staff.By{Member: boss}, staff.By{Member: officer}
		forged := officer
		forged.Role = staff.Administrator
		for name, c := range map[string]struct{ got, want error }{
			"nobody":                                  {add(staff.By{}, third, staff.Officer, "O1"), staff.ErrRight},
			"an officer adds":                         {add(byOfficer, third, staff.Officer, "O1"), staff.ErrRight},
			"an officer says to be an administrator":  {add(staff.By{Member: forged}, third, staff.Officer, "O1"), staff.ErrRight},
			"an officer raises themselves":            {change(byOfficer, officer, staff.Administrator), staff.ErrRight},
			"an administrator moves to a desk":        {change(byBoss, boss, staff.Officer, "O1"), staff.ErrSelf},
			"an administrator leaves":                 {remove(byBoss, boss.Person), staff.ErrSelf},
			"the last administrator is removed":       {remove(byOperator, boss.Person), staff.ErrLastAdministrator},
			"the last administrator gets another job": {change(byOperator, boss, staff.Reviewer), staff.ErrLastAdministrator},
			"a member is added again":                 {add(byBoss, document(t, "00000002W"), staff.Officer, "O1"), staff.ErrMember},
			"an officer without an office":            {add(byBoss, third, staff.Officer), staff.ErrOffice},
			"a supervisor loses all offices":          {change(byBoss, officer, staff.Supervisor), staff.ErrOffice},
			"no role":                                 {add(byBoss, third, "king"), staff.ErrRole},
			"nobody is known by the document":         {add(byBoss, document(t, "12345678Z"), staff.Officer, "O1"), staff.ErrUnknown},
			"a stranger is changed":                   {change(byBoss, staff.Member{Person: "NOBODY"}, staff.Reviewer), staff.ErrNotMember},
			"a stranger is removed":                   {remove(byBoss, "NOBODY"), staff.ErrNotMember},
		} {
			if !errors.Is(c.got, c.want) || staff.Denial(c.got) != c.want {
				t.Errorf("%s: got %v, want %v", name, c.got, c.want)
			}
		}
		all, err := d.kept.Members(ctx)
		if err != nil || len(all) != 2 {
			t.Errorf("there are %d members now, %v", len(all), err)
		}
	})
}

func TestTheDeceasedDoNotWorkAtTheConsole(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.hold(t, census.Reference{Person: identity.Person{
			Document: document(t, "00000003A"), Kind: identity.DNI, GivenName: "Late", FirstSurname: "Uno", BirthDate: identity.Date{Year: 1930, Month: 1, Day: 1},
		}, DeceasedOn: identity.Date{Year: 2026, Month: 1, Day: 1}})
		if _, err := d.roster.Add(t.Context(), byOperator, document(t, "00000003A"), staff.Reviewer, nil); !errors.Is(err, staff.ErrBarred) {
			t.Errorf("got %v", err)
		}
	})
}

// Two administrators who remove each other at the same moment do not leave the staff
// without one.
func TestOneAdministratorStaysWhateverHappensAtOnce(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		var bosses []staff.Member
		for _, number := range []string{"00000001R", "00000002W", "00000003A", "00000004G"} {
			bosses = append(bosses, d.add(t, number, staff.Administrator))
		}
		var all sync.WaitGroup
		for i, boss := range bosses {
			all.Go(func() {
				other := bosses[(i+1)%len(bosses)].Person
				if err := d.roster.Remove(t.Context(), staff.By{Member: boss}, other); err != nil && staff.Denial(err) == nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		members, err := d.kept.Members(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(members, func(m staff.Member) bool { return m.Serving(d.now) }) {
			t.Error("nobody administers the staff any more")
		}
	})
}

func TestSessionsAtTheConsole(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		officer, boss := d.add(t, "00000001R", staff.Officer, "O1"), d.add(t, "00000002W", staff.Administrator)
		token := d.signIn(t, officer.Person)
		signed, err := d.door.Admit(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		if signed.Member.Name != "Name0 Uno Dos" || signed.Session.Office != "O1" || signed.Session.Login != "LOGIN" || signed.Session.Training {
			t.Errorf("got %+v", signed.Session)
		}
		if token, err := d.door.SignIn(ctx, "NOBODY", "LOGIN", false); err != nil || token != "" {
			t.Errorf("a stranger got %q, %v", token, err)
		}
		for _, guess := range []string{"", "x", string(onetime.Hash(token)), token + "x"} {
			if d.admitted(t, guess) {
				t.Errorf("%q admits", guess)
			}
		}

		// Unused for a quarter of an hour, used again and again, and in all.
		d.now = d.now.Add(staff.Idle - time.Second)
		if !d.admitted(t, token) {
			t.Error("ended before its time")
		}
		d.now = d.now.Add(staff.Idle)
		if d.admitted(t, token) {
			t.Error("did not end unused")
		}
		token = d.signIn(t, officer.Person)
		for begun := d.now; d.now.Sub(begun) < staff.Longest; d.now = d.now.Add(10 * time.Minute) {
			if !d.admitted(t, token) {
				t.Fatalf("ended in use after %s", d.now.Sub(begun))
			}
		}
		if d.admitted(t, token) {
			t.Error("did not end in all")
		}

		// Who leaves, whose role changes, and who is removed.
		mine, theirs := d.signIn(t, officer.Person), d.signIn(t, boss.Person)
		if err := d.door.Leave(ctx, mine, "left"); err != nil || d.admitted(t, mine) {
			t.Errorf("still at work after leaving, %v", err)
		}
		mine = d.signIn(t, officer.Person)
		if err := d.roster.Change(ctx, byOperator, officer.Person, staff.Supervisor, []string{"O2"}); err != nil || d.admitted(t, mine) {
			t.Errorf("still at work in another role, %v", err)
		}
		mine = d.signIn(t, officer.Person)
		if err := d.roster.Remove(ctx, staff.By{Member: boss}, officer.Person); err != nil || d.admitted(t, mine) {
			t.Errorf("still at work after removal, %v", err)
		}
		if token := d.signIn(t, officer.Person); token != "" {
			t.Error("signed in after removal")
		}
		if !d.admitted(t, theirs) {
			t.Error("somebody else's session ended")
		}
		// Who comes back begins anew: the old sessions stay over.
		d.add(t, "00000001R", staff.Officer, "O1")
		if d.admitted(t, mine) || !d.admitted(t, d.signIn(t, officer.Person)) {
			t.Error("coming back revives the sessions of before, or none")
		}
	})
}

// A session does not outlive the right to log in.
func TestWhoDiesOrIsRevokedIsNotAtWork(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		number := document(t, "00000001R")
		token := d.signIn(t, d.add(t, "00000001R", staff.Administrator).Person)
		if !d.admitted(t, token) {
			t.Fatal("not at work while alive")
		}
		d.hold(t, census.Reference{Person: identity.Person{
			Document: number, Kind: identity.DNI, GivenName: "Late", FirstSurname: "Uno", BirthDate: identity.Date{Year: 1930, Month: 1, Day: 1},
		}, DeceasedOn: identity.Date{Year: 2026, Month: 1, Day: 1}})
		if d.admitted(t, token) {
			t.Error("at work after death")
		}
		d.enrol(t, census.Registration{
			Person: "REVOKED", Document: document(t, "00000002W"), State: identity.Revoked, Level: identity.Advanced, Channel: identity.ByOffice, Language: "es", At: d.now,
		})
		m := staff.Member{Person: "REVOKED", Name: "Once Trusted", Role: staff.Officer, Offices: []string{"O1"}, Since: d.now}
		if err := d.kept.SaveMember(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if d.admitted(t, d.signIn(t, m.Person)) {
			t.Error("at work after the revocation")
		}
	})
}

func TestAMemberActsAtTheirOwnOfficesOnly(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		token := d.signIn(t, d.add(t, "00000001R", staff.Officer, "O1", "O2").Person)
		at := func() *staff.Signed {
			t.Helper()
			signed, err := d.door.Admit(ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			return signed
		}
		signed := at()
		if signed.Session.Office != "" {
			t.Errorf("an office was chosen for them: %s", signed.Session.Office)
		}
		for _, office := range []string{"", "O3"} {
			if err := d.door.Choose(ctx, signed, office); !errors.Is(err, staff.ErrOffice) {
				t.Errorf("%q: got %v", office, err)
			}
		}
		if err := d.door.Choose(ctx, signed, "O2"); err != nil || at().Session.Office != "O2" {
			t.Errorf("got %v, at %s", err, at().Session.Office)
		}
	})
}

func TestSessionsAtTheConsoleAreSwept(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		token := d.signIn(t, d.add(t, "00000001R", staff.Administrator).Person)
		if err := d.kept.Sweep(t.Context(), d.now.Add(staff.Longest)); err != nil || !d.admitted(t, token) {
			t.Errorf("swept too early, %v", err)
		}
		if err := d.kept.Sweep(t.Context(), d.now.Add(staff.Longest+25*time.Hour)); err != nil || d.admitted(t, token) {
			t.Errorf("not swept, %v", err)
		}
	})
}

func TestMembersPrintMasked(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		m := d.add(t, "00000001R", staff.Administrator)
		if printed := fmt.Sprintf("%v %+v %s", m, m, m); contains(printed, "Name0") {
			t.Errorf("a member prints as %s", printed)
		}
	})
}
