// Package census is the register of citizens: what the population register says
// about a document (reference data), and who registered with it, how, and with
// which phone.
//
//	FILE.csv ──Import──► reference data ◄── look-up by document ── Candidate
//	procedures ─────────► persons       ◄── look-up by person  ── standing
//
// Reference data come from outside and win over what a person or a certificate
// says; a citizen never edits them. They are kept as one sealed blob a document,
// found by a blind index, so that a stolen database tells nobody's name. A login
// method asks for a [Candidate]: all that it needs to know about a document, in
// one question, the same question whether the document is known or not.
//
// The package reads files and decides; package store keeps the rows.
package census
