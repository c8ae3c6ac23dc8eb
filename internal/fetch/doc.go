// Package fetch asks a host for a document that it publishes and changes now and then,
// such as a trusted list: for no more than so many bytes, for no longer than so long, at
// that host and no other, and only for what is newer than what we have. It believes and
// keeps nothing.
package fetch
