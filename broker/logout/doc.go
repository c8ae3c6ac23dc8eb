// Package logout ends sessions for services that ask for it, and takes the browser
// round the others that the session logged in to and that can be told by it.
//
//	front or page of ours ── Start ──► proven? no ──► page that asks
//	                                      │ yes
//	                     session ends, in one transaction
//	                                      │
//	         GET /logout/{id} ──► next service that can be told ── Teller.Tell ──► service
//	                ▲                                                                │
//	                └───────────── Logouts.Told ◄── front ◄── its answer ◄───────────┘
//	                │ nobody left
//	         page that says which services were logged out ──► Asker.LoggedOut
//
// The session is over before any service is told, so that a service which does not
// answer keeps nothing open here. Each service is told once: whoever comes back without
// its answer goes on with the next, and the page says that this one did not confirm.
// Whoever does not find back asks for a logout again, anywhere, and goes on as well.
//
// Where no other service can be told there is no page: the answer goes back at once.
//
// A session that ends in another way (unused, at My Cl@ve, by withdrawal, because another
// person logs in) tells nobody here. For services that can be told without a browser see
// broker.SessionEnder.
package logout
