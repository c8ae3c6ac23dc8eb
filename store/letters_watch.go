package store

import (
	"context"
	"fmt"

	"clave/notify/letter"
)

const (
	countLetters = `
select state, count(*)
from letters
group by state`
	selectUnfinished = `
select id, spool, state, count, created_at
from letter_batches
where state <> 'published'
order by created_at, id`
)

// Overview tells how many letters are in each state, and which batches are not finished.
func (s *Letters) Overview(ctx context.Context) (map[letter.State]int, []letter.Batch, error) {
	counts := map[letter.State]int{}
	err := s.db.rows(ctx, countLetters, nil, func(scan func(...any) error) error {
		var state letter.State
		var n int
		err := scan(textInto(&state), &n)
		counts[state] = n
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("counting letters: %w", err)
	}
	var batches []letter.Batch
	err = s.db.rows(ctx, selectUnfinished, nil, func(scan func(...any) error) error {
		var b letter.Batch
		err := scan(&b.ID, &b.Spool, textInto(&b.State), &b.Count, timeInto(&b.CreatedAt))
		batches = append(batches, b)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading batches of letters: %w", err)
	}
	return counts, batches, nil
}

const (
	closeBatch = `
delete from letter_batches
where id = $1 and state = 'open'`
	freeLetters = `
update letters
set batch_id = null
where batch_id = $1 and state = 'queued'`
)

// Requeue gives the letters of an open batch back to the queue, for when its spool is lost.
// It answers false when the batch is not open: what is staged may have been printed.
func (s *Letters) Requeue(ctx context.Context, id string) (freed bool, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		n, err := s.db.changed(ctx, closeBatch, id)
		if freed = n == 1; err != nil || !freed {
			return err
		}
		return s.db.exec(ctx, freeLetters, id)
	})
	if err != nil {
		return false, fmt.Errorf("giving batch %s back: %w", id, err)
	}
	return freed, nil
}
