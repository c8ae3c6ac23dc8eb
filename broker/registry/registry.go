// Package registry holds the relying parties: who they are, what they demand,
// what they may receive, and how they speak. It reads and checks their YAML
// files; the broker and the fronts read a [Snapshot], which every node
// refreshes within seconds of a change.
package registry

import (
	"encoding/json"
	"slices"
	"strings"

	"clave/identity"
)

// RelyingParty is one public service, or several that share a name and a
// sector. A value that was published in a Snapshot is never changed.
type RelyingParty struct {
	// ID is our stable name for it, as in logs and audit events.
	ID string `json:"id"`
	// Name is shown to citizens, by language; see In.
	Name Names `json:"name"`
	// Organisation is the administration behind the service.
	Organisation Organisation `json:"organisation"`
	// Sector separates pairwise subjects. It never changes once stored.
	Sector string `json:"sector"`
	// MinimumLevel and MinimumRegistration bind every login; a request may ask
	// for more. Without minimum registration none is demanded.
	MinimumLevel        identity.Level        `json:"minimum_level"`
	MinimumRegistration identity.Registration `json:"minimum_registration,omitzero"`
	// Methods that its citizens may use.
	Methods []identity.Method `json:"methods"`
	// SSO says what happens when the citizen is logged in already.
	SSO SSO `json:"sso"`
	// Attributes that may be released at most; none when empty.
	Attributes []identity.Attribute `json:"attributes,omitempty"`

	OIDC  []OIDCClient   `json:"oidc,omitempty"`
	SAML  []SAMLProvider `json:"saml,omitempty"`
	Clave []ClaveService `json:"clave,omitempty"`
}

// Organisation identifies an administration: tax number and DIR3 code.
type Organisation struct {
	NIF  string `json:"nif"`
	DIR3 string `json:"dir3,omitempty"`
}

// SSO is a relying party's choice about sessions. The zero value is ask.
type SSO string

const (
	// SSOAsk informs the citizen on a page before the first release in a session.
	SSOAsk SSO = "ask"
	// SSOSilent releases without a page.
	SSOSilent SSO = "silent"
	// SSONever asks for a fresh login each time.
	SSONever SSO = "never"
	// SSOApart asks for a fresh login each time and leaves no session behind: what
	// the browser's session is stays as it is. Only the console of our staff has it.
	SSOApart SSO = "apart"
)

// Reuses tells whether what the session holds may count for a login.
func (s SSO) Reuses() bool { return s != SSONever && s != SSOApart }

// OIDCClient is a registration with the names of RFC 7591 and OpenID Connect
// Dynamic Client Registration 1.0.
type OIDCClient struct {
	ClientID string `json:"client_id"`
	// SecretHash is the SHA-256 of the client secret, nil when there is none. A
	// secret is 256 random bits, so a slow hash would add nothing.
	SecretHash              Hash            `json:"client_secret_hash,omitempty"`
	TokenEndpointAuthMethod string          `json:"token_endpoint_auth_method"` // client_secret_basic, client_secret_post, private_key_jwt or none
	JWKS                    json.RawMessage `json:"jwks,omitempty"`
	JWKSURI                 string          `json:"jwks_uri,omitempty"`
	RedirectURIs            []string        `json:"redirect_uris,omitempty"`
	// LoopbackRedirects accepts any loopback redirect URI, on any port and path
	// (RFC 8252, section 7.3). Only the sandbox registers it.
	LoopbackRedirects        bool      `json:"loopback_redirects,omitempty"`
	PostLogoutRedirectURIs   []string  `json:"post_logout_redirect_uris,omitempty"`
	BackchannelLogoutURI     string    `json:"backchannel_logout_uri,omitempty"`
	GrantTypes               []string  `json:"grant_types"`
	IDTokenSignedResponseAlg string    `json:"id_token_signed_response_alg"` // ES256, RS256, PS256 or EdDSA
	AccessTokenFormat        string    `json:"access_token_format"`          // opaque or at+jwt
	PKCE                     string    `json:"pkce"`                         // required or optional
	ClaimsInIDToken          bool      `json:"claims_in_id_token,omitempty"`
	Scopes                   ScopeList `json:"scope"`
	AllowedOrigins           []string  `json:"allowed_origins,omitempty"` // for CORS; the origins of the redirect URIs when empty
}

