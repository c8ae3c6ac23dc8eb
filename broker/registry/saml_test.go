package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clave/internal/saml2"
	"clave/keys"
)

// snapshotWith is town with another SAML service.
func snapshotWith(t *testing.T, lines string) *Snapshot {
	t.Helper()
	change, err := prepare(production(), editEntry("metadata_file", "login_hint", lines))
	if err != nil {
		t.Fatal(err)
	}
	return NewSnapshot(1, change.Put)
}

func TestASAMLServiceIsFound(t *testing.T) {
	t.Parallel()
	s := snapshotWith(t, "{metadata_file: town-sp.xml, unsigned_requests_acs: https://town.example/acs, cipher: aes128-cbc, signing_key: k1, until: 2026-12-01}")
	got, err := s.SAML("https://town.example/sp", noon)
	if err != nil || got.Party.ID != "demo-town" || len(got.Keys) != 1 || got.Encryption.Cipher != saml2.AES128CBC || len(got.Called) != 0 {
		t.Fatalf("got %+v, %v", got, err)
	}
	last := time.Date(2026, 12, 1, 23, 59, 59, 0, time.UTC)
	if a, b := got.Registered.Key(last), got.Registered.Key(last.Add(time.Second)); a != "k1" || b != "" {
		t.Errorf("got the keys %q and %q", a, b)
	}
	for _, name := range []string{"", "https://TOWN.example/sp", "https://town.example/sp/"} {
		if _, err := s.SAML(name, noon); !errors.Is(err, ErrNoService) {
			t.Errorf("%q was found: %v", name, err)
		}
	}
}

func TestMetadataEndWithTheirTime(t *testing.T) {
	t.Parallel()
	s := snapshotWith(t, "{metadata_file: ends-sp.xml}")
	end := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	if _, err := s.SAML("https://town.example/sp", end.Add(-time.Second)); err != nil {
		t.Error(err)
	}
	if _, err := s.SAML("https://town.example/sp", end); !errors.Is(err, ErrUnusable) {
		t.Errorf("got %v", err)
	}
}

func TestAnUnsignedRequestIsAnsweredAtTheRegisteredAddressAlone(t *testing.T) {
	t.Parallel()
	one, other, artifact := 0, 1, "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"
	services := map[string]*SAMLService{}
	for name, lines := range map[string]string{
		"fixed": "{metadata_file: town-sp.xml, unsigned_requests_acs: https://town.example/acs}", "signed": "{metadata_file: town-sp.xml}",
	} {
		service, err := snapshotWith(t, lines).SAML("https://town.example/sp", noon)
		if err != nil {
			t.Fatal(err)
		}
		// A second one, which only signed requests may name.
		metadata := *service.Metadata
		metadata.ACS = append(metadata.ACS, saml2.IndexedEndpoint{Endpoint: saml2.Endpoint{Location: "https://town.example/second"}, Index: 1})
		copied := *service
		copied.Metadata = &metadata
		services[name] = &copied
	}
	for _, tc := range []struct {
		name, service string
		wish          saml2.ACS
		ok            bool
	}{
		{"no wish", "fixed", saml2.ACS{}, true},
		{"the registered address", "fixed", saml2.ACS{URL: "https://town.example/acs"}, true},
		{"its number", "fixed", saml2.ACS{Index: &one}, true},
		{"its binding", "fixed", saml2.ACS{Binding: saml2.BindingPost}, true},
		{"another address of the service", "fixed", saml2.ACS{URL: "https://town.example/second"}, false},
		{"another number of the service", "fixed", saml2.ACS{Index: &other}, false},
		{"another binding", "fixed", saml2.ACS{Binding: artifact}, false},
		{"somebody's address", "fixed", saml2.ACS{URL: "https://evil.example/"}, false},
		{"a service that has to sign", "signed", saml2.ACS{}, false},
		{"its own address", "signed", saml2.ACS{URL: "https://town.example/acs"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			at, ok := services[tc.service].AnswerUnsigned(tc.wish)
			if ok != tc.ok || ok && at.Location != "https://town.example/acs" || !ok && at.Location != "" {
				t.Errorf("got %+v, %v", at, ok)
			}
		})
	}
	signs := *services["fixed"]
	signs.Metadata = &saml2.ServiceProvider{SignsRequests: true, ACS: signs.Metadata.ACS}
	if _, ok := signs.AnswerUnsigned(saml2.ACS{}); ok || signs.TakesUnsigned() {
		t.Error("unsigned requests are taken from who says that they sign")
	}
}

