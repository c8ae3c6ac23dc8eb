package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/census/staff"
	"clave/identity"
	"clave/keys"
)

// Staff keeps who works at the desks and their sessions at the console; it
// implements [staff.Members] and [staff.Sessions].
type Staff struct {
	db      *DB
	columns *keys.Sealer
}

// NewStaff returns the staff of a database.
func NewStaff(db *DB, columns *keys.Sealer) *Staff { return &Staff{db, columns} }

const staffTable = "staff"

// staffColumns are the columns of a member before the name is opened.
type staffColumns struct {
	member  staff.Member
	offices string
	sealed  []byte
}

func (c *staffColumns) scan() []any {
	m := &c.member
	return []any{textInto(&m.Person), textInto(&m.Role), &c.offices, &c.sealed, timeInto(&m.Since), timeInto(&m.Until)}
}

func (s *Staff) open(c staffColumns) (staff.Member, error) {
	name, err := s.columns.Open(c.sealed, staffTable, personsSealed, string(c.member.Person))
	if err == nil {
		c.member.Name = string(name)
		err = json.Unmarshal([]byte(c.offices), &c.member.Offices)
	}
	if err != nil {
		return staff.Member{}, fmt.Errorf("opening member %s of the staff: %w", c.member.Person, err)
	}
	return c.member, nil
}

const selectMember = `
select person_id, role, offices, sealed, since, until
from staff
where person_id = $1`

// Member implements staff.Members.
func (s *Staff) Member(ctx context.Context, person identity.PersonID) (staff.Member, error) {
	var c staffColumns
	err := s.db.row(ctx, selectMember, string(person)).Scan(c.scan()...)
	if errors.Is(err, ErrNotFound) {
		return staff.Member{}, staff.ErrNotMember
	}
	if err != nil {
		return staff.Member{}, fmt.Errorf("reading member %s of the staff: %w", person, err)
	}
	return s.open(c)
}

const selectMembers = `
select person_id, role, offices, sealed, since, until
from staff
order by person_id`

