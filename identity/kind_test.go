package identity_test

import (
	"errors"
	"testing"

	"clave/identity"
)

func TestSupportVectors(t *testing.T) {
	t.Parallel()
	for _, row := range vectors(t, "support_numbers.csv") {
		typed, kind, verdict, want, note := row[0], row[1], row[2], row[3], row[4]
		t.Run(kind+" "+typed, func(t *testing.T) {
			t.Parallel()
			got, err := identity.ParseSupport(typed, identity.DocumentKind(kind))
			if (err == nil) != (verdict == "valid") || got != want {
				t.Errorf("got %q, %v, want %q: %s", got, err, want, note)
			}
			if err != nil && !errors.Is(err, identity.ErrSupportFormat) {
				t.Errorf("got %v, want ErrSupportFormat", err)
			}
		})
	}
}

func TestSupportOfAnUnknownKindIsRefused(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"BAA000589", "E12345678", "C01234567", ""} {
		if got, err := identity.ParseSupport(typed, ""); err == nil {
			t.Errorf("%q: got %q", typed, got)
		}
	}
}

func TestContrastFor(t *testing.T) {
	t.Parallel()
	ordinary := identity.Date{Year: 2031, Month: 10, Day: 1}
	permanent := identity.Date{Year: 9999, Month: 1, Day: 1}
	for _, test := range []struct {
		name     string
		kind     identity.DocumentKind
		validity identity.Date
		want     identity.ContrastKind
	}{
		{"a DNI is asked for its validity", identity.DNI, ordinary, identity.ValidityDate},
		{"a permanent DNI is asked for its issue date", identity.DNI, permanent, identity.IssueDate},
		{"a foreigner card is asked for its support number", identity.ForeignerCard, ordinary, identity.SupportNumber},
		{"a residence permit is asked for its support number", identity.ResidencePermit, permanent, identity.SupportNumber},
		{"an EU certificate is asked for its support number", identity.EUCertificate, identity.Date{}, identity.SupportNumber},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := identity.ContrastFor(test.kind, test.validity); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func FuzzParseSupport(f *testing.F) {
	f.Add("baa 000589", "dni")
	f.Add("1234567", "eu_certificate")
	f.Add("e-12345678", "foreigner_card")
	f.Fuzz(func(t *testing.T, typed, kind string) {
		got, err := identity.ParseSupport(typed, identity.DocumentKind(kind))
		if err != nil {
			return
		}
		again, err := identity.ParseSupport(got, identity.DocumentKind(kind))
		if err != nil || again != got || len(got) != 9 {
			t.Errorf("%q became %q, which is not canonical: %v", typed, got, err)
		}
	})
}
