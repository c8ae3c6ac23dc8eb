package main

import (
	"cmp"

	"clave/notify/push"
	"clave/providers/movil"
	"clave/providers/movil/passkey"
	"clave/sandbox"
	"clave/store"
	"clave/web/lang"
)

// movilSettings are those of Cl@ve Móvil.
type movilSettings struct {
	// RefuseSynced: see movil.Config.
	RefuseSynced bool
	// Pushes are where the app may take pushed messages; nil where nothing is pushed.
	Pushes *push.Settings
}

// addMovil makes Cl@ve Móvil with what it shares with Cl@ve PIN, where the installation
// offers it.
func (in *installation) addMovil(texts *lang.Texts, p procedures) error {
	if in.Movil == nil {
		return nil
	}
	passkeys, err := passkey.New(in.Issuer)
	if err != nil {
		return err
	}
	frame, columns := in.engine.Frame(), in.keys.Columns()
	devices, activations, requests := store.NewMovilDevices(in.db, columns), store.NewMovilActivations(in.db, columns), store.NewMovilRequests(in.db, columns)
	in.movil = movil.New(movil.Config{
		Broker: in.broker, Ways: in.broker, Parties: in.parties, Register: in.persons, Pairs: in.pairs, Tallies: p.tallies,
		Devices: devices, Activations: activations, Requests: requests, Passkeys: passkeys, Trail: in.trail,
		Codes: in.keys.PIN(), Handles: in.keys.Index(), Outbox: in.outbox, Composer: p.composer, Budget: p.budget,
		Notices: movil.NewNotices(texts, cmp.Or(frame.Telephone, frame.Mailbox)),
		Cookies: in.keys.Cookies(), Jar: p.jar, Pages: in.engine, PhoneLimit: p.phoneLimit,
		Pushes: in.Movil.Pushes, RefuseSynced: in.Movil.RefuseSynced, Log: in.Log, Now: in.Now,
	})
	in.pin.App = in.movil
	in.routes = append(in.routes, in.movil.Routes()...)
	in.sweep(devices, activations, requests)
	return nil
}

// phones are those of the sandbox's citizens.
func (in *installation) phones() *sandbox.Phones {
	return &sandbox.Phones{
		Tx: in.db.Tx, Devices: in.movil.Devices, Handles: in.movil.Handles, Passkeys: in.movil.Passkeys, Movil: in.movil, Now: in.Now,
	}
}