// Members implements staff.Members.
func (s *Staff) Members(ctx context.Context) ([]staff.Member, error) {
	question := selectMembers
	if inTx(ctx) != nil {
		question = s.db.locked(question)
	}
	var all []staff.Member
	err := s.db.rows(ctx, question, nil, func(scan func(...any) error) error {
		var c staffColumns
		if err := scan(c.scan()...); err != nil {
			return err
		}
		m, err := s.open(c)
		all = append(all, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the staff: %w", err)
	}
	return all, nil
}

const upsertMember = `
insert into staff (person_id, role, offices, sealed, since, until)
values ($1, $2, $3, $4, $5, $6)
on conflict (person_id) do update
set role = excluded.role, offices = excluded.offices, sealed = excluded.sealed, since = excluded.since, until = excluded.until`

// SaveMember implements staff.Members.
func (s *Staff) SaveMember(ctx context.Context, m staff.Member) error {
	offices, err := json.Marshal(append([]string{}, m.Offices...))
	if err == nil {
		sealed := s.columns.Seal([]byte(m.Name), staffTable, personsSealed, string(m.Person))
		err = s.db.exec(ctx, upsertMember, string(m.Person), string(m.Role), string(offices), sealed, micros(m.Since), micros(m.Until))
	}
	if err != nil {
		return fmt.Errorf("saving member %s of the staff: %w", m.Person, err)
	}
	return nil
}

// staffKept is how long the row of a session outlives its end, for whoever looks into
// an incident. Our choice.
const staffKept = 24 * time.Hour

// selectSigned finds no session of somebody who is dead or was revoked since: no login
// would let them in.
const selectSigned = `
select s.id, s.office, s.login, s.training, s.started_at, s.seen_at, s.ended_at,
    m.person_id, m.role, m.offices, m.sealed, m.since, m.until
from staff_sessions s
join staff m on m.person_id = s.person_id
join persons p on p.id = s.person_id
left join reference r on r.document_index = p.document_index
where s.token_hash = $1 and p.state <> 'revoked' and not coalesce(r.deceased, false)`

// Signed implements staff.Sessions.
func (s *Staff) Signed(ctx context.Context, tokenHash []byte) (staff.Signed, error) {
	var member staffColumns
	one := staff.Session{TokenHash: tokenHash}
	into := append([]any{
		&one.ID, textInto(&one.Office), &one.Login, &one.Training, timeInto(&one.Started), timeInto(&one.Seen), timeInto(&one.Ended),
	}, member.scan()...)
	err := s.db.row(ctx, selectSigned, tokenHash).Scan(into...)
	if errors.Is(err, ErrNotFound) {
		return staff.Signed{}, staff.ErrNoSession
	}
	if err != nil {
		return staff.Signed{}, fmt.Errorf("reading a session at the console: %w", err)
	}
	m, err := s.open(member)
	one.Person = m.Person
	return staff.Signed{Member: m, Session: one}, err
}

const insertStaffSession = `
insert into staff_sessions (id, token_hash, person_id, office, login, training, started_at, seen_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// AddSession implements staff.Sessions.
func (s *Staff) AddSession(ctx context.Context, one staff.Session) error {
	return s.db.exec(ctx, insertStaffSession, one.ID, one.TokenHash, string(one.Person), orNull(one.Office), one.Login, one.Training,
		micros(one.Started), micros(one.Seen), micros(one.Started.Add(staff.Longest+staffKept)))
}

const updateStaffSession = `
update staff_sessions
set office = $2, seen_at = $3
where id = $1 and ended_at is null`

// UseSession implements staff.Sessions.
func (s *Staff) UseSession(ctx context.Context, id, office string, seen time.Time) error {
	return s.db.exec(ctx, updateStaffSession, id, orNull(office), micros(seen))
}

const endStaffSession = `
update staff_sessions
set ended_at = $2
where id = $1 and ended_at is null`

// EndSession implements staff.Sessions.
func (s *Staff) EndSession(ctx context.Context, id string, now time.Time) (bool, error) {
	changed, err := s.db.changed(ctx, endStaffSession, id, micros(now))
	return changed > 0, err
}

const endStaffSessions = `
update staff_sessions
set ended_at = $2
where person_id = $1 and ended_at is null`

// EndSessions implements staff.Sessions.
func (s *Staff) EndSessions(ctx context.Context, person identity.PersonID, now time.Time) error {
	return s.db.exec(ctx, endStaffSessions, string(person), micros(now))
}

const sweepStaffSessions = `
delete from staff_sessions
where id in (
    select id
    from staff_sessions
    where expires_at <= $1
    limit $2)`

// Sweep deletes sessions that ended long ago.
func (s *Staff) Sweep(ctx context.Context, now time.Time) error {
	if err := s.db.sweepExpired(ctx, sweepStaffSessions, now); err != nil {
		return fmt.Errorf("sweeping sessions at the console: %w", err)
	}
	return nil
}

// Reseal does for the names of the staff what [Census.Reseal] does for reference data.
func (s *Staff) Reseal(ctx context.Context, progress func(Resealed)) (Resealed, error) {
	return resealRows(ctx, s.db, s.columns, sealedRows[string]{
		table: staffTable,
		read: `
select person_id, sealed
from staff
where person_id > $1
order by person_id
limit $2`,
		replace: `
update staff
set sealed = $1
where person_id = $2 and sealed = $3`,
	}, "", progress)
}

// Recognise implements staff.People: who is in the reference data gets a person, and
// who ever logged in by certificate has one.
func (p *Persons) Recognise(ctx context.Context, document identity.DocumentID) (identity.PersonID, identity.Person, identity.State, error) {
	held, err := p.Candidate(ctx, document)
	if err != nil {
		return "", identity.Person{}, "", err
	}
	if held.Known {
		id, state, err := p.Ensure(ctx, held.Reference.Person, held.Language)
		return id, held.Reference.Person, state, err
	}
	id, state, _, err := p.ensured(ctx, p.index.Of(indexedDocument, document.Reveal()))
	if errors.Is(err, ErrNotFound) {
		return "", identity.Person{}, "", staff.ErrUnknown
	}
	if err != nil {
		return "", identity.Person{}, "", fmt.Errorf("recognising a person: %w", err)
	}
	who, err := p.named(ctx, id, document)
	return id, who, state, err
}
