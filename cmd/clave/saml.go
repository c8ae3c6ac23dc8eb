package main

import (
	"clave/idp/saml"
	"clave/store"
	"clave/web/lang"
)

// addSAML makes the front for SAML 2.0.
func (in *installation) addSAML(texts *lang.Texts) error {
	config := saml.Config{
		Issuer: in.Issuer, Parties: in.parties, Signers: in.keys.SAML(), Once: store.NewOnce(in.db, in.keys.Columns()),
		Broker: in.broker, Logouts: in.logouts, Participants: in.logouts.Store, Sessions: in.broker, Cookies: in.keys.Cookies(),
		Pages: in.engine, Log: in.Log, Now: in.Now, Sandbox: in.Sandbox, Documentation: in.Documents,
	}
	config.Describe(texts, in.engine.Frame())
	front, err := saml.New(config)
	if err != nil {
		return err
	}
	in.broker.AddFront(front)
	in.logouts.AddTeller(front)
	in.logouts.AddAsker(front)
	in.routes = append(in.routes, front.Routes()...)
	return nil
}
