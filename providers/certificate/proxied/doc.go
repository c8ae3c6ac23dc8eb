// Package proxied reads certificates that a proxy in front of the host of the
// certificates hands on, where that proxy does the TLS (RFC 9440).
//
//	browser ══ mutual TLS ══► proxy ── http: Client-Cert, Clave-Proxy-Secret ──► Gate
//
// A certificate is public: whoever may say "this one was proven to me" may log in as
// anybody who has one. So the [Gate] believes nobody but connections from the proxy's
// addresses that also know a secret, and refuses all others, with certificate or
// without. The proxy must have seen the key at work in the handshake of this very
// connection, and must take away what the browser wrote into these headers; two of
// one are refused, because one of them may be the browser's.
//
// Where this node does the TLS itself there is no Gate, and the headers mean nothing.
package proxied
