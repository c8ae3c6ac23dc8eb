// Package invitation is the letter with which somebody registers online without a
// certificate: who may get one, how often, and whether a typed code is good.
//
//	Request ─► code made, hashed ─► letter queued      (one transaction)
//	               │ former code void, former letter taken back if not printed
//	Check ──► is the code good? counts wrong ones      (before the SMS is sent)
//	Spend ──► used, once                               (in the registration's transaction)
//	Returned ─► the post brought it back: code void
//
// The invitation code is secret and goes only to the fiscal address that the reference
// data have; nobody chooses or sees that address. Whoever holds the letter still needs the
// document's contrast datum, and never gets more than a basic registration: stolen mail is
// no takeover.
package invitation
