// Package authority is a certification authority for trying out: it issues a
// certificate of every profile that the method certificate tells apart, good and
// bad, for people who do not exist, and says which of them it revoked (OCSP,
// CRL). The sandbox lives on it, and so do the tests.
//
// Everything but the root's key is derived from that key: a citizen's certificate
// has the same key and serial number after every start, so that a browser may
// keep the one that it imported.
package authority
