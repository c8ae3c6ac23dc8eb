package profile_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"
	"unicode"

	"clave/identity"
	"clave/providers/certificate/profile"
	"clave/sandbox/authority"

	"github.com/google/go-cmp/cmp"
)

var juan = authority.Holder{Document: "99999972C", GivenName: "JUAN", FirstSurname: "ESPAÑOL", SecondSurname: "DE LA MUESTRA"}

func chainOf(t *testing.T, kind authority.Kind) []*x509.Certificate {
	t.Helper()
	ca, err := authority.New(time.Now(), authority.Addresses{})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := ca.Issue(kind, juan)
	if err != nil {
		t.Fatal(err)
	}
	return append(issued.Chain, ca.Root)
}

func table() profile.Table { return profile.Default().For(authority.Organisation) }

func TestNaturalPersonsAreRead(t *testing.T) {
	t.Parallel()
	both := []string{"JUAN", "ESPAÑOL", "DE LA MUESTRA"}
	together := []string{"JUAN", "ESPAÑOL DE LA MUESTRA", ""}
	tests := []struct {
		name     string
		kind     authority.Kind
		names    []string
		level    identity.Level
		onDevice bool
	}{
		{"FNMT in software", authority.Citizen, both, identity.Substantial, false},
		{"FNMT by its new authority", authority.CitizenNew, both, identity.Substantial, false},
		{"the DNIe's authentication certificate", authority.DNIe, both, identity.High, true},
		{"another issuer's card", authority.Card, together, identity.High, true},
		{"another issuer's file", authority.Software, together, identity.Substantial, false},
		{"idCAT", authority.IdCAT, together, identity.Substantial, false},
		{"ACCV, with a bare number", authority.ACCV, together, identity.Substantial, false},
		{"AC Camerfirma", authority.Camerfirma, together, identity.Substantial, false},
		{"a card of Izenpe", authority.Izenpe, together, identity.High, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h, flaw := table().Read(chainOf(t, test.kind))
			if flaw != "" {
				t.Fatalf("got flaw %s", flaw)
			}
			if got := []string{h.Person.GivenName, h.Person.FirstSurname, h.Person.SecondSurname}; !cmp.Equal(got, test.names) {
				t.Errorf("got %q, want %q", got, test.names)
			}
			if got := h.Person.Document.Reveal(); got != juan.Document {
				t.Errorf("got document %s, want %s", got, juan.Document)
			}
			if h.Level != test.level || h.OnDevice != test.onDevice || h.Policy == "" {
				t.Errorf("got level %s, device %v, policy %q; want %s, %v", h.Level, h.OnDevice, h.Policy, test.level, test.onDevice)
			}
		})
	}
}

func TestEverybodyElseIsToldApart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		kind authority.Kind
		want profile.Flaw
	}{
		{"a representative", authority.Representative, profile.ForOrganisation},
		{"somebody linked to an administration", authority.LinkedPerson, profile.ForOrganisation},
		{"somebody of a company, by the policy alone", authority.CompanyMember, profile.ForOrganisation},
		{"a seal", authority.Seal, profile.OfOrganisation},
		{"a pseudonym", authority.Pseudonym, profile.Nameless},
		{"the DNIe's signature certificate", authority.DNIeSignature, profile.SignatureOnly},
		{"a key for encryption", authority.WrongUsage, profile.WrongUsage},
		{"a key for servers", authority.ServerOnly, profile.WrongUsage},
		{"a policy that is not listed", authority.OtherPolicy, profile.Unlisted},
		{"a passport's number", authority.Passport, profile.NoNumber},
		{"two numbers that differ", authority.TwoNumbers, profile.NoNumber},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h, flaw := table().Read(chainOf(t, test.kind))
			if flaw != test.want || h != (profile.Holder{}) {
				t.Errorf("got %q and %v, want %q and nobody", flaw, h.Person, test.want)
			}
		})
	}
}

func TestPublicEmployeesAreMarked(t *testing.T) {
	t.Parallel()
	h, flaw := table().Read(chainOf(t, authority.Employee))
	if flaw != "" || !h.Employee || h.Person.Document.Reveal() != juan.Document || h.Person.FirstSurname != "ESPAÑOL DE LA MUESTRA" || h.Level != identity.Substantial {
		t.Errorf("got %q, %v, %s", flaw, h.Person, h.Level)
	}
	if h, _ := table().Read(chainOf(t, authority.Citizen)); h.Employee {
		t.Error("a citizen is taken for an employee")
	}
}

// A policy means something only under the issuer that it belongs to: another one in
// the trust store that writes the DNIe's policy into its certificates gets nobody
// to level high.
func TestAPolicyOfAnotherIssuerMeansNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range []authority.Kind{authority.DNIe, authority.DNIeSignature} {
		_, flaw := profile.Default().Read(chainOf(t, kind))
		if flaw == "" {
			t.Errorf("%s: another issuer's certificate was taken", kind)
		}
	}
}

// All versions of a policy are meant, and none that begins with the same figures.
func TestPoliciesWithVersions(t *testing.T) {
	t.Parallel()
	chain := chainOf(t, authority.CompanyMember) // 1.3.6.1.4.1.8149.3.25.4.0
	for policy, want := range map[string]profile.Flaw{
		"1.3.6.1.4.1.8149.3.25.*": profile.OfOrganisation, "1.3.6.1.4.1.8149.3.25.4.0": profile.OfOrganisation, "1.3.6.1.4.1.8149.3.25.4.*": profile.OfOrganisation,
		"1.3.6.1.4.1.8149.3.2.*": profile.Unlisted, "1.3.6.1.4.1.8149.3.25": profile.Unlisted, "1.3.6.1.4.1.8149.3.25.4.0.*": profile.Unlisted,
	} {
		if _, flaw := (profile.Table{{Policy: policy, Means: profile.Seal}}).Read(chain); flaw != want {
			t.Errorf("%s: got %q, want %q", policy, flaw, want)
		}
	}
}

// An authority's own certificate is nobody's, whatever it says.
func TestAnAuthorityIsNobody(t *testing.T) {
	t.Parallel()
	chain := chainOf(t, authority.Citizen)
	if _, flaw := table().Read(chain[1:]); flaw != profile.Unlisted {
		t.Errorf("got %q", flaw)
	}
}

// Whatever stands in a certificate, it is read as somebody in full, or as nobody.
func FuzzRead(f *testing.F) {
	ca, err := authority.New(time.Now(), authority.Addresses{})
	if err != nil {
		f.Fatal(err)
	}
	for _, kind := range authority.Kinds() {
		issued, err := ca.Issue(kind, juan)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(issued.Certificate.Raw)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			return
		}
		h, flaw := table().Read([]*x509.Certificate{leaf, ca.Root})
		p := h.Person
		switch {
		case flaw != "" && h != (profile.Holder{}):
			t.Errorf("got %s, and somebody", flaw)
		case flaw == "" && (p.Document.IsZero() || p.GivenName == "" || p.FirstSurname == "" || h.Level < identity.Substantial || h.Policy == ""):
			t.Errorf("got half of somebody at level %s", h.Level)
		case strings.ContainsFunc(p.GivenName+p.FirstSurname+p.SecondSurname, unicode.IsControl):
			t.Error("got names that cannot be shown")
		}
	})
}
