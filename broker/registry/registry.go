// Package registry holds the relying parties: who they are, what they demand,
// what they may receive, and how they speak. It reads and checks their YAML
// files; the broker and the fronts read a [Snapshot], which every node
// refreshes within seconds of a change.
package registry

import (
	"encoding/json"

	"clave/identity"
)

// RelyingParty is one public service, or several that share a name and a
// sector. A value that was published in a Snapshot is never changed.
type RelyingParty struct {
	// ID is our stable name for it, as in logs and audit events.
	ID string
	// Name is shown to citizens, by language; see In.
	Name Names
	// Organisation is the administration behind the service.
	Organisation Organisation
	// Sector separates pairwise subjects. It never changes once stored.
	Sector string
	// MinimumLevel and MinimumRegistration bind every login; a request may ask
	// for more.
	MinimumLevel        identity.Level
	MinimumRegistration identity.Registration
	// Methods that its citizens may use.
	Methods []identity.Method
	// SSO says what happens when the citizen is logged in already.
	SSO SSO
	// Attributes that may be released at most.
	Attributes []identity.Attribute

	OIDC  []OIDCClient
	SAML  []SAMLProvider
	Clave []ClaveService
}

// Organisation identifies an administration: tax number and DIR3 code.
type Organisation struct {
	NIF  string
	DIR3 string
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
)

// OIDCClient is a registration with the names of RFC 7591 and OpenID Connect
// Dynamic Client Registration 1.0.
type OIDCClient struct {
	ClientID string
	// SecretHash is the SHA-256 of the client secret, nil when there is none. A
	// secret is 256 random bits, so a slow hash would add nothing.
	SecretHash              []byte
	TokenEndpointAuthMethod string // client_secret_basic, client_secret_post, private_key_jwt or none
	JWKS                    json.RawMessage
	JWKSURI                 string
	RedirectURIs            []string
	// LoopbackRedirects accepts any loopback redirect URI, on any port and path
	// (RFC 8252, section 7.3). Only the sandbox registers it.
	LoopbackRedirects        bool
	PostLogoutRedirectURIs   []string
	BackchannelLogoutURI     string
	GrantTypes               []string
	IDTokenSignedResponseAlg string // ES256, RS256, PS256 or EdDSA
	AccessTokenFormat        string // opaque or at+jwt
	PKCE                     string // required or optional
	ClaimsInIDToken          bool
	Scopes                   []string
	AllowedOrigins           []string // for CORS; the origins of the redirect URIs when empty
}

// SAMLProvider is a standard SAML service provider.
type SAMLProvider struct {
	MetadataFile string
	MetadataURL  string
	LoginHint    string
}

// ClaveService is a service that speaks the Cl@ve 2 dialect.
type ClaveService struct {
	ProviderName          string
	ACS                   []string
	Logout                []string
	Certificates          []string
	EncryptionCertificate string
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
	byID     map[string]*RelyingParty
	byClient map[string]clientOf
}

type clientOf struct {
	party  *RelyingParty
	client *OIDCClient
}

// NewSnapshot indexes the relying parties.
func NewSnapshot(revision int64, parties []*RelyingParty) *Snapshot {
	s := &Snapshot{Revision: revision, byID: map[string]*RelyingParty{}, byClient: map[string]clientOf{}}
	for _, p := range parties {
		s.byID[p.ID] = p
		for i := range p.OIDC {
			s.byClient[p.OIDC[i].ClientID] = clientOf{p, &p.OIDC[i]}
		}
	}
	return s
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
