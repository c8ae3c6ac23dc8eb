package main

import (
	"clave/idp/local"
	"clave/store"
	"clave/web/portal"
	"clave/web/portal/account"
)

// ownPages are the pages for which citizens log in to the installation itself: the
// front that lets them in, and My Cl@ve.
func (in *installation) ownPages() (*local.Front, *account.Pages) {
	front := local.New(local.Config{Broker: in.broker, Home: portal.RegisterPath, Fail: in.engine.Failed, Log: in.Log})
	pages := account.New(account.Config{
		Engine: in.engine, Register: in.persons, Sessions: in.broker, Parties: in.parties,
		Receipts: store.NewReceipts(in.db, in.keys.Columns(), in.keys.Index()), Papers: in.papers,
		Diary: in.db.Audit(), Cipher: in.keys.Columns(), Methods: in.installed(), Now: in.Now,
	})
	return front, pages
}
