// Package password owns what a password of Cl@ve Permanente must be and how it is
// kept: the rules a citizen's choice has to follow, its normal form, its hash, and
// the line in which hashing waits, because hashing is made to be slow.
//
//	typed ─► Normal ─► Problems (rules, pure) ─► Queue ─► Params.Hash ─► PHC string
//	typed ─► Normal ─────────────────────────► Queue ─► Verify, also for nobody
//
// It knows nothing of logins, counters or pages.
package password
