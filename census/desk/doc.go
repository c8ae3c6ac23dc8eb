// Package desk is what an officer looks up at a registration office: who may ask for a
// citizen's data, why, how often, and for how long they can be seen then.
//
//	document, reason ──► LookUp ──► Case ──► the record, and acts on it
//	                       │          └─ of one session, 30 minutes
//	                       └─ audit event, limit, never one's own record
//
// What is done to the registration afterwards belongs to census/registration.
package desk
