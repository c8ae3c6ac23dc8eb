// Package registration is how somebody enters the register online: procedures of
// several pages, as data.
//
//	document ─► contrast ─► choice ─┬─► requested          a letter is on its way
//	                                └─► code ─► contact ─┬───────────► sms ─► done
//	                                                     └─► claim ─►
//
// A [Procedure] is a table of steps: what each asks, what must hold before it, what
// a good answer makes hold, what answering it again undoes, and what follows. Where
// a running procedure stands is worked out from what holds, so that a reload, a
// second tab, the back button and a restart of the program all find the same place.
//
// What runs is one row: what was typed, what holds and what was counted, sealed. The
// browser holds a random handle to it and nothing else. [Procedures] has one method
// for each thing that a citizen can do; each is one transaction that holds the row
// from reading to writing.
//
// The rules are pure functions (procedure.go, possession.go, contact.go).
package registration
