// Package passkey speaks WebAuthn: what a browser is asked, and what its answers
// prove. It keeps nothing.
//
// Messages are parsed and signatures checked by go-webauthn's protocol package. This
// package decides what that leaves open: how large an answer may be, that origins are
// equal to the letter, which algorithms and sizes of keys are taken, and what a counter
// that does not grow means. What an authenticator says about itself is not asked for
// and not looked at, so that none of the formats of attestation is reachable with a
// stranger's bytes, and nothing is fetched.
package passkey
