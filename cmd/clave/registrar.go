package main

import (
	"cmp"
	"context"
	"time"

	"clave/audit"
	"clave/census/registrar"
	"clave/identity"
	"clave/keys"
	"clave/notify"
	"clave/providers/permanente"
	"clave/providers/pin"
	"clave/store"
	"clave/web/lang"
	"clave/web/page"
)

// register is what a registrar needs to stand on a database.
type register struct {
	db     *store.DB
	keys   *keys.Keyring
	trail  audit.Trail
	outbox registrar.Outbox
	texts  *lang.Texts
	frame  page.Frame // for the telephone in notices, and the zone of their times
	now    func() time.Time
}

// registrar wires the registrar, the same for pages and for commands. The store is
// returned to be swept.
func (r register) registrar() (*registrar.Registrar, *store.Registrar) {
	columns, index := r.keys.Columns(), r.keys.Index()
	kept := store.NewRegistrar(r.db, columns, index)
	return registrar.New(registrar.Config{
		Tx: r.db, Store: kept, Activations: kept, Passwords: store.NewPasswords(r.db, columns), Devices: store.NewMovilDevices(r.db, columns), Codes: r.keys.Activation(),
		Sessions: store.NewSessions(r.db, columns), Grants: store.NewGrants(r.db, columns),
		Locks:       locksOf(store.NewPINTallies(r.db, index), r.now),
		Invitations: store.NewInvitations(r.db, index), Receipts: store.NewReceipts(r.db, columns, index),
		Outbox: r.outbox, Trail: r.trail, Now: r.now,
		Notices: registrar.NewNotices(r.texts, cmp.Or(r.frame.Telephone, r.frame.Mailbox), r.frame.Zone),
	}), kept
}

// locks are those of all methods.
type locks struct {
	pin.Locks  // logins by PIN are those that wait
	permanente permanente.Locks
}

func locksOf(tallies *store.PINTallies, now func() time.Time) locks {
	return locks{pin.Locks{Tallies: tallies, Now: now}, permanente.Locks{Tallies: tallies}}
}

// Unlock implements registrar.Locks.
func (l locks) Unlock(ctx context.Context, person identity.PersonID) error {
	if err := l.Locks.Unlock(ctx, person); err != nil {
		return err
	}
	return l.permanente.Unlock(ctx, person)
}

// registrar is that of a command: notices name the telephone of the settings, or that
// of the State where a command was given only a database.
func (a *access) registrar() (*registrar.Registrar, error) {
	texts, err := lang.Load()
	if err != nil {
		return nil, err
	}
	frame := a.frame
	if frame.Zone == nil {
		frame = page.Frame{Telephone: "060", Zone: time.UTC}
	}
	outbox := notify.NewOutbox(a.db.Outbox(), a.keys.Columns(), a.now)
	built, _ := register{db: a.db, keys: a.keys, trail: a.trail, outbox: outbox, texts: texts, frame: frame, now: a.now}.registrar()
	return built, nil
}
