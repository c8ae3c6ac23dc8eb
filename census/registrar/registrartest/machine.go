package registrartest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"clave/audit"
	"clave/broker"
	"clave/census/registrar"
	"clave/identity"

	"pgregory.net/rapid"
)

// Machine does acts in any order on a few citizens and phones, and looks after each
// one whether everything holds that always has to.
func Machine(t *testing.T, p Parts) {
	rapid.Check(t, func(r *rapid.T) {
		m := newMachine(t, New(t, p))
		r.Repeat(map[string]func(*rapid.T){
			"register": m.register, "raise": m.raise, "change phone": m.changePhone, "change e-mail": m.changeEmail,
			"confirm e-mail": m.confirmEmail, "regenerate": m.regenerate, "withdraw": m.withdraw,
			"revoke": m.revoke, "lift": m.lift, "die": m.die, "log in": m.logIn, "": m.check,
		})
	})
}

// machine is the world and what it should be, kept by simple means: it knows nothing
// of how the registrar decides.
type machine struct {
	t      *testing.T
	w      *World
	phones []identity.Phone
	people []*subject
}

// subject is what a citizen should be.
type subject struct {
	Citizen
	person    identity.PersonID
	state     identity.State
	level     identity.Registration
	phone     identity.Phone
	email     identity.Email
	confirmed bool
	dead      bool
	// strong: somebody saw them or a certificate proved them since they registered
	// with a letter last.
	strong bool
	live   bool // has sessions and grants
	code   string
	// What they were given and told: all changes, those with receipt, those with notice.
	changes            []registrar.Change
	receipts, messages int
}

func newMachine(t *testing.T, w *World) *machine {
	m := &machine{t: t, w: w, phones: Phones(t, 3)}
	for _, c := range w.Citizens(t, 4) {
		m.people = append(m.people, &subject{Citizen: c, state: identity.Unregistered})
	}
	return m
}

func (m *machine) someone(r *rapid.T) *subject {
	s := rapid.SampledFrom(m.people).Draw(r, "citizen")
	if s.person == "" {
		var err error
		if s.person, err = m.w.personOf(context.Background(), s.Citizen); err != nil {
			m.t.Fatal(err)
		}
	}
	return s
}

func (m *machine) phone(r *rapid.T) identity.Phone {
	return rapid.SampledFrom(m.phones).Draw(r, "phone")
}

// proven is a proof and what it is worth.
type proven struct {
	name string
	registrar.By
	login, strong bool // a login by PIN, Móvil or password; a certificate or an office
}

func proof(r *rapid.T) proven {
	return rapid.SampledFrom([]proven{
		{"letter", Letter(), false, false}, {"certificate", Certificate(), false, true}, {"office", Desk(), false, true},
		{"pin", Login(identity.PIN), true, false}, {"movil", Login(identity.Movil), true, false},
		{"permanente", Login(identity.Permanente), true, false}, {"eidas", Login(identity.EIDAS), false, false}, {"nothing", registrar.By{}, false, false},
	}).Draw(r, "proof")
}

// expect fails unless the act succeeded exactly when it should.
func (m *machine) expect(r *rapid.T, err error, should bool) bool {
	for _, known := range []error{registrar.ErrState, registrar.ErrRevoked, registrar.ErrDeceased, registrar.ErrEvidence,
		registrar.ErrNotHigher, registrar.ErrUnchanged, registrar.ErrOtherEmail, registrar.ErrConfirmed, registrar.ErrPhone} {
		if errors.Is(err, known) {
			err = known
		}
	}
	if (err == nil) != should {
		r.Fatalf("got %v, want success %t", err, should)
	}
	return err == nil
}

func (s *subject) in(states ...identity.State) bool {
	return !s.dead && slices.Contains(states, s.state)
}

// happened notes a change with what belongs to it.
func (s *subject) happened(change registrar.Change, receipt bool, messages int) {
	s.changes = append(s.changes, change)
	if receipt {
		s.receipts++
	}
	s.messages += messages
}

// take is what a claim of a phone does to whoever has it.
func (m *machine) take(phone identity.Phone, by *subject) bool {
	for _, other := range m.people {
		if other != by && other.state == identity.Registered && other.phone == phone {
			other.state, other.phone, other.live = identity.PhoneRevoked, identity.Phone{}, false
			other.happened(registrar.PhoneTaken, false, 1)
			return true
		}
	}
	return false
}

// free tells whether no registered citizen has the phone.
func (m *machine) free(phone identity.Phone) bool {
	return !slices.ContainsFunc(m.people, func(s *subject) bool { return s.state == identity.Registered && s.phone == phone })
}

