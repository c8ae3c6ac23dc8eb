package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// peer is software of others.
type peer struct {
	name string
	// find tells its version, or what has to be installed.
	find func(ctx context.Context, p places) (version, missing string)
	// start configures it in the world's folder and runs it.
	start func(ctx context.Context, w *world) (*service, error)
}

// peers are all, in the order in which they are walked.
func peers() []peer {
	return []peer{stockTools(), mellon(), shibboleth(), simpleSAMLphp(), nodeSAML(), pySAML2(), claveKit(), claveKitEncrypted()}
}

func names() []string {
	var all []string
	for _, p := range peers() {
		all = append(all, p.name)
	}
	return all
}

// choose takes those that were named; all without names.
func choose(named string) ([]peer, error) {
	all := peers()
	if named == "" {
		return all, nil
	}
	wanted := strings.Split(named, ",")
	for _, name := range wanted {
		if !slices.Contains(names(), name) {
			return nil, fmt.Errorf("--only: there is no %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	return slices.DeleteFunc(all, func(p peer) bool { return !slices.Contains(wanted, p.name) }), nil
}
