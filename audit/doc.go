// Package audit is the append-only trail: what happened, when, who did it, to
// whom, at which service and why. It is data, not the log: an event is stored
// in the same transaction as its fact, or neither is.
//
//	trail.Record(ctx, audit.Event{
//	    Actor: audit.Citizen, Person: p, RelyingParty: rp.ID, Login: string(l.ID),
//	    Data: audit.PINWrong{InLogin: 2},
//	})
//
// Events name people by internal id. What identifies somebody stands in
// [Personal], which is sealed; everything else is readable without a key. The
// seal also binds all other columns, so that only the product makes events.
//
// Events go in unchained: a chain inside each fact's transaction would queue
// all of them behind one row. A [Sealer] lists the committed ones each second
// in a batch, hashes the batch together with the one before, and signs it:
//
//	batch 41 ── head ──► batch 42 ── head ──► batch 43
//	  │ id, hash           │ id, hash           │ id, hash
//	  ▼                    ▼                    ▼
//	events               events               events
//
// A [Verifier] reads it all again with constant memory and names what was
// changed, removed, added or moved. Two things it cannot see by itself: an event
// that somebody removes before the sealer comes by (a second), and a tail that
// was cut off together with its events while no node ran; for the second, keep
// the heads that the sealer logs somewhere else and give the newest to it.
//
// Sealed values are part of what is hashed: they are not sealed anew when the
// sealing key rotates, so its retired keys stay as long as the trail does.
package audit
