package main

import (
	"clave/census/desk"
	"clave/census/proposal"
	"clave/store"
	"clave/web/console"
	deskpages "clave/web/console/desk"
	"clave/web/console/proposals"
)

// deskSections are what the console has beside its own pages, in the menu's order.
func deskSections() []console.Section {
	return []console.Section{deskpages.Section(), proposals.Section()}
}

// addDesk builds the pages on which officers serve citizens, where there is a console.
// The stores are returned to be swept.
func (in *installation) addDesk() (*store.Desk, *store.Proposals) {
	columns, index := in.keys.Columns(), in.keys.Index()
	cases, proposed := store.NewDesk(in.db, columns), store.NewProposals(in.db, columns)
	if in.console == nil {
		return cases, proposed
	}
	members := store.NewStaff(in.db, columns)
	decisions := &proposal.Desk{Tx: in.db, Store: proposed, Registrar: in.registrar, Trail: in.trail, Log: in.Log, Now: in.Now}
	pages := deskpages.New(deskpages.Config{
		Console:  in.console,
		Desk:     &desk.Desk{Tx: in.db, Cases: cases, Register: in.persons, Trail: in.trail, Log: in.Log, Now: in.Now},
		Register: in.persons, Registrar: in.registrar, Procedures: in.procedures, Proposals: decisions, Proposed: proposals.OnePath,
		Members: members, Receipts: store.NewReceipts(in.db, columns, index), Papers: in.papers, Log: in.Log, Now: in.Now,
	})
	decided := proposals.New(proposals.Config{
		Console: in.console, Desk: decisions, List: proposed, Register: in.persons, Members: members, Log: in.Log, Now: in.Now,
	})
	in.routes = append(in.routes, in.console.Apart(pages.Routes(), nil)...)
	in.routes = append(in.routes, in.console.Apart(decided.Routes(), nil)...)
	return cases, proposed
}
