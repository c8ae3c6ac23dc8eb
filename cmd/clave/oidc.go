package main

import (
	"net/http"

	"clave/broker"
	"clave/idp/oidc"
	"clave/store"
)

// addOIDC makes the front for OpenID Connect.
func (in *installation) addOIDC() error {
	columns := in.keys.Columns()
	grants, once := store.NewGrants(in.db, columns), store.NewOnce(in.db, columns)
	front, err := oidc.New(oidc.Config{
		Issuer: in.Issuer, Parties: in.parties, Signers: in.keys.OIDC(), Tx: in.db, Trail: in.trail, Codes: grants, Tokens: grants, Once: once,
		Broker: in.broker, Sessions: browserSessions{in.broker}, Logouts: in.logouts, Pages: in.engine, Log: in.Log, Now: in.Now, Lifetimes: in.Tokens,
		Sandbox: in.Sandbox, Documentation: in.Documents, Policy: in.Policy, Terms: in.Terms,
	})
	if err != nil {
		return err
	}
	in.broker.AddFront(front)
	in.logouts.AddAsker(front)
	in.routes = append(in.routes, front.Routes()...)
	in.sweep(grants, once)
	return nil
}

// browserSessions lends the broker's sessions to a front's logout.
type browserSessions struct{ *broker.Broker }

// Current implements oidc.Sessions. A session that cannot be read is none.
func (b browserSessions) Current(r *http.Request) (broker.SessionID, bool) {
	s, err := b.CurrentSession(r)
	if err != nil || s == nil {
		return "", false
	}
	return s.ID, true
}
