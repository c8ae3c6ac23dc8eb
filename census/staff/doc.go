// Package staff is who works at the desks: members with a role and offices, what
// each role may do, and their sessions at the console.
//
//	clave staff add ──► Roster ──► Member ◄── console: an administrator
//	                                 │
//	login by certificate ──► Door ──► Session ──► Signed, in the context of a page
//
// Rules are plain functions of values; Roster and Door do what they allow, each in
// one transaction with its audit event. Who logs in, and how, is not decided here.
package staff
