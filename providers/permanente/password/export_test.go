package password

import "context"

// Occupy lets a test hold a worker, or wait for one.
func (q *Queue) Occupy(ctx context.Context, who Who, work func()) { _ = q.do(ctx, who, work) }

// InLine is how many wait.
func (q *Queue) InLine() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.lines[Stranger]) + len(q.lines[Known])
}
