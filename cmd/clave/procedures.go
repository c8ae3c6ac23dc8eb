package main

import (
	"clave/broker"
	"clave/census/invitation"
	"clave/census/registration"
	"clave/internal/throttle"
	"clave/notify"
	"clave/store"
	"clave/web/portal/procedure"
)

// procedures are what the procedures of registration share with Cl@ve PIN.
type procedures struct {
	jar        broker.CookieJar
	tallies    *store.PINTallies
	composer   *notify.Composer
	budget     *throttle.Budget
	phoneLimit int
}

// addProcedures makes the procedures of registration, and the pages of those that this
// installation offers. The store is returned to be swept.
func (in *installation) addProcedures(p procedures) *store.Procedures {
	columns, index := in.keys.Columns(), in.keys.Index()
	kept := store.NewProcedures(in.db, columns)
	letters := invitation.New(invitation.Config{
		Tx: in.db, Register: in.persons, Store: store.NewInvitations(in.db, index), Letters: store.NewLetters(in.db, columns),
		Codes: in.keys.Activation(), Trail: in.trail, Now: in.Now,
	})
	in.procedures = registration.New(registration.Config{
		Tx: in.db, Store: kept, Pairs: in.pairs, Tallies: p.tallies, Invitations: letters, Registrar: in.registrar,
		Trail: in.trail, Codes: in.keys.PIN(), Outbox: in.outbox, Composer: p.composer, Budget: p.budget,
		PhoneLimit: p.phoneLimit, Log: in.Log, Now: in.Now,
	})
	pages := procedure.New(procedure.Config{
		Procedures: in.procedures,
		Receipts:   store.NewReceipts(in.db, columns, index), Papers: in.papers, Engine: in.engine, Jar: p.jar,
		Offered: in.offered(), Mails: in.mails(), Log: in.Log, Now: in.Now,
	})
	in.routes = append(in.routes, pages.Logged()...)
	if in.Letters != nil {
		in.routes = append(in.routes, pages.Letter()...)
		in.routes = append(in.routes, pages.LeaveByLetter()...)
	}
	if in.mails() {
		in.routes = append(in.routes, pages.ConfirmEmail()...)
	}
	if in.certificate != nil {
		in.routes = append(in.routes, pages.Certified()...)
	}
	return kept
}

// mails tells whether mails go out.
func (in *installation) mails() bool { return in.Carriers[notify.Mail] != nil }
