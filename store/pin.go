package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
	"clave/keys"
	"clave/providers/pin"
)

// PINs keeps the challenges of logins by PIN; it implements [pin.Challenges].
type PINs struct {
	db      *DB
	columns *keys.Sealer
	tallies *PINTallies
}

// NewPINs returns the challenges of a database.
func NewPINs(db *DB, columns *keys.Sealer, tallies *PINTallies) *PINs {
	return &PINs{db, columns, tallies}
}

// pinKept is how long a challenge stays, so that what it counts outlives the
// login. Our choice: a login can be extended to four hours.
const pinKept = 6 * time.Hour

const selectChallenge = `
select person_id, secret, sealed, way, app, sends, wrong, sent_at, expires_at, spent_at
from pin_challenges
where login_id = $1`

// Challenge implements pin.Challenges.
func (p *PINs) Challenge(ctx context.Context, login broker.LoginID) (pin.Challenge, error) {
	c := storedChallenge{login: login}
	err := p.db.row(ctx, selectChallenge, string(login)).Scan(c.columns()...)
	if errors.Is(err, ErrNotFound) {
		return pin.Challenge{}, nil
	}
	if err != nil {
		return pin.Challenge{}, err
	}
	return p.open(c)
}

// storedChallenge is a row before its sealed part is opened.
type storedChallenge struct {
	login  broker.LoginID
	c      pin.Challenge
	sealed []byte
	app    []byte
}

func (s *storedChallenge) columns() []any {
	return []any{
		textInto(&s.c.Person), &s.c.Secret, &s.sealed, textInto(&s.c.Way), &s.app, &s.c.Sends, &s.c.Wrong,
		timeInto(&s.c.SentAt), timeInto(&s.c.ExpiresAt), timeInto(&s.c.SpentAt),
	}
}

// halfBytes is where the sealed text is cut: own half, then the end of the phone.
const halfBytes = 4

func (p *PINs) open(s storedChallenge) (pin.Challenge, error) {
	s.c.Login = s.login
	if s.sealed == nil {
		return s.c, nil
	}
	plain, err := p.columns.Open(s.sealed, "pin_challenges", "sealed", string(s.login))
	if err == nil && len(plain) < halfBytes {
		err = keys.ErrSealed
	}
	if err != nil {
		return pin.Challenge{}, fmt.Errorf("opening the challenge of login %s: %w", s.login, err)
	}
	s.c.Half, s.c.Last3 = string(plain[:halfBytes]), string(plain[halfBytes:])
	if s.app == nil {
		return s.c, nil
	}
	plain, err = p.columns.Open(s.app, "pin_challenges", "app", string(s.login))
	if err == nil && json.Unmarshal(plain, &s.c.Shown) != nil { // its text would quote the PIN
		err = keys.ErrSealed
	}
	if err != nil {
		return pin.Challenge{}, fmt.Errorf("opening the PIN of login %s: %w", s.login, err)
	}
	return s.c, nil
}

// heldChallenge is the key of what a transaction knows about a login's challenge.
type heldChallenge broker.LoginID

// challengeNote is whether there is a row, and the subject of the messages to the
// phone that the PIN goes to, if it is known.
type challengeNote struct {
	there bool
	phone string
}

// selectToSend asks about what may not be there. The login's row is held already,
// and the count of messages is held before.
const selectToSend = `
select c.person_id, c.secret, c.sealed, c.way, c.app, coalesce(c.sends, 0), coalesce(c.wrong, 0), c.sent_at, c.expires_at, c.spent_at,
    w.times, w.locked_until,
    (select count(*) from movil_devices d where d.person_id = $2)
from (select 1 as one) o
left join pin_challenges c on c.login_id = $1
left join pin_tallies w on w.kind = 'wrong' and w.subject = $2`

// HoldToSend implements pin.Challenges.
func (p *PINs) HoldToSend(ctx context.Context, login broker.LoginID, person identity.PersonID, phone identity.Phone) (held pin.Held, err error) {
	sms := tally.Subject{Kind: tally.SentSMS, Value: phone.Reveal()}
	subject, there := p.tallies.subject(sms), false
	err = p.db.ask(ctx, p.db.locked(selectPINTally), []any{string(sms.Kind), subject}, func(scan func(...any) error) error {
		there = true
		return scan(timesInto(&held.SMS.Times), timeInto(&held.SMS.LockedUntil))
	})
	if err != nil {
		return pin.Held{}, err
	}
	c := storedChallenge{login: login}
	err = p.db.row(ctx, selectToSend, string(login), string(person)).Scan(
		append(c.columns(), timesInto(&held.Wrong.Times), timeInto(&held.Wrong.LockedUntil), &held.Devices)...)
	if err != nil {
		return pin.Held{}, err
	}
	note(ctx, heldTally(sms), there)
	note(ctx, heldChallenge(login), challengeNote{c.c.Person != "", subject})
	if c.c.Person == "" {
		c.c.Person = person
	}
	held.Challenge, err = p.open(c)
	return held, err
}

