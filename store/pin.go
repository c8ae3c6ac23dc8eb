package store

import (
	"context"
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
select person_id, secret, sealed, sends, wrong, sent_at, expires_at, spent_at
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
}

func (s *storedChallenge) columns() []any {
	return []any{
		textInto(&s.c.Person), &s.c.Secret, &s.sealed, &s.c.Sends, &s.c.Wrong,
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
	return s.c, nil
}

const insertChallenge = `
insert into pin_challenges (login_id, person_id, sends, wrong, sweep_at)
values ($1, $2, 0, 0, $3)
on conflict (login_id) do nothing`

// The two questions hold their rows in the same order, challenge, wrong PINs,
// messages, so that they cannot wait for each other in a circle.
const (
	selectToSend = `
select c.person_id, c.secret, c.sealed, c.sends, c.wrong, c.sent_at, c.expires_at, c.spent_at,
    w.times, w.locked_until, s.times, s.locked_until
from pin_challenges c
join pin_tallies w on w.kind = 'wrong' and w.subject = $2
join pin_tallies s on s.kind = 'sms' and s.subject = $3
where c.login_id = $1`

	selectToTry = `
select c.person_id, c.secret, c.sealed, c.sends, c.wrong, c.sent_at, c.expires_at, c.spent_at,
    w.times, w.locked_until
from pin_challenges c
join pin_tallies w on w.kind = 'wrong' and w.subject = c.person_id
where c.login_id = $1`
)

// HoldToSend implements pin.Challenges. What is missing is made first, in the
// same round trip: a row that does not exist cannot be held.
func (p *PINs) HoldToSend(ctx context.Context, login broker.LoginID, person identity.PersonID, phone identity.Phone) (pin.Held, error) {
	wrong := tally.Subject{Kind: tally.WrongPINs, Value: string(person)}
	sms := tally.Subject{Kind: tally.SentSMS, Value: phone.Reveal()}
	for range maxPINHolds {
		sweepAt := micros(p.db.now().Add(pinKept))
		if err := p.db.exec(ctx, insertChallenge, string(login), string(person), sweepAt); err != nil {
			return pin.Held{}, err
		}
		if err := errors.Join(p.tallies.ensure(ctx, wrong), p.tallies.ensure(ctx, sms)); err != nil {
			return pin.Held{}, err
		}
		var held pin.Held
		c := storedChallenge{login: login}
		err := p.db.row(ctx, p.db.locked(selectToSend), string(login), p.tallies.subject(wrong), p.tallies.subject(sms)).Scan(
			append(c.columns(), timesInto(&held.Wrong.Times), timeInto(&held.Wrong.LockedUntil),
				timesInto(&held.SMS.Times), timeInto(&held.SMS.LockedUntil))...)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return pin.Held{}, err
		}
		held.Challenge, err = p.open(c)
		return held, err
	}
	return pin.Held{}, fmt.Errorf("holding the challenge of login %s: it is swept each time", login)
}

const insertPINTallyOfChallenge = `
insert into pin_tallies (kind, subject, times, expires_at)
select 'wrong', person_id, $2, $3
from pin_challenges
where login_id = $1
on conflict (kind, subject) do nothing`

// HoldToTry implements pin.Challenges.
func (p *PINs) HoldToTry(ctx context.Context, login broker.LoginID) (pin.Held, error) {
	held, err := p.holdToTry(ctx, login)
	if !errors.Is(err, ErrNotFound) {
		return held, err
	}
	// No challenge; or the tally was swept since the PIN was sent.
	err = p.db.exec(ctx, insertPINTallyOfChallenge, string(login), []byte{}, micros(p.db.now().Add(emptyPINTally)))
	if err != nil {
		return pin.Held{}, err
	}
	held, err = p.holdToTry(ctx, login)
	if errors.Is(err, ErrNotFound) {
		return pin.Held{}, nil
	}
	return held, err
}

func (p *PINs) holdToTry(ctx context.Context, login broker.LoginID) (held pin.Held, err error) {
	c := storedChallenge{login: login}
	err = p.db.row(ctx, p.db.locked(selectToTry), string(login)).Scan(
		append(c.columns(), timesInto(&held.Wrong.Times), timeInto(&held.Wrong.LockedUntil))...)
	if err != nil {
		return pin.Held{}, err
	}
	held.Challenge, err = p.open(c)
	return held, err
}

const updateChallenge = `
update pin_challenges
set person_id = $2, secret = $3, sealed = $4, sends = $5, wrong = $6, sent_at = $7, expires_at = $8, spent_at = $9
where login_id = $1 and spent_at is null`

// KeepChallenge implements pin.Challenges.
func (p *PINs) KeepChallenge(ctx context.Context, c pin.Challenge) error {
	var secret, sealed any // null unless a PIN is live
	if c.Secret != nil {
		secret = c.Secret
		sealed = p.columns.Seal([]byte(c.Half+c.Last3), "pin_challenges", "sealed", string(c.Login))
	}
	return p.db.exec(ctx, updateChallenge, string(c.Login), string(c.Person), secret, sealed,
		c.Sends, c.Wrong, micros(c.SentAt), micros(c.ExpiresAt), micros(c.SpentAt))
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
