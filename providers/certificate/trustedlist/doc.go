// Package trustedlist reads the Spanish Trusted List, which says which providers may
// issue qualified certificates today, and keeps it fresh.
//
//	host of the list ──fetch──► Read: signed by a configured certificate?
//	                              │ not older than what we have?
//	                              ▼
//	    Copies (database) ◄──── Keeper ────► Apply: who is trusted, who no longer
//	       other nodes, restarts
//
// The list only says whom to trust. What a certificate means is the profiles' matter,
// so that qualifiers of services are not read: a policy that no profile lists logs
// nobody in, whoever issued it.
//
// An authority that is withdrawn is not trusted from then on, and neither are the
// certificates that it issued before, nor by way of a root in a file. Our choice: for
// signatures of the past the law wants history looked at; who logs in does so now.
//
// Source: Regulation (EU) No 910/2014, article 22; Implementing Decision (EU)
// 2015/1505; ETSI TS 119 612 v2.3.1, "Trusted Lists"; ETSI TS 119 615 for how they are
// used.
package trustedlist
