// Package saml is the front that speaks SAML 2.0 with relying parties, as an identity
// provider by the Web Browser SSO Profile. It checks what they ask, hands a
// [broker.Request] to the broker, and says the outcome in the protocol: a response with
// an assertion, or with a status that says why there is none. It decides nothing about
// who the citizen is, and knows neither XML nor signatures: package saml2 does.
//
//	GET|POST /saml/sso ── prove: whose, signed, where to ──► page, if that fails
//	                   ── rules, one a file ───────────────► error response
//	                   ── broker.Open
//	broker ── Issue ──► what the assertion will say ── Answer ──► signed, posted to the service
//	GET|POST /saml/slo ── a request: whose, signed ── compared with the session ──► logout.Start
//	                   ── an answer: to a request of ours, signed ────────────────► logout.Told
//	package logout ── Tell ──► signed request to a service; LoggedOut ──► answer to who asked
//	GET /saml/start ── a registered service that is not asking ── broker.Open
//	GET /saml/metadata
//
// A request that came by POST is understood, kept, and gone on with by GET: a POST from
// another site carries no cookie of ours, so there would be no session.
//
// A message only ever goes to an address of the service's registered metadata: answers
// to logins by a posted form, those about logouts by redirects too. A request that
// cannot be tied to one gets a page, never a redirect.
package saml
