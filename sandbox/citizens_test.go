package sandbox

import (
	"slices"
	"testing"

	"clave/identity"
)

func TestCitizensAreWhatTheyClaim(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range Citizens() {
		id, err := identity.ParseDocument(c.Document)
		if err != nil || id.Reveal() != c.Document {
			t.Errorf("%s: %v", c.Note, err)
		}
		if seen[c.Document] || c.Phone != "" && seen[c.Phone] {
			t.Errorf("%s: document or phone stands twice", c.Note)
		}
		seen[c.Document], seen[c.Phone] = true, true
		switch kind, value := c.Contrast(); kind {
		case identity.SupportNumber:
			if got, err := identity.ParseSupport(value, c.Kind); err != nil || got != value {
				t.Errorf("%s: support number: %v", c.Note, err)
			}
		case identity.ValidityDate, identity.IssueDate:
			if date, err := identity.ParseDate(value); err != nil || date.Permanent() {
				t.Errorf("%s: %s: %v", c.Note, kind, err)
			}
		}
		for _, m := range identity.Methods() {
			want := m.NeedsRegistration() && c.State == identity.Registered ||
				m == identity.Certificate && len(c.Certificates) > 0 && c.State != identity.Deceased
			if got := slices.Contains(c.Methods(identity.Methods()), m); got != want {
				t.Errorf("%s: %s works: %v, want %v", c.Note, m, got, want)
			}
		}
	}
}

// The sandbox has at least one of every kind that the rules distinguish.
func TestEveryKindOfCitizenIsThere(t *testing.T) {
	t.Parallel()
	have := map[any]bool{}
	for _, c := range Citizens() {
		kind, _ := c.Contrast()
		have[c.Kind], have[c.State], have[kind] = true, true, true
		if c.State == identity.Registered {
			have[c.Level], have[c.Channel] = true, true
		}
	}
	for _, want := range []any{
		identity.DNI, identity.ForeignerCard, identity.ResidencePermit, identity.EUCertificate,
		identity.Registered, identity.Unregistered, identity.PhoneRevoked, identity.Withdrawn, identity.Deceased,
		identity.Basic, identity.Advanced, identity.ByLetter, identity.ByVideo, identity.ByCertificate, identity.ByOffice,
		identity.ValidityDate, identity.IssueDate, identity.SupportNumber,
	} {
		if !have[want] {
			t.Errorf("no citizen shows %v", want)
		}
	}
}
