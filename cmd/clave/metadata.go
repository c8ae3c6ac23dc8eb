package main

import (
	"context"

	"clave/broker/registry"
	"clave/broker/registry/metadata"
	"clave/store"
)

// addMetadata keeps fresh what SAML services say of themselves at their addresses.
func (in *installation) addMetadata(ctx context.Context) {
	keeper := newMetadata(in.db, in.parties, in.Sandbox, in.settings)
	keeper.Open(ctx)
	in.jobs = append(in.jobs, keeper.Run)
}

func newMetadata(db *store.DB, parties *registry.Registry, sandbox bool, s settings) *metadata.Keeper {
	return metadata.NewKeeper(metadata.Settings{Register: parties, Copies: store.NewServiceMetadata(db), Sandbox: sandbox, Log: s.Log, Now: s.Now})
}
