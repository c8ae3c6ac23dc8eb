// Package push hands messages to browsers' push services, such as Firefox's or
// Apple's, which wake the Cl@ve app. It is a notify carrier.
//
//	Deliver ── encrypt for the app (RFC 8291) ── sign who sends (RFC 8292) ──► push service ──► app
//
// A push says that there is something to look at, and of what kind; never what, for
// whom, or a code: it lies at a company abroad, and may appear on a locked screen.
// All bodies are of one length, so that not even the kind shows.
//
// Where a message goes is what a browser gave us, and so what an attacker may have
// made up: it is posted to the push services in the settings alone, by https.
//
// The encryption is the standard library's. What the usual library would save, some
// eighty lines, it asks back: the private key as text, its own clock, and a
// Diffie-Hellman that Go calls deprecated. It stands in the tests, as somebody else's
// reading of the standards.
package push
