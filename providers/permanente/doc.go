// Package permanente is the method Cl@ve Permanente: a citizen proves to know a
// password, and where that is not enough to hold a phone as well.
//
//	document + password ──────────────► broker     low
//	          │ the service needs more, or the citizen prefers it
//	          └──► code in an SMS ────► broker     substantial
//
//	document + e-mail + activation code ─► code in an SMS ─► new password
//	logged in: old + new password ───────► code in an SMS ─► new password
//
// Documents can be enumerated, so that a plain lock after some wrong passwords would
// let anybody lock out everybody. Wrong ones are counted apart: from browsers that
// nobody knows, by document, whether anybody has it or not; and from browsers in which
// the citizen logged in before, by person (tally.go, known.go).
//
// A password is compared in a bounded line and outside of transactions; what the
// comparison showed is told only by a transaction that holds the count, so that
// guesses sent all at once are answered one after the other and not one too many.
//
// The rules are pure functions of what is stored and the time (limits.go, tally.go,
// challenge.go, and package password). [Provider.Try], [Provider.Enter],
// [Provider.Activate], [Provider.ProveSetting], [Provider.Set] and [Provider.Change]
// are the whole method; the pages call them.
package permanente
