package registry

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is a registration with little in it.
const small = `
- id: ID
  name: {es: Servicio}
  organisation: {nif: NIF}
  sector: SECTOR
  oidc:
    - client_id: CLIENT
      token_endpoint_auth_method: none
      redirect_uris: [https://town.example/callback]
`

func service(id, sector, nif, client string) string {
	return strings.NewReplacer("ID", id, "SECTOR", sector, "NIF", nif, "CLIENT", client).Replace(small)
}

func registerOf(t *testing.T, texts ...string) Register {
	t.Helper()
	change, err := prepare(production(), texts...)
	if err != nil {
		t.Fatal(err)
	}
	return Register{Revision: 3, Parties: change.Put}
}

const (
	nifTown    = "P2807900B"
	nifCountry = "S2833002E"
)

func TestNamesAreUsedOnce(t *testing.T) {
	t.Parallel()
	base := service("a", "a", nifTown, "web-a")
	for _, tc := range []struct {
		name    string
		current Register
		files   []string
		want    string
	}{
		{"the same id twice in a file", Register{}, []string{base + service("a", "a", nifTown, "web-b")},
			`town.yaml:11: [1].id: the id belongs to relying party "a" already (town.yaml:2); names are compared without case`},
		{"the same id in two files", Register{}, []string{base, service("a", "a", nifTown, "web-b")},
			`town.yaml:2: [0].id: the id belongs to relying party "a" already (town.yaml:2); names are compared without case`},
		{"the same client id in other letters", Register{}, []string{base, service("b", "b", nifTown, "WEB-A")},
			`town.yaml:7: [0].oidc[0].client_id: the client_id belongs to relying party "a" already (town.yaml:7); names are compared without case`},
		{"a client id of a stored party", registerOf(t, base), []string{service("b", "b", nifTown, "web-a")},
			`town.yaml:7: [0].oidc[0].client_id: the client_id belongs to relying party "a" already; names are compared without case`},
		{"a provider name in other letters", Register{}, []string{town, strings.NewReplacer("demo-town", "b", ";App", "_app", "P2807900B_", "p2807900b_", "town-sp.xml", "other-sp.xml").Replace(town)},
			`town.yaml:29: [0].clave[0].provider_name: the provider_name belongs to relying party "demo-town" already (town.yaml:29); names are compared without case`},
		{"an entity of another party", Register{}, []string{town, strings.NewReplacer("demo-town", "b", ";App", ";Other").Replace(town)},
			`town.yaml:26: [0].saml[0]: the entity_id belongs to relying party "demo-town" already (town.yaml:26); names are compared without case`},
		{"a sector of another organisation", registerOf(t, base), []string{service("b", "a", nifCountry, "web-b")},
			`town.yaml:5: [0].sector: belongs to another organisation (relying party "a"): citizens' subjects would be the same at both; choose another`},
		{"a sector of another organisation that was removed", Register{Removed: registerOf(t, base).Parties}, []string{service("b", "a", nifCountry, "web-b")},
			`town.yaml:5: [0].sector: belongs to another organisation (relying party "a"): citizens' subjects would be the same at both; choose another`},
		{"another sector for a stored party", registerOf(t, base), []string{service("a", "b", nifTown, "web-a")},
			`town.yaml:5: [0].sector: was "a" and cannot change: every citizen would become somebody else at the service; for a new sector register a new id`},
		{"another sector for a party that was removed", Register{Removed: registerOf(t, base).Parties}, []string{service("a", "b", nifTown, "web-a")},
			`town.yaml:5: [0].sector: was "a" and cannot change: every citizen would become somebody else at the service; for a new sector register a new id`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := prepareOn(tc.current, production(), tc.files...)
			if err == nil {
				t.Fatal("got no problem")
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsAllowedTogether(t *testing.T) {
	t.Parallel()
	base := service("a", "a", nifTown, "web-a")
	for _, tc := range []struct {
		name    string
		current Register
		files   []string
	}{
		{"a sector within one organisation", registerOf(t, base), []string{service("b", "a", nifTown, "web-b")}},
		{"a client that moves to another party in one go", registerOf(t, base), []string{service("a", "a", nifTown, "web-b") + service("b", "b", nifTown, "web-a")}},
		{"a client id of a party that was removed", Register{Removed: registerOf(t, base).Parties}, []string{service("b", "b", nifCountry, "web-a")}},
		{"a party that was removed and comes back", Register{Removed: registerOf(t, base).Parties}, []string{base}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			change, err := prepareOn(tc.current, production(), tc.files...)
			if err != nil {
				t.Fatal(err)
			}
			if change.Base != tc.current.Revision || change.Empty() || !change.At.Equal(noon) {
				t.Errorf("got %+v", change)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	current := registerOf(t, town)
	t.Run("nothing changes", func(t *testing.T) {
		t.Parallel()
		change, err := prepareOn(current, production(), town)
		if err != nil || !change.Empty() || change.Diff() != "" {
			t.Errorf("got %v, %q", err, change.Diff())
		}
	})
	t.Run("each field that changes is a line, secrets are not shown", func(t *testing.T) {
		t.Parallel()
		change, err := prepareOn(current, production(), strings.NewReplacer(
			"sso: ask", "sso: silent", secret, "m"+secret, "    - client_id: demo-town-web", `    - client_id: new
      redirect_uris: [https://new.example/]
      token_endpoint_auth_method: none
    - client_id: demo-town-web`, "      backchannel_logout_uri: https://town.example/logout\n", "").Replace(town))
		if err != nil {
			t.Fatal(err)
		}
		want := `~ demo-town
    - oidc[demo-town-web].backchannel_logout_uri: https://town.example/logout
    ~ oidc[demo-town-web].client_secret_hash: (a secret) -> (a secret)
    + oidc[new].access_token_format: opaque
    + oidc[new].client_id: new
    + oidc[new].grant_types: ["authorization_code"]
    + oidc[new].id_token_signed_response_alg: ES256
    + oidc[new].pkce: required
    + oidc[new].redirect_uris: ["https://new.example/"]
    + oidc[new].scope: openid profile document registration
    + oidc[new].token_endpoint_auth_method: none
    ~ sso: ask -> silent
`
		if diff := cmp.Diff(want, change.Diff()); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a removal lists what goes", func(t *testing.T) {
		t.Parallel()
		change, err := PrepareRemoval(current, noon, "demo-town")
		if err != nil || change.Base != 3 || len(change.Remove) != 1 || !strings.HasPrefix(change.Diff(), "- demo-town (removed)\n    - attributes: ") {
			t.Errorf("got %v, %+v", err, change)
		}
	})
	t.Run("what is not there cannot be removed", func(t *testing.T) {
		t.Parallel()
		if _, err := PrepareRemoval(current, noon, "other"); !errors.Is(err, ErrUnknown) {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(town))
	f.Add([]byte(service("a", "a", nifTown, "web-a")))
	f.Add([]byte("- id: [1\n"))
	f.Add([]byte(`[{"id":"a","oidc":[{"jwks":{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB","d":"x"}]}}]}]`))
	f.Add([]byte("- {id: a, saml: [{metadata: '<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\">'}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		change, err := prepare(Rules{Now: noon}, string(data))
		if err != nil {
			return
		}
		// What is accepted can be stored, shown and applied again without a change.
		shown, err := YAML(change.Put...)
		if err != nil {
			t.Fatal(err)
		}
		again, err := prepareOn(Register{Parties: change.Put}, Rules{Now: noon}, string(shown))
		if err != nil || !again.Empty() {
			t.Errorf("got %v, %q from\n%s", err, again.Diff(), shown)
		}
	})
}
