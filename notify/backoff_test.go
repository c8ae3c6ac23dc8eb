package notify

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	code, notice := Lane{SMS, true}, Lane{Mail, false}
	for _, c := range []struct {
		name   string
		tries  int
		lane   Lane
		random float64
		want   time.Duration
	}{
		{"a code's first wait is half a second at least", 1, code, 0, 500 * time.Millisecond},
		{"and a second at most", 1, code, 1, time.Second},
		{"waits double", 4, code, 1, 8 * time.Second},
		{"a code waits a minute at most", 50, code, 1, time.Minute},
		{"a notice begins with five seconds", 1, notice, 1, 5 * time.Second},
		{"and waits a quarter of an hour at most", 50, notice, 1, 15 * time.Minute},
		{"chance spreads over the upper half", 50, notice, 0, 450 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := backoff(c.tries, c.lane, c.random); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
