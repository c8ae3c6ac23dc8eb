package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/internal/onetime"
	"clave/keys"
	"clave/notify/letter"
)

// Letters keeps letters on paper and their batches; it implements [letter.Queue] and
// [letter.Batches].
type Letters struct {
	db      *DB
	columns *keys.Sealer
}

// NewLetters returns the letters of a database.
func NewLetters(db *DB, columns *keys.Sealer) *Letters { return &Letters{db, columns} }

const lettersTable = "letters"

// sealedLetter is what is sealed of a letter. Short names: it is stored.
type sealedLetter struct {
	Name       string `json:"n"`
	Street     string `json:"s"`
	PostalCode string `json:"p,omitempty"`
	City       string `json:"c"`
	Province   string `json:"r,omitempty"`
	Country    string `json:"o,omitempty"`
	Code       string `json:"k"`
	Language   string `json:"l"`
}

const insertLetter = `
insert into letters (number, purpose, state, sealed, queued_at, expires_at, sweep_at)
values ($1, $2, 'queued', $3, $4, $5, $6)`

// AddLetter implements letter.Queue.
func (s *Letters) AddLetter(ctx context.Context, l letter.Letter) error {
	sealed, err := sealJSON(s.columns, sealedLetter{
		Name: l.To.Name, Street: l.To.Street, PostalCode: l.To.PostalCode, City: l.To.City, Province: l.To.Province,
		Country: l.To.Country, Code: l.Code, Language: l.Language,
	}, lettersTable, personsSealed, l.Number)
	if err == nil {
		err = s.db.exec(ctx, insertLetter, l.Number, string(l.Purpose), sealed, micros(l.QueuedAt), micros(l.ExpiresAt),
			micros(l.QueuedAt.Add(letter.Kept)))
	}
	if err != nil {
		return fmt.Errorf("queueing letter %s: %w", l.Number, err)
	}
	return nil
}

const dropLetter = `
update letters
set state = 'dropped', sealed = null, settled_at = $2
where number = $1 and state = 'queued' and batch_id is null`

// DropLetter implements letter.Queue.
func (s *Letters) DropLetter(ctx context.Context, number string) error {
	return s.db.exec(ctx, dropLetter, number, micros(s.db.now()))
}

const returnLetter = `
update letters
set state = 'returned', returned_at = $2
where number = $1 and state = 'handed_over'
returning purpose`

// ReturnLetter implements letter.Queue.
func (s *Letters) ReturnLetter(ctx context.Context, number string, now time.Time) (purpose letter.Purpose, known bool, err error) {
	err = s.db.row(ctx, returnLetter, number, micros(now)).Scan(textInto(&purpose))
	if errors.Is(err, ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("taking letter %s back: %w", number, err)
	}
	return purpose, true, nil
}

const selectUnfinishedBatch = `
select id, state, count, created_at
from letter_batches
where spool = $1 and state <> 'published'
order by created_at, id
limit 1`

const selectWaitingLetter = `
select number
from letters
where state = 'queued' and batch_id is null and expires_at > $1
limit 1`

const insertBatch = `
insert into letter_batches (id, spool, state, count, created_at, sweep_at)
values ($1, $2, 'open', 0, $3, $4)`

// takeLetters repeats its conditions outside, for the reason that claimMessages does.
const takeLetters = `
update letters
set batch_id = $1
where state = 'queued' and batch_id is null and number in (
    select number
    from letters
    where state = 'queued' and batch_id is null and expires_at > $2
    order by queued_at, number
    limit $3)`

const countBatch = `
update letter_batches
set count = $2
where id = $1`

// OpenBatch implements letter.Batches. Nothing is written when there is nothing to do.
func (s *Letters) OpenBatch(ctx context.Context, spool string, now time.Time, limit int) (letter.Batch, error) {
	b, err := s.unfinished(ctx, spool)
	if errors.Is(err, ErrNotFound) {
		b, err = s.newBatch(ctx, spool, now, limit)
	}
	if errors.Is(err, ErrNotFound) {
		return letter.Batch{}, nil
	}
	if err == nil && b.State == letter.Open {
		b.Letters, err = s.lettersOf(ctx, b.ID)
	}
	if err != nil {
		return letter.Batch{}, fmt.Errorf("opening a batch of letters: %w", err)
	}
	return b, nil
}

func (s *Letters) unfinished(ctx context.Context, spool string) (letter.Batch, error) {
	b := letter.Batch{Spool: spool}
	err := s.db.row(ctx, selectUnfinishedBatch, spool).Scan(&b.ID, textInto(&b.State), &b.Count, timeInto(&b.CreatedAt))
	return b, err
}

