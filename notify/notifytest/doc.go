// Package notifytest lends tests what stands around notify: an outbox store in
// memory, the suite that it and the real ones pass, a sealer with a key of its
// own, and a carrier that remembers.
package notifytest
