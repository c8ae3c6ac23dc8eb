package main

import (
	"clave/idp/local"
	"clave/store"
	"clave/web/frame"
	"clave/web/portal"
	"clave/web/portal/account"
)

// addOwnPages makes the installation's own pages: those for everybody, the front by
// which citizens log in to the installation itself, and My Cl@ve.
func (in *installation) addOwnPages() {
	in.own = local.New(local.Config{Broker: in.broker, Home: portal.RegisterPath, Fail: in.engine.Failed, Log: in.Log})
	pages := account.New(account.Config{
		Engine: in.engine, Register: in.persons, Sessions: in.broker, Parties: in.parties,
		Receipts: store.NewReceipts(in.db, in.keys.Columns(), in.keys.Index()), Papers: in.papers,
		Diary: in.db.Audit(), Cipher: in.keys.Columns(), Methods: in.installed(), Now: in.Now,
	})
	in.door = in.frontDoor()
	in.broker.AddFront(in.own)
	in.routes = append(in.routes, in.engine.Routes()...)
	in.routes = append(in.routes, frame.New(in.engine, siteMap()...).Routes()...)
	in.routes = append(in.routes, in.door.Routes()...)
	in.routes = append(in.routes, pages.Routes()...)
}
