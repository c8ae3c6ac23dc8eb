package staff

import (
	"errors"
	"slices"
	"testing"
)

// The whole table of rights, as it is meant to be.
func TestRights(t *testing.T) {
	t.Parallel()
	want := map[Role][]Act{
		Officer:       {Enter, Serve, Propose},
		Reviewer:      {Enter},
		Supervisor:    {Enter, Serve, Propose, Approve},
		Administrator: {Enter, Manage},
		"":            nil,
		"king":        nil,
	}
	for role, acts := range want {
		for _, act := range append(Acts(), "", "everything") {
			if got, want := role.May(act), slices.Contains(acts, act); got != want {
				t.Errorf("%q may %q: %v, want %v", role, act, got, want)
			}
		}
	}
}

// No one person does both ends of anything: who says who the staff are does not work
// at a desk.
func TestNobodyManagesAndServes(t *testing.T) {
	t.Parallel()
	for _, r := range Roles() {
		if r.May(Manage) && (r.May(Serve) || r.May(Propose) || r.May(Approve)) {
			t.Errorf("%s does both", r)
		}
	}
}

func TestParseRole(t *testing.T) {
	t.Parallel()
	for _, r := range Roles() {
		if got, err := ParseRole(string(r)); got != r || err != nil {
			t.Errorf("%s: got %q, %v", r, got, err)
		}
	}
	for _, name := range []string{"", "Officer", "root", "officer "} {
		if _, err := ParseRole(name); !errors.Is(err, ErrRole) {
			t.Errorf("%q: got %v", name, err)
		}
	}
}
