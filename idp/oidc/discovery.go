package oidc

import (
	"encoding/json"

	"clave/identity"
	"clave/keys"
	"clave/web/lang"

	"github.com/go-jose/go-jose/v4"
	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// metadata is the discovery document: what package oidc knows of it, and what
// came later.
// Sources: OpenID Connect Discovery 1.0, section 3; RFC 8414; RFC 9207, section
// 3; Initiating User Registration via OpenID Connect 1.0, section 4.
type metadata struct {
	spec.DiscoveryConfiguration
	PromptValues []string `json:"prompt_values_supported"`
	IssInAnswers bool     `json:"authorization_response_iss_parameter_supported"`
}

func (f *Front) describe() ([]byte, error) {
	algs := []string{keys.ES256, keys.RS256, keys.PS256, keys.EdDSA}
	methods := []spec.AuthMethod{spec.AuthMethodBasic, spec.AuthMethodPost, spec.AuthMethodPrivateKeyJWT}
	withNone := append(methods[:len(methods):len(methods)], spec.AuthMethodNone)
	m := metadata{
		DiscoveryConfiguration: spec.DiscoveryConfiguration{
			Issuer:                           f.Issuer,
			AuthorizationEndpoint:            f.Issuer + pathAuthorize,
			TokenEndpoint:                    f.Issuer + pathToken,
			UserinfoEndpoint:                 f.Issuer + pathUserinfo,
			RevocationEndpoint:               f.Issuer + pathRevoke,
			IntrospectionEndpoint:            f.Issuer + pathIntrospect,
			EndSessionEndpoint:               f.Issuer + pathEndSession,
			JwksURI:                          f.Issuer + pathKeys,
			ScopesSupported:                  allScopes(),
			ResponseTypesSupported:           []string{string(spec.ResponseTypeCode)},
			ResponseModesSupported:           []string{modeQuery, modeFormPost},
			GrantTypesSupported:              []spec.GrantType{spec.GrantTypeCode, spec.GrantTypeRefreshToken},
			ACRValuesSupported:               []string{identity.Low.URI(), identity.Substantial.URI(), identity.High.URI()},
			SubjectTypesSupported:            []string{"pairwise"},
			IDTokenSigningAlgValuesSupported: algs,

			TokenEndpointAuthMethodsSupported:                  withNone,
			TokenEndpointAuthSigningAlgValuesSupported:         algs,
			RevocationEndpointAuthMethodsSupported:             withNone,
			RevocationEndpointAuthSigningAlgValuesSupported:    algs,
			IntrospectionEndpointAuthMethodsSupported:          methods,
			IntrospectionEndpointAuthSigningAlgValuesSupported: algs,

			ClaimTypesSupported:           []string{"normal"},
			ClaimsSupported:               claimNames(),
			ClaimsParameterSupported:      true,
			CodeChallengeMethodsSupported: []spec.CodeChallengeMethod{spec.CodeChallengeMethodS256},
			UILocalesSupported:            spec.ParseLocales(locales()),
			ServiceDocumentation:          f.Documentation,
			OPPolicyURI:                   f.Policy,
			OPTermsOfServiceURI:           f.Terms,
		},
		PromptValues: []string{"none", "login", "consent", "select_account"},
		IssInAnswers: true,
	}
	return json.Marshal(m)
}

func claimNames() []string {
	names := []string{
		"iss", "sub", "aud", "exp", "iat", "nonce", "at_hash", "sid", "acr", "amr", "auth_time",
		"registration_level", "registration_channel", "method",
	}
	for _, a := range identity.AllAttributes() {
		names = append(names, string(a))
	}
	return names
}

func locales() []string {
	var tags []string
	for _, l := range lang.All() {
		tags = append(tags, string(l))
	}
	return tags
}

// publishedKeys is the key set as it was last written.
type publishedKeys struct {
	of   []keys.PublicKey
	body json.RawMessage
}

// keySet writes the keys that verify our tokens, once for each change of the ring.
func (f *Front) keySet() json.RawMessage {
	published := f.Signers.Published()
	if last := f.published.Load(); last != nil && same(last.of, published) {
		return last.body
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, key := range published {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Key, KeyID: key.ID, Algorithm: key.Alg, Use: "sig"})
	}
	body, err := json.Marshal(set)
	if err != nil {
		panic("oidc: a public key of the ring cannot be written: " + err.Error()) // they are ECDSA, RSA, Ed25519
	}
	f.published.Store(&publishedKeys{published, body})
	return body
}

// same tells whether two slices are one: the ring hands out the same until it changes.
func same(a, b []keys.PublicKey) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