// SAMLProvider is a standard SAML service provider, as it is registered. What fronts
// use is SAMLService.
type SAMLProvider struct {
	// EntityID names the service. A file's is taken from the file; whoever names an
	// address says whose metadata they expect there.
	EntityID string `json:"entity_id,omitempty"`
	// MetadataFile is the name in a relying party's file. Reading it moves what
	// the file holds into Metadata, because every node needs that.
	MetadataFile string `json:"metadata_file,omitempty"`
	Metadata     string `json:"metadata,omitempty"`
	MetadataURL  string `json:"metadata_url,omitempty"`
	// MetadataCertificates are those of whom has to have signed the metadata.
	MetadataCertificates []string `json:"metadata_certificates,omitempty"`
	// UnsignedRequestsACS takes requests without signature too, and sends their answers
	// to this address alone. Empty takes none.
	UnsignedRequestsACS string `json:"unsigned_requests_acs,omitempty"`
	// Encryption says when assertions are encrypted; Cipher with what, or what the
	// metadata say when it is empty.
	Encryption EncryptionChoice `json:"encryption,omitempty"`
	Cipher     Cipher           `json:"cipher,omitempty"`
	KeyChoice
	// SigningAlg is RS256 when it is empty. Who stays on an old key gets what that signs.
	SigningAlg SigningAlg `json:"signing_alg,omitempty"`
	// IdPInitiated lets logins begin here, at /saml/start, and not at the service, which
	// then takes answers to nothing that it asked.
	IdPInitiated bool   `json:"idp_initiated,omitempty"`
	LoginHint    string `json:"login_hint,omitempty"`
}

// ClaveService is a service that speaks the Cl@ve 2 dialect, as it is registered. What
// fronts use is DialectService.
type ClaveService struct {
	ProviderName string   `json:"provider_name"`
	ACS          []string `json:"acs"`
	Logout       []string `json:"logout,omitempty"`
	// Certificates and EncryptionCertificate are DER in base64; a relying party's
	// file may name a PEM file instead, which is read once.
	Certificates          []string `json:"certificates"`
	EncryptionCertificate string   `json:"encryption_certificate,omitempty"`
	// EncryptionCipher is AES-256-GCM when it is empty.
	EncryptionCipher Cipher `json:"encryption_cipher,omitempty"`
	KeyChoice
}

// Names is a name by language.
type Names map[string]string

// In gives the name in the language, else in Spanish, else any (the first by
// code).
func (n Names) In(language string) string {
	if s := n[language]; s != "" {
		return s
	}
	if s := n["es"]; s != "" {
		return s
	}
	first := ""
	for code := range n {
		if n[code] != "" && (first == "" || code < first) {
			first = code
		}
	}
	return n[first]
}

// Snapshot is the register at one moment. It is never changed.
type Snapshot struct {
	Revision int64
	parties  []*RelyingParty // by id
	byID     map[string]*RelyingParty
	byClient map[string]clientOf
	saml     map[string]samlEntry         // by entityID
	dialect  map[string]dialectEntry      // by ProviderKey
	leaving  map[string][]*DialectService // by address for logouts
}

type clientOf struct {
	party  *RelyingParty
	client *OIDCClient
}

// NewSnapshot indexes the relying parties. What is fetched from addresses is not in it;
// see Registry.Describe.
func NewSnapshot(revision int64, parties []*RelyingParty) *Snapshot {
	return snapshotOf(revision, parties, nil, nil)
}

// snapshotOf also takes metadata that were fetched, and the snapshot before, whose
// metadata need not be read again.
func snapshotOf(revision int64, parties []*RelyingParty, fetched Fetched, before *Snapshot) *Snapshot {
	s := &Snapshot{
		Revision: revision, byID: map[string]*RelyingParty{}, byClient: map[string]clientOf{},
		saml: map[string]samlEntry{}, dialect: map[string]dialectEntry{}, leaving: map[string][]*DialectService{},
	}
	s.parties = slices.SortedFunc(slices.Values(parties), func(a, b *RelyingParty) int { return strings.Compare(a.ID, b.ID) })
	for _, p := range s.parties {
		s.byID[p.ID] = p
		for i := range p.OIDC {
			s.byClient[p.OIDC[i].ClientID] = clientOf{p, &p.OIDC[i]}
		}
		for i := range p.SAML {
			s.addSAML(p, &p.SAML[i], fetched, before)
		}
		for i := range p.Clave {
			s.addDialect(p, &p.Clave[i])
		}
	}
	return s
}

// Parties lists all relying parties by id.
func (s *Snapshot) Parties() []*RelyingParty { return slices.Clone(s.parties) }

// Algorithms lists the signing algorithms that the clients need, in order.
func (s *Snapshot) Algorithms() []string {
	var needed []string
	for _, p := range s.parties {
		for i := range p.OIDC {
			needed = append(needed, p.OIDC[i].IDTokenSignedResponseAlg)
		}
	}
	slices.Sort(needed)
	return slices.Compact(needed)
}

// Party finds a relying party by our id.
func (s *Snapshot) Party(id string) (*RelyingParty, bool) {
	p, ok := s.byID[id]
	return p, ok
}

// Client finds an OpenID Connect client and whose it is.
func (s *Snapshot) Client(clientID string) (*RelyingParty, *OIDCClient, bool) {
	c, ok := s.byClient[clientID]
	return c.party, c.client, ok
}
