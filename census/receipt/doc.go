// Package receipt is the paper that a citizen gets for each change of a
// registration: who, what, when, through which channel, at which level, under which
// conditions.
//
//	registrar ── New ──► Receipt ──► store        (in the change's transaction)
//	                        │
//	                        ├─ Renderer.PDF  ──► the file, with the activation code once
//	                        ├─ Renderer.Page ──► the same as data for an accessible page
//	                        └─ Code ──────────► /verify: what was issued, masked
//
// A receipt is data; its pages are made anew for each copy, always byte by byte the
// same, and the digest of every copy handed out is noted, so that /verify can tell a
// genuine file from a changed one.
//
// The verification code is public: it stands on the paper and lets whoever holds it
// check that the paper is genuine. It proves nothing about who holds it. The
// activation code is secret and is not part of a Receipt.
package receipt
