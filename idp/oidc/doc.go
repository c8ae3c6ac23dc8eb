// Package oidc is the front that speaks OpenID Connect with relying parties. It
// checks what they ask, hands a [broker.Request] to the broker, and says the
// outcome in the protocol: code, ID token, access and refresh tokens, userinfo.
// It decides nothing about who the citizen is.
//
//	GET|POST /authorize ── rules, one a file ──► broker.Open
//	broker ── Issue ──► grant with a code ── Answer ──► the relying party
//	POST /token      code ► ID token, access token (, refresh token)
//	GET  /userinfo   access token ► the claims frozen at login
//	POST /revoke /introspect, GET|POST /end_session
//
// The endpoints called by servers run through github.com/zitadel/oidc (package
// op): its routing by grant type, types and error bodies. What it does not do
// safely by itself is done here, in front of it: reading the body, client
// authentication, CORS, codes and tokens. The tests named TestDefect… say which
// of its known gaps each part closes.
//
// A grant is what one login gave to one client. It holds the outcome, frozen and
// sealed, until its last token is over. Codes and tokens are random and stored
// hashed, so that a copy of the database opens nothing.
package oidc
