// Package profile reads from a certificate whom it is for: it tells natural
// persons from everything else, and takes name, document number and level.
//
// What a certificate may say depends on who issued it, so the [Table] binds each
// policy to the organisation of the trust anchor: an issuer cannot give away
// another's cards. The package is pure; the chain was verified before (trust),
// and revocation is asked after (revocation).
package profile