func TestADialectServiceIsFoundHoweverItsNameIsWritten(t *testing.T) {
	t.Parallel()
	change, err := prepare(production(), edit("certificates", "certificates: [town.pem, ec.pem]"))
	if err != nil {
		t.Fatal(err)
	}
	s := NewSnapshot(1, change.Put)
	for _, name := range []string{"P2807900B_L01280796;App", "p2807900b_l01280796;app", "P2807900B_L01280796_App", "p2807900b_l01280796_APP"} {
		got, err := s.Dialect(name)
		if err != nil || got.Party.ID != "demo-town" || len(got.Keys) != 2 || got.Encryption == nil {
			t.Fatalf("%s: got %+v, %v", name, got, err)
		}
		if !got.AnswersAt("https://town.example/acs") || got.AnswersAt("https://town.example/ACS") || !got.LogsOutAt("https://town.example/slo") || got.LogsOutAt("https://town.example/acs") {
			t.Error("addresses are not compared letter by letter")
		}
	}
	for _, name := range []string{"", "P2807900B_L01280796", "P2807900B_L01280796;App;App", "P2807900B_L01280796;Apps", "P2807900B;L01280796;App", "P2807900B_L01280796;ᴀpp", strings.Repeat("_", 1000)} {
		if _, err := s.Dialect(name); !errors.Is(err, ErrNoService) {
			t.Errorf("%q was found: %v", name, err)
		}
	}
}

func TestFetchedMetadataBelongToTheSignersOfTheRegistration(t *testing.T) {
	t.Parallel()
	change, err := prepare(production(), editEntry("metadata_file", "login_hint", "{metadata_url: https://town.example/sp, entity_id: https://town.example/sp, metadata_certificates: [town.pem]}"))
	if err != nil {
		t.Fatal(err)
	}
	source, _ := change.Put[0].SAML[0].Source()
	metadata := &saml2.ServiceProvider{EntityID: "https://town.example/sp"}
	if _, err := NewSnapshot(1, change.Put).SAML("https://town.example/sp", noon); !errors.Is(err, ErrUnusable) {
		t.Errorf("before anything was fetched: got %v", err)
	}
	if _, err := snapshotOf(1, change.Put, Fetched{source: metadata}, nil).SAML("https://town.example/sp", noon); err != nil {
		t.Error(err)
	}
	change.Put[0].SAML[0].MetadataCertificates = nil
	if _, err := snapshotOf(1, change.Put, Fetched{source: metadata}, nil).SAML("https://town.example/sp", noon); !errors.Is(err, ErrUnusable) {
		t.Errorf("with another signer: got %v", err)
	}
}

func TestAServiceStaysOnAKeyThatThereIs(t *testing.T) {
	t.Parallel()
	rules := production()
	rules.Kept = func(use keys.Use, id string) bool { return use == keys.UseSAML && id == "k1" }
	lines := "{metadata_file: town-sp.xml, signing_key: %s, until: 2026-12-01}"
	if _, err := prepare(rules, editEntry("metadata_file", "login_hint", fmt.Sprintf(lines, "k1"))); err != nil {
		t.Error(err)
	}
	_, err := prepare(rules, editEntry("metadata_file", "login_hint", fmt.Sprintf(lines, "k2")))
	if err == nil || !strings.Contains(err.Error(), "signing_key: is no key of the use saml") {
		t.Errorf("got %v", err)
	}
	_, err = prepare(rules, edit("logout", "signing_key: k1\n      until: 2026-12-01"))
	if err == nil || !strings.Contains(err.Error(), "signing_key: is no key of the use clave") {
		t.Errorf("got %v", err)
	}
}
