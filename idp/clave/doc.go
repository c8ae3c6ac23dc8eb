// Package clave is the front that speaks the dialect of SAML 2.0 with which services
// are integrated with Cl@ve 2: they point their kit here, change address and
// certificate, and work. It checks what they ask, hands a [broker.Request] to the broker,
// and says the outcome as their kits read it. It decides nothing about who the citizen
// is, and knows neither XML nor signatures: package saml2 does.
//
//	POST /Proxy2/ServiceProvider ── prove: whose, signed, where to ──► page, if that fails
//	     SAMLRequest             ── rules ────────────────────────► error response
//	                             ── kept ──► GET …/login ──► broker.Open
//	     logoutRequest           ── kept ──► GET …/logout ──► Logouts.Start ──► logoutResponse
//	broker ── Issue ──► what the assertion will say ── Answer ──► signed, posted to the service
//	GET /Proxy2/Certificates ──► the keys that sign, for kits that fetch them
//
// What is tolerated is what public kits send: an Issuer that is anything or missing,
// times without fraction or zone, prefixes of any kind, empty extensions. Everything else
// is strict. Who asks is said by ProviderName, and proven by a signature with a
// registered certificate; KeyInfo in a message is never looked at. An answer only ever
// goes to a registered address, by a posted form.
//
// Sources: the public integration kits of Cl@ve 2 for PHP and Java and the module of
// RedIRIS for SimpleSAMLphp; SAML 2.0 Core, Bindings and Profiles; eIDAS SAML Message
// Format 1.2 and Attribute Profile 1.2.
package clave
