package main

import (
	"clave/broker"
	"clave/broker/logout"
	"clave/store"
)

// addLogout makes what logs citizens out. Fronts that ask for logouts, and whose services
// can be told, are added to it.
func (in *installation) addLogout(jar broker.CookieJar) {
	kept := store.NewLogouts(in.db, in.keys.Columns())
	in.logouts = logout.New(logout.Config{
		Broker: in.broker, Store: kept, Parties: in.parties, Cookies: in.keys.Cookies(), Jar: jar,
		Pages: in.engine, Log: in.Log, Now: in.Now,
	})
	in.routes = append(in.routes, in.logouts.Routes()...)
	in.sweep(kept)
}
