package password

import "context"

// Occupy lets a test hold a worker.
func (q *Queue) Occupy(ctx context.Context, work func()) { _ = q.do(ctx, work) }

// InLine is how many work or wait.
func (q *Queue) InLine() int { return len(q.places) }
