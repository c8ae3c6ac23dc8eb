package registrar

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"clave/audit"
	"clave/identity"
)

func fullRecord(t *testing.T) Record {
	t.Helper()
	document, err := identity.ParseDocument("12345678Z")
	if err != nil {
		t.Fatal(err)
	}
	phone, err := identity.ParseE164("+34600000001")
	if err != nil {
		t.Fatal(err)
	}
	email, err := identity.ParseEmail("somebody@correo.example")
	if err != nil {
		t.Fatal(err)
	}
	return Record{
		Number: 7, Change: PhoneTaken, At: time.Date(2026, 11, 21, 12, 0, 0, 123456000, time.UTC), Actor: audit.Officer("OFFICER1"),
		By: By{
			Channel: identity.ByOffice, Method: identity.PIN, Login: "login", Officer: "OFFICER1", Office: "28-001",
			Reason: "expediente 7", Language: "ca-valencia", Conditions: "2026-11",
		},
		State: identity.PhoneRevoked, Level: identity.Advanced, Channel: identity.ByCertificate, Document: document,
		Phone: phone, Email: email, Conditions: "2026-05", Receipt: "receipt", Other: "OTHER",
	}
}

func TestRecordsComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Record{"full": fullRecord(t), "empty": {}} {
		plain, err := AppendRecord(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseRecord(plain)
		if err != nil || got != want {
			t.Errorf("%s: got another record, %v", name, err)
		}
	}
}

func TestBrokenRecordsAreNotRead(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{"", "{", `{"document":"12345678A"}`, `{"phone":"600"}`, `{"email":"@"}`, `{"level":"highest"}`} {
		if _, err := ParseRecord([]byte(plain)); err == nil || strings.Contains(err.Error(), "12345678") {
			t.Errorf("%s: got %v", plain, err)
		}
	}
}

func TestNothingPrintsWhatIsPersonal(t *testing.T) {
	t.Parallel()
	r := fullRecord(t)
	entry := Entry{}
	entry.Person, entry.State, entry.Document, entry.Phone, entry.Email = "PERSON1", identity.Registered, r.Document, r.Phone, r.Email
	for _, value := range []any{r, entry, Held{Entry: entry, Holder: entry}, Application{Document: r.Document, Phone: r.Phone, Email: r.Email}} {
		printed := fmt.Sprintf("%v %+v %#v %s", value, value, value, value)
		for _, personal := range []string{"12345678", "600000001", "somebody"} {
			if strings.Contains(printed, personal) {
				t.Errorf("%T prints %s", value, personal)
			}
		}
	}
}
