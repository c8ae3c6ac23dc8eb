// Package proxies runs the proxies of docs/operations.md, with the settings that stand
// there, in front of the certificates' host.
package proxies
