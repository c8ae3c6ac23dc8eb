package pair

import (
	"context"
	"hash/maphash"

	"clave/identity"
)

// gates let one request at a time look at a document's pair, so that guesses
// sent all at once are counted one after the other. Without it, a hundred
// guesses would read "no wrong pairs yet" before the first was counted. It holds
// within one node; between nodes, the count is held while it is added to.
type gates struct {
	seed maphash.Seed
	held []chan struct{}
}

// manyGates is how many documents are looked at at once, at most. Two documents
// that share a gate wait for each other; more gates cost 96 bytes each.
const manyGates = 1024

func newGates() gates {
	g := gates{seed: maphash.MakeSeed(), held: make([]chan struct{}, manyGates)}
	for i := range g.held {
		g.held[i] = make(chan struct{}, 1)
	}
	return g
}

// enter waits until the document is free, or the request is over. The caller
// calls leave when done.
func (g gates) enter(ctx context.Context, document identity.DocumentID) (leave func(), err error) {
	gate := g.held[maphash.Comparable(g.seed, document)%manyGates]
	select {
	case gate <- struct{}{}:
		return func() { <-gate }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