// newBatch makes a batch of what waits, or answers ErrNotFound.
func (s *Letters) newBatch(ctx context.Context, spool string, now time.Time, limit int) (letter.Batch, error) {
	worth := micros(now.Add(letter.Worth))
	var one string
	if err := s.db.row(ctx, selectWaitingLetter, worth).Scan(&one); err != nil {
		return letter.Batch{}, err
	}
	var b letter.Batch
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		b = letter.Batch{ID: now.UTC().Format("20060102-150405-") + onetime.NewDigits(6), State: letter.Open, Spool: spool, CreatedAt: now}
		if err := s.db.exec(ctx, insertBatch, b.ID, spool, micros(now), micros(now.Add(letter.Kept))); err != nil {
			return err
		}
		n, err := s.db.changed(ctx, takeLetters, b.ID, worth, limit)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound // another node took them
		}
		b.Count = int(n)
		return s.db.exec(ctx, countBatch, b.ID, n)
	})
	return b, err
}

const selectLettersOf = `
select number, purpose, sealed, queued_at, expires_at
from letters
where batch_id = $1 and state = 'queued'
order by number`

func (s *Letters) lettersOf(ctx context.Context, batch string) (letters []letter.Letter, err error) {
	return letters, s.db.rows(ctx, selectLettersOf, []any{batch}, func(scan func(...any) error) error {
		var l letter.Letter
		var sealed []byte
		if err := scan(&l.Number, textInto(&l.Purpose), &sealed, timeInto(&l.QueuedAt), timeInto(&l.ExpiresAt)); err != nil {
			return err
		}
		plain, err := s.columns.Open(sealed, lettersTable, personsSealed, l.Number)
		if err != nil {
			return fmt.Errorf("opening letter %s: %w", l.Number, err)
		}
		var inside sealedLetter
		if json.Unmarshal(plain, &inside) != nil { // its text could quote the letter
			return fmt.Errorf("opening letter %s: the sealed part cannot be read", l.Number)
		}
		l.To = letter.Recipient{
			Name: inside.Name, Street: inside.Street, PostalCode: inside.PostalCode, City: inside.City,
			Province: inside.Province, Country: inside.Country,
		}
		l.Code, l.Language = inside.Code, inside.Language
		letters = append(letters, l)
		return nil
	})
}

const stageBatch = `
update letter_batches
set state = 'staged', staged_at = $2
where id = $1 and state = 'open'`

const handOverLetters = `
update letters
set state = 'handed_over', sealed = null, settled_at = $2
where batch_id = $1 and state = 'queued'`

// BatchStaged implements letter.Batches.
func (s *Letters) BatchStaged(ctx context.Context, id string, now time.Time) (staged bool, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		n, err := s.db.changed(ctx, stageBatch, id, micros(now))
		if staged = n == 1; err != nil || !staged {
			return err
		}
		return s.db.exec(ctx, handOverLetters, id, micros(now))
	})
	if err != nil {
		return false, fmt.Errorf("handing over batch %s: %w", id, err)
	}
	return staged, nil
}

const publishBatch = `
update letter_batches
set state = 'published', published_at = $2
where id = $1 and state = 'staged'`

// BatchPublished implements letter.Batches.
func (s *Letters) BatchPublished(ctx context.Context, id string, now time.Time) error {
	if err := s.db.exec(ctx, publishBatch, id, micros(now)); err != nil {
		return fmt.Errorf("noting that batch %s is published: %w", id, err)
	}
	return nil
}

const dropLateLetters = `
update letters
set state = 'dropped', sealed = null, settled_at = $2
where state = 'queued' and batch_id is null and expires_at <= $1`

const (
	sweepLetters = `
delete from letters
where number in (
    select number
    from letters
    where sweep_at <= $1 and state <> 'queued'
    limit $2)`
	sweepBatches = `
delete from letter_batches
where id in (
    select id
    from letter_batches
    where sweep_at <= $1 and state = 'published'
    limit $2)`
)

// Sweep drops letters that are no longer worth printing and deletes those long done.
func (s *Letters) Sweep(ctx context.Context, now time.Time) error {
	err := s.db.exec(ctx, dropLateLetters, micros(now.Add(letter.Worth)), micros(now))
	for _, sweep := range []string{sweepLetters, sweepBatches} {
		if err == nil {
			err = s.db.sweepExpired(ctx, sweep, now)
		}
	}
	if err != nil {
		return fmt.Errorf("sweeping letters: %w", err)
	}
	return nil
}
