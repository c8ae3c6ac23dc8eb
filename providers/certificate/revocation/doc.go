// Package revocation asks whether certificates were revoked: by OCSP (RFC 6960)
// where a responder answers, else by the authority's list (CRL, RFC 5280).
//
// Answers travel in clear and may come from anybody in between, so each is taken
// only when it is signed by whom the certificate's own issuer authorised, is about
// this certificate, and is fresh. Whoever drops or garbles answers gains a refusal
// and nothing else.
//
// The addresses stand in the certificate. A caller passes verified chains alone:
// then only authorities that the installation trusts choose whom we call. And even
// they do not reach this machine or its link (see [Options].Loopback).
package revocation
