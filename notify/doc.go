// Package notify owns what the product sends to people: codes and notices by
// SMS, mail, push and letter. It decides nothing about them. Who sends states
// the recipient, the words and how long they are worth sending.
//
//	fact's transaction            Deliverer (same node)             Carrier
//	──────────────────            ─────────────────────             ───────
//	Outbox.Send ── row sealed,    30 ms of messages
//	        │      with a lease
//	        └─ after commit, in memory ─► flight ≤ 200 ────────────► Deliver
//	                                          ▲                         │
//	     lease over, or due again ── claim ───┘   200 ms of results ◄───┘
//	                                   ▲             │
//	                                   └── retry ── settle, one commit
//	            Receipts ◄──────────────────────────── delivery receipts
//
// A message is written in the transaction of the fact that it tells, so neither
// exists without the other, and delivered at least once: a node that dies before
// the settling leaves it to be handed over by another when its lease ends. It is
// never handed over after its expiry. When a newer one replaces it, the older row
// is gone, and what a flight says about it counts nothing.
//
// What is personal (recipient, subject, words, code) is sealed in the row and
// erased at hand-over. What stays for delivery receipts until it is swept names
// nobody.
package notify
