package registry

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// edit replaces one line of town by its beginning.
func edit(line, with string) string {
	lines := strings.Split(town, "\n")
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimLeft(l, " -"), line) {
			lines[i] = l[:len(l)-len(strings.TrimLeft(l, " -"))] + with
			return strings.Join(lines, "\n")
		}
	}
	panic("town has no line " + line)
}

// editEntry replaces an entry of a list in town, from one line to another.
func editEntry(line, last, with string) string {
	text := edit(line, with)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimLeft(l, " -"), last) {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

const places = "town.yaml:"

func TestEachMistakeIsRefusedWithItsLineAndRemedy(t *testing.T) {
	t.Parallel()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	keysInstead := func(set string) string {
		return strings.Replace(edit("client_secret", "jwks: "+set), "client_secret_post", "private_key_jwt", 1)
	}
	for _, tc := range []struct{ name, yaml, want string }{
		// Party.
		{"an unknown field", edit("sso", "ssso: ask"), `9: [0]: unknown field "ssso"; did you mean "sso"?`},
		{"an id with capitals", edit("id", "id: Town"), "2: [0].id: wants an id of 1 to 63 of a-z 0-9 and -, as in demo-town"},
		{"the installation's own id", edit("id", "id: clave"), "2: [0].id: and sector cannot be clave: that is this installation itself"},
		{"no name", edit("name", "name: {}"), "3: [0].name: wants the name that citizens read, as in {es: Ayuntamiento de Ejemplo}"},
		{"an unknown language", edit("name", "name: {es: A, fr: B}"), "3: [0].name.fr: is no language of the pages; they are es, ca, gl, eu, ca-valencia and en"},
		{"an empty name", edit("name", `name: {es: " "}`), "3: [0].name.es: is empty or has spaces around it"},
		{"a name that turns the writing around", edit("name", `name: {es: "a\u202eb"}`), "3: [0].name.es: has characters that cannot be shown"},
		{"a name too long", edit("name", "name: {es: "+strings.Repeat("a", 101)+"}"), "3: [0].name.es: is longer than 100 characters"},
		{"a mistyped NIF", edit("organisation", "organisation: {nif: P2807900C}"), "4: [0].organisation.nif: is mistyped: its last character does not fit the others"},
		{"a citizen's NIF", edit("organisation", "organisation: {nif: 12345678Z}"), "4: [0].organisation.nif: is not the NIF of an organisation: want a letter, seven digits and a control digit or letter"},
		{"no NIF", edit("organisation", "organisation: {dir3: L01280796}"), "4: [0].organisation.nif: wants the tax number of the administration, as in P2807900B"},
		{"no DIR3 code", edit("organisation", "organisation: {nif: P2807900B, dir3: 1280796}"), "4: [0].organisation.dir3: is not a DIR3 code: want one or two capital letters and digits, nine in all, as in L01280796"},
		{"a sector with spaces", edit("sector", "sector: my town"), "5: [0].sector: wants a sector of 1 to 63 of a-z 0-9 and -; the id is a good one"},
		{"an unknown level", edit("minimum_level", "minimum_level: medium"), `6: [0].minimum_level: unknown level "medium": want low, substantial or high`},
		{"no level at all", edit("minimum_level", "minimum_level: none"), "6: [0].minimum_level: wants low, substantial or high; a login always has a level"},
		{"an unknown registration level", edit("minimum_registration", "minimum_registration: high"), `7: [0].minimum_registration: unknown registration level "high": want basic or advanced`},
		{"an unknown method", edit("methods", "methods: [pin, movl]"), `8: [0].methods[1]: is unknown; did you mean "movil"? Known are pin, movil, permanente, certificate, eidas`},
		{"a method twice", edit("methods", "methods: [pin, pin]"), "8: [0].methods[1]: is there twice; remove one"},
		{"no method", edit("methods", "methods: []"), "8: [0].methods: names no method; leave the field out for the usual four"},
		{"a level that no method reaches", strings.Replace(edit("methods", "methods: [pin]"), "substantial", "high", 1), "8: [0].methods: cannot reach the minimum level high; add certificate or eidas"},
		{"eidas with a minimum registration", edit("methods", "methods: [pin, eidas]"), "7: [0].minimum_registration: is never satisfied by eidas, whose citizens are not registered here; leave out the one or the other"},
		{"an unknown sso", edit("sso", "sso: always"), "9: [0].sso: is unknown; known are silent, ask, never"},
		{"an unknown attribute", edit("attributes", "attributes: [name]"), "10: [0].attributes[0]: is unknown; known are given_name, family_name, first_surname, second_surname, birthdate, document_number, document_kind"},
		{"no protocol", town[:strings.Index(town, "  oidc:")], "2: [0]: speaks no protocol; add oidc, saml or clave"},

		// Client.
		{"a client id with spaces", edit("client_id", "client_id: a b"), "12: [0].oidc[0].client_id: wants an id of 1 to 128 letters, digits and . _ ~ : / @ -"},
		{"a short secret", edit("client_secret", "client_secret: 0123456789012345678901234567890"), "13: [0].oidc[0].client_secret: is shorter than 32 characters; make one with: openssl rand -base64 32"},
		{"a long secret of few characters", edit("client_secret", "client_secret: "+strings.Repeat("changeme", 5)), "13: [0].oidc[0].client_secret: is not random; make one with: openssl rand -base64 32"},
		{"a hash that is none", edit("client_secret", "client_secret_hash: abc"), "13: [0].oidc[0].client_secret_hash: is not the 64 hexadecimal digits of a SHA-256\n" +
			places + "12: [0].oidc[0]: has no client_secret, which client_secret_post needs; a client that cannot keep one says token_endpoint_auth_method: none"},
		{"no secret", edit("client_secret", ""), "12: [0].oidc[0]: has no client_secret, which client_secret_post needs; a client that cannot keep one says token_endpoint_auth_method: none"},
		{"a public client with a secret", edit("token_endpoint", "token_endpoint_auth_method: none"), "13: [0].oidc[0].client_secret: is given for a public client; remove it, or say token_endpoint_auth_method: client_secret_basic\n" +
			places + "20: [0].oidc[0].pkce: cannot be optional for a public client: whoever catches the code could use it (RFC 9700 section 2.1.1)"},
		{"an unknown authentication", edit("token_endpoint", "token_endpoint_auth_method: client_secret_jwt"), "14: [0].oidc[0].token_endpoint_auth_method: is unknown; did you mean \"client_secret_post\"? Known are client_secret_basic, client_secret_post, private_key_jwt, none"},
		{"private_key_jwt without keys", strings.Replace(edit("client_secret", ""), "client_secret_post", "private_key_jwt", 1), "12: [0].oidc[0]: has neither jwks nor jwks_uri, which private_key_jwt needs: give the public keys"},
		{"an unknown algorithm", edit("id_token_signed", "id_token_signed_response_alg: none"), "19: [0].oidc[0].id_token_signed_response_alg: is unknown; known are ES256, RS256, PS256, EdDSA"},
		{"an unknown grant", edit("grant_types", "grant_types: [authorization_code, implicit]"), "18: [0].oidc[0].grant_types[1]: is unknown; known are authorization_code, refresh_token"},
		{"no code grant", edit("grant_types", "grant_types: [refresh_token]"), "18: [0].oidc[0].grant_types: lacks authorization_code, by which every login comes"},
		{"an unknown scope", edit("scope", "scope: openid email"), "23: [0].oidc[0].scope: is unknown; known are openid, profile, document, registration, offline_access"},
		{"no openid", edit("scope", "scope: profile"), "23: [0].oidc[0].scope: lacks openid"},
		{"offline access without refresh tokens", strings.Replace(edit("scope", "scope: openid offline_access"), "[authorization_code, refresh_token]", "[authorization_code]", 1), "23: [0].oidc[0].scope: has offline_access, which needs grant_types: [authorization_code, refresh_token]"},
		{"an unknown token format", edit("access_token", "access_token_format: jwt"), "22: [0].oidc[0].access_token_format: is unknown; did you mean \"at+jwt\"? Known are opaque, at+jwt"},
		{"an unknown pkce", edit("pkce", "pkce: never"), "20: [0].oidc[0].pkce: is unknown; known are required, optional"},

		// Keys.
		{"a private JWK", keysInstead(jwks(key)), "13: [0].oidc[0].jwks.keys[0]: " + leaked},
		{"a symmetric JWK", keysInstead(jwks([]byte("secret"))), "13: [0].oidc[0].jwks.keys[0]: is a symmetric key, which both sides could sign with; give a public key"},
		{"a weak RSA JWK", keysInstead(jwks(shortKey())), "13: [0].oidc[0].jwks.keys[0]: is an RSA key of 1024 bits; use 2048 or more"},
		{"a key set without keys", keysInstead("{keys: []}"), "13: [0].oidc[0].jwks: wants a JSON Web Key Set: an object with a list keys (RFC 7517 section 5)"},
		{"a key that is none", keysInstead("{keys: [{kty: EC, crv: P-256, x: a, y: b}]}"), "13: [0].oidc[0].jwks.keys[0]: is not a valid JSON Web Key (RFC 7517)"},
		{"two keys with one kid", keysInstead(strings.ReplaceAll(jwks(key.Public(), key.Public()), `"kid":"b"`, `"kid":"a"`)), "13: [0].oidc[0].jwks.keys[1]: has the same kid as another key"},
		{"a private PEM instead of keys", keysInstead(`"` + indent(string(testFiles()["key.pem"])) + `"`), "13: [0].oidc[0].jwks: is not JSON\n" +
			places + "13: [0].oidc[0].jwks: " + leaked + "\n" + places + "12: [0].oidc[0]: has neither jwks nor jwks_uri, which private_key_jwt needs: give the public keys"},
		{"a private PEM as a name", edit("name", `name: {es: "`+indent(string(testFiles()["key.pem"]))+`"}`), "3: [0].name.es: " + leaked + "\n" +
			places + "3: [0].name.es: has characters that cannot be shown"},

		// SAML.
		{"no metadata file there", edit("metadata_file", "metadata_file: none.xml"), "26: [0].saml[0].metadata_file: the file cannot be read: file does not exist"},
		{"two sources of metadata", edit("login_hint", "metadata_url: https://town.example/sp"), "26: [0].saml[0]: wants one of metadata_file, metadata and metadata_url"},
		{"metadata by http", editEntry("metadata_file", "login_hint", "{metadata_url: http://town.example/sp, entity_id: a, metadata_certificates: [town.pem]}"), "26: [0].saml[0].metadata_url: is http, so that anybody on the way reads citizens' codes; use https"},
		{"metadata too large", edit("metadata_file", "metadata_file: huge.xml"), "26: [0].saml[0].metadata_file: the file is larger than 1 MB"},
		{"metadata with a document type", edit("metadata_file", "metadata_file: doctype-sp.xml"), "26: [0].saml[0].metadata_file: unacceptable XML: a document type"},
		{"metadata of a federation", edit("metadata_file", "metadata_file: federation.xml"), "26: [0].saml[0].metadata_file: has no EntityDescriptor"},
		{"metadata without name", edit("metadata_file", "metadata_file: nameless-sp.xml"), "26: [0].saml[0].metadata_file: has no entityID, or one of more than 1024 characters"},
		{"half of the metadata", edit("metadata_file", "metadata_file: broken-sp.xml"), "26: [0].saml[0].metadata_file: unacceptable XML: not well-formed, or deeper than 32"},
		{"metadata with an expired certificate", edit("metadata_file", "metadata_file: expired-sp.xml"), "26: [0].saml[0].metadata_file: expired on 2026-11-20; give the one in force"},

		{"metadata without a usable endpoint", edit("metadata_file", "metadata_file: no-acs-sp.xml"), "26: [0].saml[0].metadata_file: has no AssertionConsumerService with binding HTTP-POST, by which answers are sent"},
		{"metadata whose answers go by http", edit("metadata_file", "metadata_file: http-sp.xml"), "26: [0].saml[0].metadata_file: has a AssertionConsumerService whose address is none that starts with https://"},
		{"metadata with a weak key", edit("metadata_file", "metadata_file: weak-sp.xml"), "26: [0].saml[0].metadata_file: has a certificate whose key is an RSA key of less than 2048 bits, or with a weak exponent"},
		{"metadata past their time", edit("metadata_file", "metadata_file: ended-sp.xml"), "26: [0].saml[0].metadata_file: the message is too old: its validUntil is past; fetch it anew"},
		{"metadata without a key for signing", edit("metadata_file", "metadata_file: keyless-sp.xml"), "26: [0].saml[0].metadata_file: has no certificate for signing, and unsigned_requests_acs is not given; give the one or the other"},
		{"metadata of who reads only CBC", edit("metadata_file", "metadata_file: cbc-sp.xml"), "26: [0].saml[0].metadata_file: the service reads no AES-GCM; its registration can ask for AES-CBC"},
		{"metadata with a key for encryption that has to be RSA", edit("metadata_file", "metadata_file: curve-sp.xml"), "26: [0].saml[0].metadata_file: the certificate to encrypt for has no RSA key"},
		{"metadata with a private key behind", edit("metadata_file", "metadata_file: pasted-sp.xml"), "26: [0].saml[0].metadata_file: " + leaked},
		{"unsigned metadata where a signer is named", edit("login_hint", "metadata_certificates: [town.pem]"), "26: [0].saml[0].metadata_file: the message is not signed"},
		{"metadata of another entity", edit("login_hint", "entity_id: https://other.example/sp"), "26: [0].saml[0].metadata_file: has no EntityDescriptor of this entityID"},
		{"unsigned requests from who signs", strings.Replace(edit("login_hint", "unsigned_requests_acs: https://town.example/acs"), "town-sp", "signs-sp", 1), "27: [0].saml[0].unsigned_requests_acs: is given, but the metadata say that requests are signed; remove it"},
		{"unsigned requests answered elsewhere", edit("login_hint", "unsigned_requests_acs: https://town.example/"), "27: [0].saml[0].unsigned_requests_acs: is no AssertionConsumerService of the metadata"},
		{"an unknown signing algorithm", edit("login_hint", "signing_alg: RS1"), `27: [0].saml[0].signing_alg: is unknown; did you mean "RS512"? Known are RS256, RS384, RS512, ES256`},
		{"an unknown cipher", edit("login_hint", "cipher: aes192-cbc"), `27: [0].saml[0].cipher: is unknown; did you mean "aes128-cbc"? Known are aes256-gcm, aes128-gcm, aes256-cbc, aes128-cbc`},
		{"an old key without end", edit("login_hint", "signing_key: k1"), "27: [0].saml[0].signing_key: wants until, the last day on which it is used, as in 2027-01-31; old keys do not stay for ever"},
		{"an address of metadata that nobody signs", editEntry("metadata_file", "login_hint", "{metadata_url: https://town.example/sp, entity_id: a}"), "26: [0].saml[0]: has a metadata_url and no metadata_certificates, by which what is fetched is verified; if the service does not sign its metadata, give them as metadata_file"},
		{"an address of anybody's metadata", editEntry("metadata_file", "login_hint", "{metadata_url: https://town.example/sp, metadata_certificates: [town.pem]}"), "26: [0].saml[0]: has a metadata_url and no entity_id; say whose metadata are expected there"},

		// Cl@ve 2.
		{"a certificate that cannot encrypt", edit("encryption", "encryption_certificate: ec.pem"), "33: [0].clave[0].encryption_certificate: cannot be used: the certificate to encrypt for has no RSA key"},
		{"a key that signs no XML", edit("certificates", "certificates: [ed25519.pem]"), "32: [0].clave[0].certificates[0]: has a key that is neither an RSA nor an ECDSA key"},
		{"a cipher for nothing", edit("encryption", "encryption_cipher: aes256-cbc"), "33: [0].clave[0].encryption_cipher: is given without encryption_certificate; add that or remove it"},
		{"a provider name without DIR3", edit("provider_name", "provider_name: P2807900B"), "29: [0].clave[0].provider_name: wants NIF_DIR3;Application, as in P2807900B_L01280796;Town"},
		{"Cl@ve 2 without the number", edit("attributes", "attributes: [given_name]"), "29: [0].clave[0]: needs document_number among the attributes of its relying party: it is the name in every answer"},
		{"no acs", edit("acs", "acs: []"), "29: [0].clave[0]: has no acs; list every address to which citizens return"},
		{"an acs by http", edit("acs", "acs: [http://town.example]"), "30: [0].clave[0].acs[0]: is http, so that anybody on the way reads citizens' codes; use https"},
		{"no certificates", edit("certificates", "certificates: []"), "29: [0].clave[0]: has no certificates, by which its requests are verified"},
		{"an expired certificate", edit("certificates", "certificates: [expired.pem]"), "32: [0].clave[0].certificates[0]: expired on 2026-11-20; give the one in force"},
		{"a certificate not yet valid", edit("certificates", "certificates: [town.pem, future.pem]"), "32: [0].clave[0].certificates[1]: is valid only from 2026-11-22; add it then, or give the one in force as well"},
		{"a weak certificate", edit("certificates", "certificates: [weak.pem]"), "32: [0].clave[0].certificates[0]: is an RSA key of 1024 bits; use 2048 or more"},
		{"a certificate with its private key", edit("certificates", "certificates: [with-key.pem]"), "32: [0].clave[0].certificates[0]: " + leaked},
		{"a chain", edit("certificates", "certificates: [chain.pem]"), "32: [0].clave[0].certificates[0]: holds several certificates; give the service's own alone, without its chain"},
		{"a public key alone", edit("certificates", "certificates: [public.pem]"), "32: [0].clave[0].certificates[0]: is not a certificate in PEM"},
		{"a file of something else", edit("encryption", "encryption_certificate: junk.pem"), "33: [0].clave[0].encryption_certificate: is not an X.509 certificate in PEM or DER"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := strings.Split(places+tc.want, "\n")
			_, err := prepare(production(), tc.yaml)
			if err == nil {
				t.Fatal("got no problem")
			}
			got := strings.Split(err.Error(), "\n")
			if diff := cmp.Diff(sortedLines(want), sortedLines(got)); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(err.Error(), "MIG") {
				t.Error("the problem repeats the private key")
			}
		})
	}
}

