package registry

import (
	"strings"
	"testing"
	"time"

	"clave/identity"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const secret = "NIkYlCyLpUEmdv2ZQ7mYDpqgGIc4kGm5uH3vJt0a"

// town is a registration that uses every field; the certificate files are in
// testFiles.
const town = `
- id: demo-town
  name: {es: Ayuntamiento de Ejemplo, en: Example Town Hall}
  organisation: {nif: P2807900B, dir3: L01280796}
  sector: demo-town
  minimum_level: substantial
  minimum_registration: basic
  methods: [pin, movil, permanente, certificate]
  sso: ask
  attributes: [given_name, family_name, birthdate, document_number]
  oidc:
    - client_id: demo-town-web
      client_secret: "` + secret + `"
      token_endpoint_auth_method: client_secret_post
      redirect_uris: [https://town.example/callback]
      post_logout_redirect_uris: [https://town.example/]
      backchannel_logout_uri: https://town.example/logout
      grant_types: [authorization_code, refresh_token]
      id_token_signed_response_alg: PS256
      pkce: optional
      claims_in_id_token: true
      access_token_format: at+jwt
      scope: openid profile
      allowed_origins: [https://town.example]
  saml:
    - metadata_file: town-sp.xml
      login_hint: none
  clave:
    - provider_name: P2807900B_L01280796;App
      acs: [https://town.example/acs]
      logout: [https://town.example/slo]
      certificates: [town.pem]
      encryption_certificate: town.pem
`

func production() Rules {
	return Rules{Now: noon, ReadFile: testFile}
}

// prepare applies texts to an empty register.
func prepare(rules Rules, texts ...string) (Change, error) {
	return prepareOn(Register{}, rules, texts...)
}

func prepareOn(current Register, rules Rules, texts ...string) (Change, error) {
	var files []*File
	for _, text := range texts {
		files = append(files, Read("town.yaml", []byte(text), rules))
	}
	return Prepare(current, noon, files...)
}

func TestAFullRegistrationIsRead(t *testing.T) {
	t.Parallel()
	change, err := prepare(production(), town)
	if err != nil {
		t.Fatal(err)
	}
	p := change.Put[0]
	if p.MinimumLevel != identity.Substantial || p.MinimumRegistration != identity.Basic || p.Name.In("gl") != "Ayuntamiento de Ejemplo" {
		t.Errorf("got %+v", p)
	}
	k := p.OIDC[0]
	if len(k.SecretHash) != 32 || k.Scopes[1] != "profile" || k.AccessTokenFormat != "at+jwt" {
		t.Errorf("got %+v", k)
	}
	if !strings.Contains(p.SAML[0].Metadata, "EntityDescriptor") || p.SAML[0].MetadataFile != "" {
		t.Errorf("got %+v", p.SAML[0])
	}
	if !strings.HasPrefix(p.Clave[0].Certificates[0], "MII") {
		t.Errorf("got %+v", p.Clave[0])
	}
}

func TestWhatIsLeftOutGetsSafeValues(t *testing.T) {
	t.Parallel()
	change, err := prepare(production(), `
- id: demo-town
  name: {es: Ayuntamiento de Ejemplo}
  organisation: {nif: p-2807900-b}
  oidc:
    - client_id: demo-town-web
      client_secret_hash: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
      redirect_uris: [https://town.example/callback]
`)
	if err != nil {
		t.Fatal(err)
	}
	want := &RelyingParty{
		ID: "demo-town", Name: Names{"es": "Ayuntamiento de Ejemplo"}, Sector: "demo-town", SSO: SSOAsk,
		Organisation: Organisation{NIF: "P2807900B"}, MinimumLevel: identity.Low,
		Methods: []identity.Method{identity.PIN, identity.Movil, identity.Permanente, identity.Certificate},
		OIDC: []OIDCClient{{
			ClientID: "demo-town-web", SecretHash: change.Put[0].OIDC[0].SecretHash, TokenEndpointAuthMethod: "client_secret_basic",
			RedirectURIs: []string{"https://town.example/callback"}, GrantTypes: []string{"authorization_code"},
			IDTokenSignedResponseAlg: "ES256", AccessTokenFormat: "opaque", PKCE: "required",
			Scopes: ScopeList{"openid", "profile", "document", "registration"},
		}},
	}
	if diff := cmp.Diff(want, change.Put[0]); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsStoredComesBackTheSame(t *testing.T) {
	t.Parallel()
	change, err := prepare(production(), town)
	if err != nil {
		t.Fatal(err)
	}
	back, err := FromCanonical(Canonical(change.Put[0]))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(change.Put[0], back); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(string(Canonical(back)), secret) {
		t.Error("the client secret is stored in clear")
	}
}

func TestWhatIsShownCanBeAppliedAgain(t *testing.T) {
	t.Parallel()
	change, err := prepare(production(), town)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := YAML(change.Put...)
	if err != nil {
		t.Fatal(err)
	}
	again, err := prepareOn(Register{Parties: change.Put}, Rules{Now: noon}, string(shown))
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	if !again.Empty() || again.Diff() != "" {
		t.Errorf("got a change:\n%s", again.Diff())
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	change, err := prepare(production(), town, strings.NewReplacer("demo-town", "aaa", "App", "Other", "PS256", "EdDSA", "town-sp.xml", "other-sp.xml").Replace(town))
	if err != nil {
		t.Fatal(err)
	}
	s := NewSnapshot(7, change.Put)
	if p, k, ok := s.Client("demo-town-web"); !ok || p.ID != "demo-town" || k.ClientID != "demo-town-web" {
		t.Errorf("got %v %v %v", p, k, ok)
	}
	if _, _, ok := s.Client("DEMO-TOWN-WEB"); ok {
		t.Error("a client id of another case was found")
	}
	if got := s.Parties(); len(got) != 2 || got[0].ID != "aaa" {
		t.Errorf("got %v", got)
	}
	if diff := cmp.Diff([]string{"EdDSA", "PS256"}, s.Algorithms()); diff != "" {
		t.Error(diff)
	}
}

func TestProviderNamesAreFoundInEverySpelling(t *testing.T) {
	t.Parallel()
	for _, spelling := range []string{"P2807900B_L01280796;App", "p2807900b_l01280796;app", "P2807900B_L01280796_App"} {
		if got := ProviderKey(spelling); got != "P2807900B_L01280796;APP" {
			t.Errorf("%s: got %s", spelling, got)
		}
	}
	// What stands in the name of the application is its own.
	if one, other := ProviderKey("P2807900B_L01280796;my_app"), ProviderKey("P2807900B_L01280796_MY_APP"); one != other {
		t.Errorf("one service has two names, %q and %q", one, other)
	}
	if one, other := ProviderKey("P2807900B_L01280796;A_B"), ProviderKey("P2807900B_L01280796;A;B"); one == other {
		t.Errorf("two names are the one service %q", one)
	}
	if got := ProviderKey("P2807900B_L01280796"); got != "P2807900B_L01280796" {
		t.Errorf("got %s", got)
	}
}
