// Package pin is the method Cl@ve PIN: a citizen proves to hold a document and
// a phone.
//
//	document ─► contrast ─► obtain ─────────────► enter ─────────► broker
//	            datum       PIN in an SMS,        PIN beside the
//	            (the pair)  own half chosen       own half
//
// The access code has two halves: four characters that the citizen chooses, or
// that we choose and show in the browser, and the PIN, three characters that go
// to the phone. The citizen's own half never leaves the browser's side: it is in
// no message and no log, and at rest it is sealed until the PIN is spent. So
// whoever reads the SMS, or sees the phone's lock screen, has half a code.
//
// Document and contrast datum are one pair: a wrong one is told in one way,
// whatever is wrong with it, after the same questions to the stores; a right one
// is told everything before any SMS is sent.
//
// The rules are pure functions of what is stored and the time (limits.go,
// rules.go). [Provider.Obtain] and [Provider.Enter] are the whole method; the
// pages call them, and so does the sandbox's login without hands.
package pin
