package identity_test

import (
	"testing"

	"clave/identity"
)

func TestLevelsSurviveTheirNames(t *testing.T) {
	t.Parallel()
	for level, want := range map[identity.Level]string{identity.Low: "low", identity.Substantial: "substantial", identity.High: "high"} {
		byName, err := identity.ParseLevel(want)
		if err != nil || byName != level || level.String() != want {
			t.Errorf("%s: got %v, %v", want, byName, err)
		}
		byURI, err := identity.ParseLevelURI("http://eidas.europa.eu/LoA/" + want)
		if err != nil || byURI != level || level.URI() != "http://eidas.europa.eu/LoA/"+want {
			t.Errorf("%s: got %v, %v", level.URI(), byURI, err)
		}
	}
	if identity.NoLevel >= identity.Low || identity.Low >= identity.Substantial || identity.Substantial >= identity.High {
		t.Error("levels are out of order")
	}
}

func TestUnknownNamesAreRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "none", "Low", "higher", " low", "level(7)", "http://eidas.europa.eu/LoA/", "http://eidas.europa.eu/LoA/none", "http://eidas.europa.eu/LoA/LOW"} {
		if got, err := identity.ParseLevel(s); err == nil || got != identity.NoLevel {
			t.Errorf("level %q: got %v", s, got)
		}
		if got, err := identity.ParseLevelURI(s); err == nil || got != identity.NoLevel {
			t.Errorf("level URI %q: got %v", s, got)
		}
		if got, err := identity.ParseRegistration(s); err == nil || got != identity.NoRegistration {
			t.Errorf("registration %q: got %v", s, got)
		}
		if _, err := identity.ParseMethod(s); err == nil {
			t.Errorf("method %q is known", s)
		}
		if _, err := identity.ParseChannel(s); err == nil {
			t.Errorf("channel %q is known", s)
		}
		if _, err := identity.ParseDocumentKind(s); err == nil {
			t.Errorf("document kind %q is known", s)
		}
		if _, err := identity.ParseAttribute(s); err == nil {
			t.Errorf("attribute %q is known", s)
		}
	}
}

func TestKnownNamesAreRead(t *testing.T) {
	t.Parallel()
	for _, m := range identity.Methods() {
		if got, err := identity.ParseMethod(string(m)); err != nil || got != m {
			t.Errorf("method %s: %v", m, err)
		}
	}
	for _, a := range identity.AllAttributes() {
		if got, err := identity.ParseAttribute(string(a)); err != nil || got != a {
			t.Errorf("attribute %s: %v", a, err)
		}
	}
	for _, c := range []identity.Channel{identity.ByLetter, identity.ByVideo, identity.ByCertificate, identity.ByOffice} {
		if got, err := identity.ParseChannel(string(c)); err != nil || got != c {
			t.Errorf("channel %s: %v", c, err)
		}
	}
	for _, r := range []identity.Registration{identity.NoRegistration, identity.Basic, identity.Advanced} {
		text, _ := r.MarshalText()
		var got identity.Registration
		if err := got.UnmarshalText(text); err != nil || got != r {
			t.Errorf("registration %s: %v, %v", r, got, err)
		}
	}
	for _, l := range []identity.Level{identity.NoLevel, identity.Low, identity.Substantial, identity.High} {
		text, _ := l.MarshalText()
		var got identity.Level
		if err := got.UnmarshalText(text); err != nil || got != l {
			t.Errorf("level %s: %v, %v", l, got, err)
		}
	}
	for _, k := range []identity.DocumentKind{identity.DNI, identity.ForeignerCard, identity.ResidencePermit, identity.EUCertificate} {
		if got, err := identity.ParseDocumentKind(string(k)); err != nil || got != k {
			t.Errorf("kind %s: %v", k, err)
		}
	}
}

func TestOnlyTheThreeOwnMethodsNeedRegistration(t *testing.T) {
	t.Parallel()
	want := map[identity.Method]bool{identity.PIN: true, identity.Movil: true, identity.Permanente: true}
	for _, m := range identity.Methods() {
		if got := m.NeedsRegistration(); got != want[m] {
			t.Errorf("%s: got %v, want %v", m, got, want[m])
		}
	}
	if !identity.Method("").NeedsRegistration() {
		t.Error("an unknown method is free of the registration's bound")
	}
}
