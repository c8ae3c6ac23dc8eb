package main

import (
	"clave/idp/clave"
	"clave/store"
)

// addDialect makes the front for services that are integrated with Cl@ve 2.
func (in *installation) addDialect() {
	front := clave.New(clave.Config{
		Issuer: in.Issuer, Parties: in.parties, Signers: in.keys.Clave(), Once: store.NewOnce(in.db, in.keys.Columns()),
		Broker: in.broker, Participants: in.logouts.Store, Logouts: in.logouts,
		Pages: in.engine, Log: in.Log, Now: in.Now, Sandbox: in.Sandbox, Documentation: in.Documents,
	})
	in.broker.AddFront(front)
	in.logouts.AddAsker(front)
	in.routes = append(in.routes, front.Routes()...)
}
