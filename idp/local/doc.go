// Package local is the front of our own pages: My Cl@ve, registration, the desk.
// They are a relying party like any other, so that there is one way to log in.
//
//	page of ours ── Guard: session good enough? ──► handler, with broker.Citizen
//	                      │ no
//	                      ▼
//	              broker.Open ──► login ──► Answer: back to the page
package local
