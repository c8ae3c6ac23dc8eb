// Package proposal is the second pair of eyes: what is done to a registration ex
// officio is proposed by one member of the staff and decided by another.
//
//	Propose ──► open ─┬─ Approve ──► approved: revoked, or lifted, in the same transaction
//	                  ├─ Reject ───► rejected
//	                  └─ 7 days ───► expired
//
// Proposer, decider and citizen are three people. One decision counts, whoever else
// decides at the same moment.
package proposal
