// Package sandbox is what only `clave dev` wires: synthetic citizens, an inbox
// for everything that is sent, a login without hands for tests, the home page,
// and sample services on another site. Nothing of it exists under `clave serve`.
package sandbox
