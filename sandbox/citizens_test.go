package sandbox

import (
	"slices"
	"testing"

	"clave/census"
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
			registered := c.State == identity.Registered && (m != identity.Permanente || c.Password != "") && (m != identity.Movil || c.Device)
			want := m.NeedsRegistration() && registered ||
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

// What tests are told about a citizen holds after changes too.
func TestACitizenIsShownAsRegisteredNow(t *testing.T) {
	t.Parallel()
	phone, err := identity.ParseE164("+34600000123")
	if err != nil {
		t.Fatal(err)
	}
	carmen, ok := citizenOf("12345678Z")
	if !ok {
		t.Fatal("no such citizen")
	}
	for _, test := range []struct {
		name string
		held census.Candidate
		want []identity.Method
		to   string
	}{
		{"another phone", census.Candidate{State: identity.Registered, Registration: identity.Advanced, Phone: phone},
			[]identity.Method{identity.PIN, identity.Certificate}, "+34600000123"},
		{"a phone that is somebody else's now", census.Candidate{State: identity.PhoneRevoked, Registration: identity.Advanced},
			[]identity.Method{identity.Certificate}, ""},
		{"who left", census.Candidate{State: identity.Withdrawn, Phone: phone}, []identity.Method{identity.Certificate}, ""},
		{"who was revoked", census.Candidate{State: identity.Revoked, Phone: phone}, []identity.Method{}, ""},
	} {
		c := carmen.registered(test.held)
		if got := c.Methods([]identity.Method{identity.PIN, identity.Certificate}); !slices.Equal(got, test.want) || c.Phone != test.to || c.State != test.held.State {
			t.Errorf("%s: got %v with %q, %s", test.name, got, c.Phone, c.State)
		}
	}
}