func sortedLines(lines []string) map[string]int {
	m := map[string]int{}
	for _, l := range lines {
		m[l]++
	}
	return m
}

func TestCertificatesComeAsPEMAndDER(t *testing.T) {
	t.Parallel()
	for _, with := range []string{
		"certificates: [town.der]",
		`certificates: ["` + indent(string(testFiles()["town.pem"])) + `"]`,
	} {
		a, err := prepare(production(), town)
		if err != nil {
			t.Fatal(err)
		}
		b, err := prepare(production(), edit("certificates", with))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a.Put, b.Put); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	const wild = "has a wildcard; list every address exactly, since an open place anywhere under it would receive citizens' codes"
	for _, tc := range []struct{ uri, production, sandbox string }{
		{"https://town.example/callback", "", ""},
		{"https://town.example:8443/callback?a=b&c=d%20e", "", ""},
		{"http://127.0.0.1:8080/demo/callback", "is http to this very machine, which is allowed in the sandbox only (clave dev); use https", ""},
		{"http://localhost/cb", "is http to this very machine, which is allowed in the sandbox only (clave dev); use https", ""},
		{"http://[::1]:1234/cb", "is http to this very machine, which is allowed in the sandbox only (clave dev); use https", ""},
		{"http://town.example/cb", "is http, so that anybody on the way reads citizens' codes; use https", "is http, so that anybody on the way reads citizens' codes; use https"},
		{"http://127.0.0.1.evil.example/cb", "is http, so that anybody on the way reads citizens' codes; use https", "is http, so that anybody on the way reads citizens' codes; use https"},
		{"http://localhost@evil.example/cb", "has a user or password before the host; remove them", "has a user or password before the host; remove them"},
		{"https://user:pass@town.example/cb", "has a user or password before the host; remove them", "has a user or password before the host; remove them"},
		{"https://*.town.example/cb", wild, wild},
		{"https://town.example/*", wild, wild},
		{"https://town.example/cb#top", "has a fragment; remove # and what follows", "has a fragment; remove # and what follows"},
		{"https://town.example/cb#", "has a fragment; remove # and what follows", "has a fragment; remove # and what follows"},
		{"/callback", "is not absolute; write https:// and the host", "is not absolute; write https:// and the host"},
		{"https:///callback", "is not absolute; write https:// and the host", "is not absolute; write https:// and the host"},
		{"https://:443/callback", "is not absolute; write https:// and the host", "is not absolute; write https:// and the host"},
		{"https:town.example", "is not absolute; write https:// and the host", "is not absolute; write https:// and the host"},
		{"javascript:alert(1)", "is not absolute; write https:// and the host", "is not absolute; write https:// and the host"},
		{"com.example.app://callback", "has a scheme of its own, which any other app may claim; use an https address that the app claims (RFC 8252 section 7.2)", "has a scheme of its own, which any other app may claim; use an https address that the app claims (RFC 8252 section 7.2)"},
		{"https://town.example/a/../b", "has . or .. in its path, which browsers remove; write the path that results", "has . or .. in its path, which browsers remove; write the path that results"},
		{`https://town.example\\@evil.example/`, "is not a URI; escape spaces and other special characters with %", "is not a URI; escape spaces and other special characters with %"},
		{"https://town.example/a b", "is not a URI; escape spaces and other special characters with %", "is not a URI; escape spaces and other special characters with %"},
		{"https://españa.example/", "is not a URI; escape spaces and other special characters with %", "is not a URI; escape spaces and other special characters with %"},
		{"https://town.example/" + strings.Repeat("a", 1000), "is longer than 1000 characters", "is longer than 1000 characters"},
	} {
		for _, side := range []struct {
			name, want string
			sandbox    bool
		}{{"production", tc.production, false}, {"sandbox", tc.sandbox, true}} {
			t.Run(side.name+" "+tc.uri[:min(len(tc.uri), 40)], func(t *testing.T) {
				t.Parallel()
				rules := production()
				rules.Sandbox = side.sandbox
				_, err := prepare(rules, edit("redirect_uris", `redirect_uris: ["`+tc.uri+`"]`))
				got, want := "", ""
				if err != nil {
					got = err.Error()
				}
				if side.want != "" {
					want = places + "15: [0].oidc[0].redirect_uris[0]: " + side.want
				}
				if got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			})
		}
	}
}

func TestTheSandboxIsLax(t *testing.T) {
	t.Parallel()
	lax := strings.Replace(edit("client_secret", "client_secret: short"), "redirect_uris: [https://town.example/callback]", "loopback_redirects: true", 1)
	rules := production()
	rules.Sandbox = true
	if _, err := prepare(rules, lax); err != nil {
		t.Error(err)
	}
	_, err := prepare(production(), lax)
	want := places + "13: [0].oidc[0].client_secret: is shorter than 32 characters; make one with: openssl rand -base64 32\n" +
		places + "15: [0].oidc[0].loopback_redirects: exists in the sandbox only; list the exact redirect_uris"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := prepare(production(), strings.NewReplacer(
		"minimum_level: substantial", "minimum_level: medium", "https://town.example/callback", "http://town.example/callback",
		"sso: ask", "sos: ask", "[town.pem]", "[expired.pem]").Replace(town))
	if err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("got %v", err)
	}
}
