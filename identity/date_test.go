package identity_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"clave/identity"

	"pgregory.net/rapid"
)

func TestParseDateRefuses(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"", "2031-02-29", "2031-13-01", "2031-00-01", "2031-01-00", "2031-01-32", "0000-01-01",
		"31-01-01", "2031-1-1", "2031/01/01", "01-01-2031", "2031-01-01T00:00:00Z", " 2031-01-01", "+031-01-01", "٢٠٣١-01-01",
	} {
		if got, err := identity.ParseDate(typed); !errors.Is(err, identity.ErrDate) || !got.IsZero() {
			t.Errorf("%q: got %v, %v, want ErrDate", typed, got, err)
		}
	}
}

func TestDatesSurviveTheirText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(0, 3_652_058).Draw(t, "days since 0001-01-01")
		want := identity.DateOf(time.Date(1, 1, 1+days, 0, 0, 0, 0, time.UTC))
		got, err := identity.ParseDate(want.String())
		if err != nil || got != want {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
		var decoded identity.Date
		encoded, _ := json.Marshal(want)
		if err := json.Unmarshal(encoded, &decoded); err != nil || decoded != want {
			t.Fatalf("JSON: got %v, %v, want %v", decoded, err, want)
		}
	})
}

func TestDateProperties(t *testing.T) {
	t.Parallel()
	permanent, err := identity.ParseDate("9999-01-01")
	if err != nil || !permanent.Permanent() {
		t.Errorf("got %v, %v, want the permanent date", permanent, err)
	}
	first, second := identity.Date{Year: 2031, Month: 9, Day: 30}, identity.Date{Year: 2031, Month: 10, Day: 1}
	if first.Permanent() || first.Compare(second) >= 0 || second.Compare(first) <= 0 || first.Compare(first) != 0 {
		t.Error("dates do not compare by the calendar")
	}
	if got := first.LogValue().String(); got != "••••-••-••" {
		t.Errorf("logs get %s", got)
	}
	var none identity.Date
	if got, _ := none.MarshalText(); none.UnmarshalText(got) != nil || !none.IsZero() {
		t.Error("no date does not survive its text")
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("2031-10-01")
	f.Add("9999-01-01")
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := identity.ParseDate(s); err == nil && d.String() != s {
			t.Errorf("%q was read as %v", s, d)
		}
	})
}
