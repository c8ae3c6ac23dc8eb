// Package notify owns what the product sends to people: codes and notices by
// SMS, mail, push and letter. It decides nothing about them. Who sends states
// the recipient, the words and how long they are worth sending.
//
//	fact's transaction            Deliverer (each node)             Carrier
//	──────────────────            ─────────────────────             ───────
//	Outbox.Send ── row sealed ──► claim ≤ 200, one commit ────────► Deliver
//	        └─ after commit: wake        ▲                             │
//	                            due again│◄── retry ── settle, ◄── results
//	                                     │             one commit
//	            Receipts ◄───────────────┴──────────── delivery receipts
//
// A message is written in the transaction of the fact that it tells, so neither
// exists without the other, and delivered at least once: a node that dies
// between hand-over and settling leaves it to be handed over again. It is never
// handed over after its expiry, nor when a newer one has replaced it.
//
// What is personal (recipient, subject, words, code) is sealed in the row and
// erased at hand-over. What stays for delivery receipts until it is swept names
// nobody.
package notify
