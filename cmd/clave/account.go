package main

import (
	"clave/broker"
	"clave/identity"
	"clave/idp/local"
	"clave/providers/permanente"
	"clave/store"
	"clave/web/frame"
	"clave/web/portal"
	"clave/web/portal/account"
	"clave/web/portal/procedure"
)

// addOwnPages makes the installation's own pages: those for everybody, the front by
// which citizens log in to the installation itself, and My Cl@ve.
func (in *installation) addOwnPages() {
	in.own = local.New(local.Config{Broker: in.broker, Home: portal.RegisterPath, Fail: in.engine.Failed, Log: in.Log})
	pages := account.New(account.Config{
		Engine: in.engine, Register: in.persons, Sessions: in.broker, Parties: in.parties,
		Receipts: store.NewReceipts(in.db, in.keys.Columns(), in.keys.Index()), Papers: in.papers,
		Diary: in.db.Audit(), Cipher: in.keys.Columns(), Devices: in.devices(), ConfirmEmail: in.confirmEmail(), Changes: in.changes, Methods: in.installed(), Now: in.Now,
	})
	in.door = in.frontDoor()
	in.broker.AddFront(in.own)
	in.routes = append(in.routes, in.engine.Routes()...)
	in.routes = append(in.routes, frame.New(in.engine, in.siteMap()...).Routes()...)
	in.routes = append(in.routes, in.door.Routes()...)
	in.routes = append(in.routes, pages.Routes()...)
}

// changes are the procedures that My Cl@ve leads to.
func (in *installation) changes(st broker.Standing, by identity.Method) []account.Link {
	var links []account.Link
	for _, l := range in.offered().Links(st, by) {
		links = append(links, account.Link(l))
	}
	if in.Permanente != nil && st.State == identity.Registered {
		links = append(links, account.Link{Path: permanente.Path, Text: "permanente.settings.link"})
	}
	return links
}

// offered are the procedures of who is logged in that this installation has.
func (in *installation) offered() procedure.Offered {
	return procedure.Offered{Certificates: in.Certificates != nil}
}

// confirmEmail is where citizens confirm their address; empty where no mails go out.
func (in *installation) confirmEmail() string {
	if in.mails() {
		return procedure.ConfirmEmailPath
	}
	return ""
}
