package movil

import (
	"net/netip"
	"testing"
)

func TestOneNetworkDoesNotTakeAllStreams(t *testing.T) {
	t.Parallel()
	s := newStreams()
	greedy, other := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("198.51.100.7/32")
	for i := range mostOfOne {
		if !s.enter(greedy) {
			t.Fatalf("stream %d is refused", i)
		}
	}
	if s.enter(greedy) {
		t.Error("a network gets more than its part")
	}
	if !s.enter(other) {
		t.Error("another network gets none")
	}
	s.exit(greedy)
	if !s.enter(greedy) {
		t.Error("a place that was left is not given again")
	}
	for range mostOfOne {
		s.exit(greedy)
	}
	s.exit(other)
	if s.taken != 0 || len(s.by) != 0 {
		t.Errorf("%d places and %d networks are left over", s.taken, len(s.by))
	}
}
