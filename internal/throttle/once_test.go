package throttle_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"clave/internal/throttle"
)

// spent is a budget that has nothing left for some keys.
type spent struct {
	empty map[string]bool
	asked []string
}

func (s *spent) Allow(key string) bool {
	s.asked = append(s.asked, key)
	return !s.empty[key]
}

func TestOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		empty map[string]bool
		want  bool
		asked []string
	}{
		{"what is run again is paid once", nil, true, []string{"country", "party"}},
		{"what is refused stays refused, and nothing more is counted", map[string]bool{"country": true}, false, []string{"country"}},
		{"the last key refuses too", map[string]bool{"party": true}, false, []string{"country", "party"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			budget := &spent{empty: c.empty}
			once := throttle.NewOnce(budget)
			for range 3 {
				if got := once.Allow("country", "party"); got != c.want {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
			if diff := cmp.Diff(budget.asked, c.asked); diff != "" {
				t.Errorf("asked (-got +want):\n%s", diff)
			}
		})
	}
}
