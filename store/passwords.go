package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/keys"
	"clave/providers/permanente"
	"clave/providers/permanente/password"
)

// Passwords keeps what Cl@ve Permanente needs; it implements [permanente.Accounts],
// [permanente.Activations] and [permanente.Challenges].
type Passwords struct {
	db      *DB
	columns *keys.Sealer
}

// NewPasswords returns the passwords of a database.
func NewPasswords(db *DB, columns *keys.Sealer) *Passwords { return &Passwords{db, columns} }

const (
	passwordsTable     = "passwords"
	passwordCodesTable = "password_codes"
)

// passwordHashes is the sealed part of an account.
type passwordHashes struct {
	Hash     password.Hash `json:"hash"`
	Previous password.Hash `json:"previous,omitempty"`
}

const selectPassword = `
select sealed, set_at, warned_at, told_at, always
from passwords
where person_id = $1`

// heldPassword is the key of whether a person's password has a row, which the
// transaction holds.
type heldPassword identity.PersonID

// Account implements permanente.Accounts.
func (p *Passwords) Account(ctx context.Context, person identity.PersonID) (permanente.Account, error) {
	question, tx := selectPassword, inTx(ctx) != nil
	if tx {
		question = p.db.locked(question)
	}
	var sealed []byte
	a := permanente.Account{Person: person}
	err := p.db.row(ctx, question, string(person)).Scan(&sealed, timeInto(&a.SetAt), timeInto(&a.WarnedAt), timeInto(&a.ToldAt), &a.Always)
	if tx && (err == nil || errors.Is(err, ErrNotFound)) {
		note(ctx, heldPassword(person), err == nil)
	}
	if errors.Is(err, ErrNotFound) {
		return permanente.Account{}, nil
	}
	if err != nil {
		return permanente.Account{}, err
	}
	var hashes passwordHashes
	plain, err := p.columns.Open(sealed, passwordsTable, personsSealed, string(person))
	if err == nil {
		err = json.Unmarshal(plain, &hashes)
	}
	if err != nil {
		return permanente.Account{}, fmt.Errorf("opening the password of person %s: %w", person, err)
	}
	a.Hash, a.Previous = hashes.Hash, hashes.Previous
	return a, nil
}

const (
	insertPassword = `
insert into passwords (person_id, sealed, set_at, warned_at, told_at, always)
values ($1, $2, $3, $4, $5, $6)`
	updatePassword = `
update passwords
set sealed = $2, set_at = $3, warned_at = $4, told_at = $5, always = $6
where person_id = $1`
	deletePassword = `
delete from passwords
where person_id = $1`
)

// KeepAccount implements permanente.Accounts.
func (p *Passwords) KeepAccount(ctx context.Context, a permanente.Account) error {
	there, held := noted[bool](ctx, heldPassword(a.Person))
	if !held {
		return fmt.Errorf("keeping the password of person %s that is not held", a.Person)
	}
	plain, err := json.Marshal(passwordHashes{a.Hash, a.Previous})
	if err != nil {
		return fmt.Errorf("sealing the password of person %s: %w", a.Person, err)
	}
	args := []any{
		string(a.Person), p.columns.Seal(plain, passwordsTable, personsSealed, string(a.Person)),
		micros(a.SetAt), micros(a.WarnedAt), micros(a.ToldAt), a.Always,
	}
	if there {
		return p.db.exec(ctx, updatePassword, args...)
	}
	note(ctx, heldPassword(a.Person), true)
	return p.db.fresh(ctx, insertPassword, args...)
}

// Reseal does for passwords what [Census.Reseal] does for reference data.
func (p *Passwords) Reseal(ctx context.Context, progress func(Resealed)) (Resealed, error) {
	return resealRows(ctx, p.db, p.columns, sealedRows[string]{
		table: passwordsTable,
		read: `
select person_id, sealed
from passwords
where person_id > $1
order by person_id
limit $2`,
		replace: `
update passwords
set sealed = $1
where person_id = $2 and sealed = $3`,
	}, "", progress)
}

// VoidPassword implements registrar.Passwords.
func (p *Passwords) VoidPassword(ctx context.Context, person identity.PersonID) error {
	return p.db.exec(ctx, deletePassword, string(person))
}

const selectActivation = `
select sum
from activation_codes
where person_id = $1`

// HoldActivation implements permanente.Activations.
func (p *Passwords) HoldActivation(ctx context.Context, person identity.PersonID) (sum []byte, err error) {
	err = p.db.row(ctx, p.db.locked(selectActivation), string(person)).Scan(&sum)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return sum, err
}

const (
	missActivation = `
update activation_codes
set wrong = wrong + $2
where person_id = $1`
	voidMissed = `
delete from activation_codes
where person_id = $1 and wrong >= $2`
)

