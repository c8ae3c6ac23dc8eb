package identity_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"clave/identity"

	"github.com/google/go-cmp/cmp"
)

func carmen(t *testing.T) identity.Person {
	t.Helper()
	doc, err := identity.ParseDocument("99999999R")
	if err != nil {
		t.Fatal(err)
	}
	return identity.Person{
		Document: doc, Kind: identity.DNI, GivenName: "Carmen", FirstSurname: "Española",
		SecondSurname: "Ejemplar", BirthDate: identity.Date{Year: 1980, Month: 1, Day: 1},
	}
}

func TestAttributesOfAPerson(t *testing.T) {
	t.Parallel()
	want := identity.Attributes{
		GivenName: "Carmen", FamilyName: "Española Ejemplar", FirstSurname: "Española", SecondSurname: "Ejemplar",
		BirthDate: identity.Date{Year: 1980, Month: 1, Day: 1}, DocumentNumber: "99999999R", DocumentKind: identity.DNI,
	}
	if diff := cmp.Diff(want, carmen(t).Attributes()); diff != "" {
		t.Error(diff)
	}
	single := carmen(t)
	single.SecondSurname = ""
	if got := single.Attributes().FamilyName; got != "Española" {
		t.Errorf("one surname: got %q", got)
	}
}

func TestOnlyReleasesWhatIsAllowed(t *testing.T) {
	t.Parallel()
	all := carmen(t).Attributes()
	if got := all.Only(nil); got != (identity.Attributes{}) || len(got.Names()) != 0 {
		t.Errorf("nothing allowed released %v", got)
	}
	if got := all.Only([]identity.Attribute{"address"}); got != (identity.Attributes{}) {
		t.Errorf("an unknown attribute released %v", got)
	}
	if diff := cmp.Diff(all, all.Only(identity.AllAttributes())); diff != "" {
		t.Error(diff)
	}
	for _, name := range identity.AllAttributes() {
		only := all.Only([]identity.Attribute{name})
		if diff := cmp.Diff([]identity.Attribute{name}, only.Names()); diff != "" {
			t.Error(diff)
		}
		if only.Value(name) == "" || only.Value(name) != all.Value(name) {
			t.Errorf("%s: got %q", name, only.Value(name))
		}
	}
}

func TestAttributesBecomeClaims(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(carmen(t).Attributes().Only([]identity.Attribute{identity.GivenName, identity.BirthDate}))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"given_name":"Carmen","birthdate":"1980-01-01"}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var back identity.Attributes
	if err := json.Unmarshal(got, &back); err != nil || back.BirthDate.Year != 1980 {
		t.Errorf("got %v, %v", back, err)
	}
}

func TestPeoplePrintMasked(t *testing.T) {
	t.Parallel()
	person := carmen(t)
	attributes := person.Attributes()
	for _, got := range []string{
		fmt.Sprintf("%v %+v %#v %s %q %x %d", person, person, person, person, person, person, person),
		fmt.Sprintf("%v %+v %#v %s %q %x %d", attributes, attributes, attributes, attributes, attributes, attributes, attributes),
		person.LogValue().String(), attributes.LogValue().String(),
	} {
		for _, secret := range []string{"Carmen", "Española", "Ejemplar", "1980", "99999"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s is in %s", secret, got)
			}
		}
	}
}
