// Command interop lets service providers that others wrote log citizens in here. A
// person runs it; README.md beside it says how, docs/interop.md what came of it.
//
//	clave dev ◄── browser ──► peer: mod_auth_mellon, Shibboleth, SimpleSAMLphp …
//	    ▲                      │
//	    └── clave rp apply ◄── its own metadata; ours go the other way
//
// Each peer gets a folder of its own with keys and settings, runs as a process that ends
// with this one, on loopback, and is registered by the metadata that it writes itself.
// A browser of cookies, redirects and posted forms then walks what the peer's
// application would see: logins, refusals, logout.
package main