// MissActivation implements permanente.Activations.
func (p *Passwords) MissActivation(ctx context.Context, person identity.PersonID, tries, most int) (voided bool, err error) {
	if err := p.db.exec(ctx, missActivation, string(person), tries); err != nil {
		return false, err
	}
	n, err := p.db.changed(ctx, voidMissed, string(person), most)
	return n > 0, err
}

// sealedCode is the sealed part of a challenge.
type sealedCode struct {
	Document string           `json:"document"`
	Phone    string           `json:"phone"`
	Pending  password.Hash    `json:"pending,omitempty"`
	Session  broker.SessionID `json:"session,omitempty"`
}

// heldCode is the key of whether a challenge has a row, which the transaction holds.
type heldCode string

const selectPasswordCode = `
select purpose, person_id, secret, sealed, sends, wrong, sent_at, expires_at, proven_at
from password_codes
where id = $1`

// Challenge implements permanente.Challenges.
func (p *Passwords) Challenge(ctx context.Context, key string) (permanente.Challenge, error) {
	question, tx := selectPasswordCode, inTx(ctx) != nil
	if tx {
		question = p.db.locked(question)
	}
	var sealed []byte
	c := permanente.Challenge{Key: key}
	err := p.db.row(ctx, question, key).Scan(
		textInto(&c.Purpose), textInto(&c.Person), &c.Secret, &sealed, &c.Sends, &c.Wrong,
		timeInto(&c.SentAt), timeInto(&c.ExpiresAt), timeInto(&c.ProvenAt))
	if tx && (err == nil || errors.Is(err, ErrNotFound)) {
		note(ctx, heldCode(key), err == nil)
	}
	if errors.Is(err, ErrNotFound) {
		return permanente.Challenge{}, nil
	}
	if err != nil {
		return permanente.Challenge{}, err
	}
	return p.openCode(c, sealed)
}

func (p *Passwords) openCode(c permanente.Challenge, sealed []byte) (permanente.Challenge, error) {
	var opened sealedCode
	plain, err := p.columns.Open(sealed, passwordCodesTable, personsSealed, c.Key)
	if err == nil {
		err = json.Unmarshal(plain, &opened)
	}
	if err == nil {
		c.Document, err = identity.ParseDocument(opened.Document)
	}
	if err == nil {
		c.Phone, err = identity.ParseE164(opened.Phone)
	}
	if err != nil {
		return permanente.Challenge{}, fmt.Errorf("opening a code of person %s: %w", c.Person, err)
	}
	c.Pending, c.Session = opened.Pending, opened.Session
	return c, nil
}

// passwordCodesKept is how long a code's row stays, so that what it counts outlives the
// login. Our choice: a login can be extended to four hours.
const passwordCodesKept = 6 * time.Hour

const (
	insertPasswordCode = `
insert into password_codes (id, purpose, person_id, secret, sealed, sends, wrong, sent_at, expires_at, proven_at, sweep_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	updatePasswordCode = `
update password_codes
set purpose = $2, person_id = $3, secret = $4, sealed = $5, sends = $6, wrong = $7, sent_at = $8, expires_at = $9, proven_at = $10
where id = $1`
	deletePasswordCode = `
delete from password_codes
where id = $1`
)

// KeepChallenge implements permanente.Challenges.
func (p *Passwords) KeepChallenge(ctx context.Context, c permanente.Challenge) error {
	there, held := noted[bool](ctx, heldCode(c.Key))
	plain, err := json.Marshal(sealedCode{c.Document.Reveal(), c.Phone.Reveal(), c.Pending, c.Session})
	if err != nil {
		return fmt.Errorf("sealing a code of person %s: %w", c.Person, err)
	}
	var secret any // null unless a code is live
	if c.Secret != nil {
		secret = c.Secret
	}
	args := []any{
		c.Key, string(c.Purpose), string(c.Person), secret, p.columns.Seal(plain, passwordCodesTable, personsSealed, c.Key),
		c.Sends, c.Wrong, micros(c.SentAt), micros(c.ExpiresAt), micros(c.ProvenAt),
	}
	if held && there {
		return p.db.exec(ctx, updatePasswordCode, args...)
	}
	note(ctx, heldCode(c.Key), true)
	return p.db.fresh(ctx, insertPasswordCode, append(args, micros(p.db.now().Add(passwordCodesKept)))...)
}

// DropChallenge implements permanente.Challenges.
func (p *Passwords) DropChallenge(ctx context.Context, key string) error {
	note(ctx, heldCode(key), false)
	return p.db.exec(ctx, deletePasswordCode, key)
}

const sweepPasswordCodes = `
delete from password_codes
where id in (
    select id
    from password_codes
    where sweep_at <= $1
    limit $2)`

// Sweep deletes the codes of what is long over.
func (p *Passwords) Sweep(ctx context.Context, now time.Time) error {
	if err := p.db.sweepExpired(ctx, sweepPasswordCodes, now); err != nil {
		return fmt.Errorf("sweeping codes of passwords: %w", err)
	}
	return nil
}