// The count of messages to the phone is what tries of a person wait for: it is
// there while a PIN is out, and one phone belongs to one person. The wrong PINs
// are read after that, in a statement of its own: it sees what those have counted
// that were waited for.
const (
	selectPhoneToTry = `
select 1
from pin_tallies
where kind = 'sms' and subject = (
    select phone_subject
    from pin_challenges
    where login_id = $1)`

	selectToTry = `
select c.person_id, c.secret, c.sealed, c.way, c.app, c.sends, c.wrong, c.sent_at, c.expires_at, c.spent_at,
    w.times, w.locked_until
from pin_challenges c
left join pin_tallies w on w.kind = 'wrong' and w.subject = c.person_id
where c.login_id = $1`
)

// HoldToTry implements pin.Challenges.
func (p *PINs) HoldToTry(ctx context.Context, login broker.LoginID) (held pin.Held, err error) {
	err = p.db.ask(ctx, p.db.locked(selectPhoneToTry), []any{string(login)}, func(func(...any) error) error { return nil })
	if err != nil {
		return pin.Held{}, err
	}
	c := storedChallenge{login: login}
	err = p.db.row(ctx, p.db.lockedOf(selectToTry, "c"), string(login)).Scan(
		append(c.columns(), timesInto(&held.Wrong.Times), timeInto(&held.Wrong.LockedUntil))...)
	if errors.Is(err, ErrNotFound) {
		return pin.Held{}, nil
	}
	if err != nil {
		return pin.Held{}, err
	}
	note(ctx, heldChallenge(login), challengeNote{there: true})
	held.Challenge, err = p.open(c)
	return held, err
}

const (
	insertChallenge = `
insert into pin_challenges (login_id, person_id, secret, sealed, sends, wrong, sent_at, expires_at, spent_at, phone_subject, way, app, sweep_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	updateChallenge = `
update pin_challenges
set person_id = $2, secret = $3, sealed = $4, sends = $5, wrong = $6, sent_at = $7, expires_at = $8, spent_at = $9,
    phone_subject = coalesce($10, phone_subject), way = $11, app = $12
where login_id = $1 and spent_at is null`
)

// KeepChallenge implements pin.Challenges.
func (p *PINs) KeepChallenge(ctx context.Context, c pin.Challenge) error {
	known, held := noted[challengeNote](ctx, heldChallenge(c.Login))
	if !held {
		return fmt.Errorf("keeping the challenge of login %s that is not held", c.Login)
	}
	var secret, sealed, app any // null unless a PIN is live
	if c.Secret != nil {
		secret = c.Secret
		sealed = p.columns.Seal([]byte(c.Half+c.Last3), "pin_challenges", "sealed", string(c.Login))
		if c.Shown != (pin.Shown{}) {
			plain, err := json.Marshal(c.Shown)
			if err != nil {
				return fmt.Errorf("sealing the PIN of login %s: %w", c.Login, err)
			}
			app = p.columns.Seal(plain, "pin_challenges", "app", string(c.Login))
		}
	}
	args := []any{string(c.Login), string(c.Person), secret, sealed,
		c.Sends, c.Wrong, micros(c.SentAt), micros(c.ExpiresAt), micros(c.SpentAt), orNull(known.phone), orNull(string(c.Way)), app}
	if known.there {
		return p.db.exec(ctx, updateChallenge, args...)
	}
	note(ctx, heldChallenge(c.Login), challengeNote{true, known.phone})
	return p.db.fresh(ctx, insertChallenge, append(args, micros(p.db.now().Add(pinKept)))...)
}

const selectShowing = `
select login_id, person_id, secret, sealed, way, app, sends, wrong, sent_at, expires_at, spent_at
from pin_challenges
where person_id = $1 and app is not null and expires_at > $2
order by sent_at desc, login_id`

// Showing implements pin.Challenges.
func (p *PINs) Showing(ctx context.Context, person identity.PersonID, now time.Time) (showing []pin.Challenge, err error) {
	err = p.db.rows(ctx, selectShowing, []any{string(person), micros(now)}, func(scan func(...any) error) error {
		var s storedChallenge
		if err := scan(append([]any{textInto(&s.login)}, s.columns()...)...); err != nil {
			return err
		}
		c, err := p.open(s)
		showing = append(showing, c)
		return err
	})
	return showing, err
}

const sweepChallenges = `
delete from pin_challenges
where login_id in (
    select login_id
    from pin_challenges
    where sweep_at <= $1
    limit $2)`

// Sweep deletes the challenges of logins that are long over.
func (p *PINs) Sweep(ctx context.Context, now time.Time) error {
	if err := p.db.sweepExpired(ctx, sweepChallenges, now); err != nil {
		return fmt.Errorf("sweeping challenges: %w", err)
	}
	return nil
}
