package letter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// House is a print house, as seen from here.
type House interface {
	// Name names the place where batches are left: a batch is finished where it was begun.
	Name() string
	// Hold keeps other nodes from working at the same place until release is called. It
	// answers ErrHeld when another one does.
	Hold() (release func(), err error)
	// Stage puts a batch where the print house does not see it yet, safe from a crash. It
	// may be called again for the same batch, and then replaces what was there.
	Stage(ctx context.Context, b Batch, letters []Printed) error
	// Publish shows a staged batch to the print house at once. It answers false when
	// nothing is staged under that id: it was published before, or its files are gone.
	Publish(ctx context.Context, id string) (bool, error)
}

// ErrHeld says that another node works at the same place.
var ErrHeld = errors.New("another node works at this spool")

// Courier hands letters to a print house.
type Courier struct {
	Batches  Batches
	House    House
	Renderer *Renderer
	// Every is how often it looks for letters; Most how many go into a batch.
	Every time.Duration
	Most  int
	Log   *slog.Logger
	Now   func() time.Time
}

// Run hands over until ctx ends.
func (c *Courier) Run(ctx context.Context) {
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for {
		err := c.Round(ctx)
		switch {
		case errors.Is(err, ErrHeld), err != nil && ctx.Err() != nil:
		case err != nil:
			c.Log.Error("letters not handed over", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Round finishes the batches that were begun at this place, and hands over all that is
// queued. It may be stopped anywhere, and by anything: the next round goes on.
func (c *Courier) Round(ctx context.Context) error {
	release, err := c.House.Hold()
	if err != nil {
		return err
	}
	defer release()
	for {
		b, err := c.Batches.OpenBatch(ctx, c.House.Name(), c.Now(), c.Most)
		if err != nil || b.ID == "" {
			return err
		}
		if err := c.finish(ctx, b); err != nil {
			return fmt.Errorf("handing over batch %s: %w", b.ID, err)
		}
	}
}

// finish takes a batch through what is left of its way. The order is what keeps a letter
// from being printed twice: before the print house sees a batch, the letters are marked
// as handed over, and afterwards nothing can be written anew.
func (c *Courier) finish(ctx context.Context, b Batch) error {
	if b.State == Open {
		printed := make([]Printed, 0, len(b.Letters))
		for _, l := range b.Letters {
			p, err := c.Renderer.Render(l)
			if err != nil {
				return err
			}
			printed = append(printed, p)
		}
		if err := c.House.Stage(ctx, b, printed); err != nil {
			return err
		}
	}
	ctx = context.WithoutCancel(ctx) // what is staged is handed over, also when the node stops
	if b.State == Open {
		staged, err := c.Batches.BatchStaged(ctx, b.ID, c.Now())
		if err != nil {
			return err
		}
		if !staged {
			return fmt.Errorf("%w: the batch is not open any more", ErrHeld)
		}
	}
	moved, err := c.House.Publish(ctx, b.ID)
	if err != nil {
		return err
	}
	if moved {
		c.Log.Info("letters handed over", "batch", b.ID, "letters", b.Count)
	} else {
		c.Log.Warn("batch of letters was handed over before, or its files are gone: ask the print house", "batch", b.ID, "letters", b.Count)
	}
	return c.Batches.BatchPublished(ctx, b.ID, c.Now())
}
