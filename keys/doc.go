// Package keys holds every secret key of an installation: it makes them, keeps
// them sealed at rest, rotates them and lends them out for signing, sealing,
// hashing and naming. It knows nothing about what is signed or sealed.
//
// There is a ring of keys for each use (and, for signing keys, each algorithm):
//
//	         published            used              kept for what it made
//	(none) ───────────▶ next ───────────▶ active ───────────▶ retired ──▶ removed
//	         24 h before        by schedule,          until the last token is out,
//	                            or by command         or while values are sealed
//
// Next, active and retired keys verify and open; only the active one signs and
// seals. A next key is known to every node and every relying party before it is
// used, so rotating fails nothing.
//
// Keys rest in the database, each sealed under the master key, which rests
// outside of it. The database alone opens nothing; the master key alone neither.
//
// All nodes read the ring again every few seconds and whichever of them notices
// first that something is due does it by compare-and-swap. What requests use is
// an immutable snapshot behind one atomic pointer: no locks, no parsing.
package keys