func (m *machine) register(r *rapid.T) {
	s, phone, by := m.someone(r), m.phone(r), proof(r)
	email := s.Citizen.Email
	done, err := m.w.Registrar.Register(context.Background(), registrar.Application{Document: s.Document, Phone: phone, Email: email}, by.By)
	if !m.expect(r, err, s.in(identity.Unregistered, identity.Withdrawn, identity.PhoneRevoked) && (by.strong || by.name == "letter")) {
		return
	}
	took := m.take(phone, s)
	if done.TookPhone != took {
		r.Errorf("took a phone: got %t, want %t", done.TookPhone, took)
	}
	messages := 2
	if !s.phone.IsZero() && s.phone != phone && m.free(s.phone) {
		messages++ // the phone of before
	}
	if !s.email.IsZero() && s.email != email {
		messages++
	}
	s.confirmed = s.confirmed && s.email == email
	s.state, s.phone, s.email, s.strong, s.code = identity.Registered, phone, email, by.strong, done.Activation
	s.level = identity.Basic
	if by.strong {
		s.level = identity.Advanced
	}
	s.happened(registrar.Registered, true, messages)
}

func (m *machine) raise(r *rapid.T) {
	s, by := m.someone(r), proof(r)
	_, err := m.w.Raise(context.Background(), s.person, by.By)
	if m.expect(r, err, s.in(identity.Registered, identity.PhoneRevoked) && by.strong && s.level == identity.Basic) {
		s.level, s.strong = identity.Advanced, true
		s.happened(registrar.Raised, true, m.reach(s))
	}
}

// reach counts where a citizen is told of things.
func (m *machine) reach(s *subject) (n int) {
	if !s.phone.IsZero() && (s.state == identity.Registered || m.free(s.phone)) {
		n++
	}
	if !s.email.IsZero() {
		n++
	}
	return n
}

func (m *machine) changePhone(r *rapid.T) {
	s, phone, by := m.someone(r), m.phone(r), proof(r)
	_, err := m.w.ChangePhone(context.Background(), s.person, phone, by.By)
	if !m.expect(r, err, s.in(identity.Registered, identity.PhoneRevoked) && by.strong && phone != s.phone) {
		return
	}
	m.take(phone, s)
	messages := 2
	if !s.phone.IsZero() {
		messages++
	}
	s.state, s.phone, s.live = identity.Registered, phone, false
	s.happened(registrar.PhoneChanged, true, messages)
}

// holds tells whether the phone that was proven is enough for who is logged in.
func (s *subject) holds(phone identity.Phone, by proven) bool {
	return by.Login == "" || s.state != identity.Registered || phone == s.phone
}

func (m *machine) changeEmail(r *rapid.T) {
	s, by := m.someone(r), proof(r)
	email := Email(m.t, rapid.SampledFrom([]string{"one@correo.example", "other@correo.example"}).Draw(r, "e-mail"))
	phone := m.phone(r)
	_, err := m.w.ChangeEmail(context.Background(), s.person, email, phone, by.By)
	enough := (by.strong || by.login) && s.holds(phone, by)
	if !m.expect(r, err, s.in(identity.Registered, identity.PhoneRevoked) && enough && email != s.email) {
		return
	}
	s.email, s.confirmed = email, false
	s.happened(registrar.EmailChanged, true, m.reach(s)+1)
}

func (m *machine) confirmEmail(r *rapid.T) {
	s, by := m.someone(r), proof(r)
	err := m.w.ConfirmEmail(context.Background(), s.person, s.email, by.By)
	if m.expect(r, err, s.in(identity.Registered, identity.PhoneRevoked) && (by.strong || by.login) && !s.confirmed) {
		s.confirmed = true
		s.happened(registrar.EmailConfirmed, false, 0)
	}
}

func (m *machine) regenerate(r *rapid.T) {
	s, by := m.someone(r), proof(r)
	done, err := m.w.Regenerate(context.Background(), s.person, by.By)
	enough := by.strong || s.level == identity.Advanced && (by.name == "pin" || by.name == "movil")
	if m.expect(r, err, s.in(identity.Registered) && enough) {
		s.code = done.Activation
		s.happened(registrar.Regenerated, true, m.reach(s))
	}
}

func (m *machine) withdraw(r *rapid.T) {
	s, by := m.someone(r), proof(r)
	phone := m.phone(r)
	_, err := m.w.Withdraw(context.Background(), s.person, phone, by.By)
	enough := (by.strong || by.login) && s.holds(phone, by) || by.name == "letter" && s.level == identity.Basic
	if m.expect(r, err, s.in(identity.Registered, identity.PhoneRevoked) && enough) {
		s.happened(registrar.Withdrawn, true, m.reach(s))
		s.state, s.live, s.code = identity.Withdrawn, false, ""
	}
}

func (m *machine) revoke(r *rapid.T) {
	s, by := m.someone(r), proof(r)
	_, err := m.w.Revoke(context.Background(), s.person, by.By)
	if m.expect(r, err, s.in(identity.Registered, identity.PhoneRevoked, identity.Withdrawn, identity.Unregistered) && by.name == "office") {
		s.happened(registrar.Revoked, true, m.reach(s))
		s.state, s.live, s.code = identity.Revoked, false, ""
	}
}

func (m *machine) lift(r *rapid.T) {
	s, by := m.someone(r), proof(r)
	_, err := m.w.Lift(context.Background(), s.person, by.By)
	if m.expect(r, err, s.in(identity.Revoked) && by.name == "office") {
		s.happened(registrar.Lifted, true, m.reach(s))
		s.state = identity.Withdrawn
		if !slices.Contains(s.changes, registrar.Registered) {
			s.state = identity.Unregistered
		}
	}
}

