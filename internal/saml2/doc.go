// Package saml2 reads and writes the messages of SAML 2.0 as an identity provider
// needs them: what arrives by HTTP-POST and HTTP-Redirect, what is answered, and the
// metadata of both sides. It knows no relying party, no login and no clock.
//
//	form or query ──ReadPost, ReadRedirect──► Incoming, of which nothing is proven
//	                    │ Claims: whom to look up, and nothing else
//	                    │ AuthnRequest, LogoutRequest, LogoutResponse (Terms)
//	                    ▼
//	               the message, decoded from the bytes whose signature held
//
//	Response, LogoutRequest, LogoutResponse ──Write──► bytes ──PostValue, RedirectURL──► browser
//
// Reading is by allow-lists: bounded in bytes, depth and elements before and after
// inflating, each parameter once, each part of a message one that we understand. Whether
// a signature on XML holds is decided by package xmlsig alone; on HTTP-Redirect it is
// checked over the octets as they came, never over what they were decoded to and
// written anew.
//
// Whoever writes chooses the prefixes of names: there are services of Cl@ve 2 that look
// for saml2p and saml2 in the text.
//
// Sources: SAML 2.0 Core, Bindings, Profiles and Metadata (OASIS, 2005) with their
// errata; XML Encryption 1.1 (W3C, 2013); eIDAS SAML Message Format 1.2.
package saml2
