// Package throttle slows down who asks too often, in the memory of one node:
// token buckets for client addresses, and budgets that all nodes share through
// a store but that cost a request nothing.
//
// It is generous, because whole offices and mobile networks share one address,
// and it proves nobody guilty: limits per document, phone and login are kept by
// those who know them, in their transactions.
package throttle
