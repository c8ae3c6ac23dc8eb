package main

import (
	"cmp"

	"clave/identity"
	"clave/providers/permanente"
	"clave/providers/permanente/password"
	"clave/store"
	"clave/web/lang"
)

// addPermanente makes Cl@ve Permanente with what it shares with Cl@ve PIN, where the
// installation offers it.
func (in *installation) addPermanente(texts *lang.Texts, p procedures) {
	if in.Permanente == nil {
		return
	}
	frame, queue := in.engine.Frame(), *in.Permanente
	queue.Metrics = password.NewMetrics(in.Metrics.Registerer())
	kept := store.NewPasswords(in.db, in.keys.Columns())
	in.permanente = permanente.New(permanente.Config{
		Broker: in.broker, Ways: in.broker, Register: in.persons, Tallies: p.tallies,
		Accounts: kept, Activations: kept, Challenges: kept, Passwords: password.NewQueue(queue), Trail: in.trail,
		Codes: in.keys.PIN(), ActivationCodes: in.keys.Activation(), Outbox: in.outbox, Composer: p.composer, Budget: p.budget,
		Notices:  permanente.NewNotices(texts, cmp.Or(frame.Telephone, frame.Mailbox), frame.Zone),
		Sessions: in.broker, Grants: store.NewGrants(in.db, in.keys.Columns()),
		Cookies: in.keys.Cookies(), Jar: p.jar, Pages: in.engine, PhoneLimit: p.phoneLimit, Log: in.Log, Now: in.Now,
	})
	in.routes = append(in.routes, in.permanente.Routes()...)
	in.routes = append(in.routes, in.permanente.OwnRoutes()...)
	in.sweep(kept)
}

// installed are the methods of the installation, in the chooser's order.
func (in *installation) installed() []identity.Method {
	methods := []identity.Method{identity.PIN}
	if in.Movil != nil {
		methods = append(methods, identity.Movil)
	}
	if in.Permanente != nil {
		methods = append(methods, identity.Permanente)
	}
	if in.Certificates != nil {
		methods = append(methods, identity.Certificate)
	}
	return methods
}