// die happens once in a while: the dead do little afterwards.
func (m *machine) die(r *rapid.T) {
	s := m.someone(r)
	if rapid.IntRange(0, 9).Draw(r, "fate") > 0 || s.dead {
		return
	}
	dead := s.Reference
	dead.DeceasedOn = identity.Date{Year: 2026, Month: 11, Day: 1}
	replaced := m.w.Probe.Know(m.t, dead)
	if !slices.Equal(replaced.Died, []identity.PersonID{s.person}) {
		r.Errorf("the import found %v", replaced.Died)
	}
	if err := m.w.Died(context.Background(), s.person, audit.Operator("import")); err != nil {
		r.Fatal(err)
	}
	if s.state == identity.Registered || s.state == identity.PhoneRevoked {
		s.state = identity.Withdrawn
	}
	s.dead, s.live, s.code = true, false, ""
	s.happened(registrar.Died, false, 0)
}

// logIn gives a citizen sessions and grants, as a certificate does in most states.
func (m *machine) logIn(r *rapid.T) {
	s := m.someone(r)
	if s.dead || s.state == identity.Revoked || s.live {
		return
	}
	m.w.Probe.LogIn(m.t, s.person, "login-of-"+string(s.person))
	s.live = true
}

// check looks at everything that always has to hold.
func (m *machine) check(r *rapid.T) {
	holders, messages := map[identity.Phone]int{}, 0
	for i, s := range m.people {
		messages += s.messages
		if s.person == "" {
			continue
		}
		m.checkStanding(r, i, s)
		m.checkPapers(r, i, s)
		if s.state == identity.Registered {
			holders[s.phone]++
		}
	}
	for phone, n := range holders {
		if n > 1 {
			r.Errorf("phone %v has %d citizens", phone, n)
		}
	}
	if got := m.w.Sent(); got != messages {
		r.Errorf("%d messages were sent, want %d", got, messages)
	}
}

func (m *machine) checkStanding(r *rapid.T, i int, s *subject) {
	got := m.w.Candidate(m.t, s.Citizen)
	want, level, phone := s.state, s.level, s.phone
	if s.dead {
		want = identity.Deceased
	}
	if want != identity.Registered && want != identity.PhoneRevoked {
		level = identity.NoRegistration
	}
	if got.State != want || got.Registration != level || got.Phone != phone || got.Email != s.email {
		r.Errorf("citizen %d: got %s %s with %v, want %s %s with %v", i, got.State, got.Registration, got.Phone, want, level, phone)
	}
	if got.Registration == identity.Advanced && !s.strong {
		r.Errorf("citizen %d is advanced without evidence", i)
	}
	// Whoever is not registered uses nothing but certificate and eIDAS; whoever is
	// revoked or dead nothing at all.
	standing := broker.Standing{Person: s.person, State: got.State, Registration: got.Registration, Channel: got.Channel}
	for _, method := range identity.Methods() {
		opens := broker.Demand{Level: identity.Low, Methods: identity.Methods()}.Admits(method, standing) == ""
		should := want == identity.Registered || !method.NeedsRegistration() && want != identity.Revoked && want != identity.Deceased
		if opens != should {
			r.Errorf("citizen %d, %s: %s admits %t, want %t", i, want, method, opens, should)
		}
	}
	sessions, grants := m.w.Probe.Live(m.t, s.person)
	if (sessions > 0) != s.live || (grants > 0) != s.live {
		r.Errorf("citizen %d: %d sessions and %d grants are live, want any %t", i, sessions, grants, s.live)
	}
	if s.code == "" {
		if m.w.Probe.Activation(m.t, s.person) != nil {
			r.Errorf("citizen %d has an activation code", i)
		}
	} else if !m.w.goodActivation(m.t, s.person, s.code) {
		r.Errorf("citizen %d: the activation code shown last is not good", i)
	}
}

func (m *machine) checkPapers(r *rapid.T, i int, s *subject) {
	past := m.w.Past(m.t, s.person)
	var changes []registrar.Change
	receipts := map[string]bool{}
	for _, line := range past {
		changes = append(changes, line.Change)
		if line.Receipt != "" {
			receipts[line.Receipt] = true
		}
	}
	if !slices.Equal(changes, s.changes) {
		r.Errorf("citizen %d: the history says %v, want %v", i, changes, s.changes)
	}
	if n := len(past); n > 0 && (past[n-1].State != s.state || past[n-1].Phone != s.phone) {
		r.Errorf("citizen %d: the history ends %s, want %s", i, past[n-1].State, s.state)
	}
	given := m.w.Given(m.t, s.person)
	for _, one := range given {
		if !receipts[one.ID] {
			r.Errorf("citizen %d: receipt of %s is not in the history", i, one.Fact)
		}
	}
	events := m.w.Events(s.person, audit.KindRegistrationChanged)
	if len(given) != s.receipts || len(receipts) != s.receipts || len(events) != len(s.changes) {
		r.Errorf("citizen %d: %d receipts of %d, %d events of %d", i, len(given), s.receipts, len(events), len(s.changes))
	}
}
