// Package certificate is the method electronic certificate or DNIe: a citizen
// proves to hold the key of a certificate that an authority issued to them.
//
//	our pages                      the host of the certificates, mutual TLS
//
//	start ──── link with handle ──────► examine: handle · issuer · profile · revocation
//	                                       │ what was seen is kept with the login
//	back  ◄─── address with ticket ────────┘
//	  │ confirm: name and masked number, unless the host's name was fresh
//	  ▼
//	broker
//
// The host of the certificates shows no pages: whatever it finds, it sends the
// browser back, and the page there says what is wrong. It only asks for a
// certificate (tls.RequestClientCert) and never refuses a connection, because a
// broken handshake is a page of the browser that explains nothing.
//
// The handle is sealed, names one login and works once. The ticket is random, kept
// hashed, and the browser that brings it must hold that login. So who lures
// somebody to the host of the certificates with a handle of their own gets
// nothing: the ticket goes to the browser that showed the certificate, and that
// one does not hold the login.
package certificate
