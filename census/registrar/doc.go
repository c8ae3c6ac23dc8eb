// Package registrar owns what can happen to a citizen's registration: it begins,
// rises, changes, ends, and each time everything that follows from that happens in
// the same transaction.
//
//	procedures ─┐   ┌─ Hold: person, phone and its holder, in one order
//	desk ───────┼──►│  rules: does this evidence allow it in this state?
//	import ─────┘   │  Save: the row and one more line of its history
//	                ├─ receipt · audit event · notices by SMS and mail
//	                └─ sessions, grants, PIN locks, activation and invitation codes
//
// A registration is unregistered, registered, phone_revoked, withdrawn or revoked;
// deceased is what the reference data say and wins over all of them:
//
//	unregistered ──Register──► registered ──Withdraw──► withdrawn ──Register──► registered
//	                             │    ▲
//	          another citizen ───┘    └─── ChangePhone, Register
//	          proves the phone    phone_revoked
//
//	any of them ──Revoke──► revoked ──Lift──► withdrawn
//
// Who calls has spent the secrets that prove what [By] and [Application] state, in
// the same transaction: the registrar believes it and checks that it is enough.
package registrar
