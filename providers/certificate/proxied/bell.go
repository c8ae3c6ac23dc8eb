package proxied

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// often is how often the log says the same thing at most. Our choice: soon enough to
// find a mistake of the settings, and no flood of lines for whoever sends requests.
const often = time.Minute

// bell logs each message once in a while, with how often it was left out since.
type bell struct {
	log *slog.Logger
	now func() time.Time

	mu   sync.Mutex
	rung map[string]rung // by message: a few, all constant
}

type rung struct {
	at     time.Time
	silent int
}

func (b *bell) ring(ctx context.Context, level slog.Level, message string, args ...any) {
	b.mu.Lock()
	before, found := b.rung[message]
	now := b.now()
	if found && now.Sub(before.at) < often {
		before.silent++
		b.rung[message] = before
		b.mu.Unlock()
		return
	}
	if b.rung == nil {
		b.rung = map[string]rung{}
	}
	b.rung[message] = rung{at: now}
	b.mu.Unlock()
	b.log.Log(ctx, level, message, append(args, "left_out", before.silent)...)
}
