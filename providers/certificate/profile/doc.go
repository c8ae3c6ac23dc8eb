// Package profile reads from a certificate whom it is for: it tells natural
// persons from everything else, and takes name, document number and level.
//
// The [Table] is data: the [Default] one has the issuers that citizens come with, and
// settings can replace it. What a certificate may say depends on who issued it, so the
// table binds each policy that says more than others to the organisation of the trust
// anchor: an issuer cannot give away another's cards. The package is pure; the chain was
// verified before (trust), and revocation is asked after (revocation).
package profile
