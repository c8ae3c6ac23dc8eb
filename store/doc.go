// Package store is the only package with SQL. One SQL text runs on both
// engines: PostgreSQL through native pgx in production, a SQLite file as the
// embedded default.
//
// The facade is [DB]: a transaction opened with [DB.Tx] travels in the
// context, so that every function called with that context joins it, whichever
// table group it belongs to. Inside a transaction, statements whose result
// nobody waits for are queued and sent together with the next query or with
// the commit; a transaction usually costs two round trips.
//
//	db.Tx(ctx, func(ctx context.Context) error {   // nothing sent yet
//	    challenge, err := s.lockChallenge(ctx, id)  // begin + select, one trip
//	    …                                           // decide
//	    s.spend(ctx, id)                            // queued
//	    return s.insertSession(ctx, session)        // queued
//	})                                              // update + insert + commit, one trip
//
// Portable subset: $1 parameters, RETURNING, ON CONFLICT, partial indexes;
// times are BIGINT microseconds UTC; ids are random TEXT; blobs BYTEA.
package store
