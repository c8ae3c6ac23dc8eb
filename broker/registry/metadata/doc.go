// Package metadata fetches what SAML services say of themselves at an address, and keeps
// it fresh.
//
//	address ──fetch──► signed by whom the registration names, of the entity that it
//	                   names, in its time, not older than what was there
//	                     │ keep                          ▲ adopt, on every node
//	                     ▼                               │
//	                   the stored copy ──────────────────┘
//	                     │ Describe
//	                     ▼
//	                   the register's snapshot, which fronts read
//
// A host that is silent, slow or lies changes nothing: the last good copy stays until its
// own validUntil. The copy that is stored is not believed either; its signature is
// checked whenever it is read.
package metadata
