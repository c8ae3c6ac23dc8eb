package main

import (
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census/staff"
	"clave/idp/local"
	"clave/keys"
	"clave/store"
	"clave/web/console"
)

// staffCommand is `clave staff`.
type staffCommand struct {
	Add    staffAddCommand    `cmd:"" help:"Let somebody work at the console. The first administrator comes from here; administrators add the others in the console."`
	List   staffListCommand   `cmd:"" help:"List who works at the console."`
	Remove staffRemoveCommand `cmd:"" help:"Take somebody's access to the console away, at once."`
}

// rosterOf says who belongs to the staff, the same for the console and for commands.
func rosterOf(db *store.DB, ring *keys.Keyring, trail audit.Trail, now func() time.Time) *staff.Roster {
	columns := ring.Columns()
	kept := store.NewStaff(db, columns)
	return &staff.Roster{
		Tx: db, People: store.NewPersons(db, columns, ring.Index()), Members: kept, Sessions: kept, Trail: trail, Now: now,
	}
}

// addConsole builds the officers' console where certificates are accepted: it is the
// only way in. The store is returned to be swept.
func (in *installation) addConsole(jar broker.CookieJar, sections ...console.Section) *store.Staff {
	kept := store.NewStaff(in.db, in.keys.Columns())
	if in.Certificates == nil {
		return kept
	}
	door := &staff.Door{Tx: in.db, Members: kept, Sessions: kept, Trail: in.trail, Now: in.Now}
	cookie := console.Cookie{Jar: jar}
	front := local.NewStaff(local.StaffConfig{
		Broker: in.broker, Door: door, Pocket: cookie, Within: console.Path, First: console.HomePath, Welcome: console.Path,
		Stranger: console.StrangerPath, Training: in.TrainingURL != "", Fail: in.engine.Failed, Log: in.Log,
	})
	in.broker.AddFront(front)
	in.console = console.New(console.Config{
		Engine: in.engine, Door: door, Cookie: cookie, Roster: rosterOf(in.db, in.keys, in.trail, in.Now), Members: kept,
		Offices: in.directory, Enter: local.EnterPath, Sections: sections, Training: in.TrainingURL != "", Log: in.Log, Now: in.Now,
	})
	in.routes = append(in.routes, front.Routes()...)
	in.routes = append(in.routes, in.console.Routes()...)
	return kept
}

// admitsEmployees tells whether the certificates of public employees are accepted: by
// the settings, and at the console always.
func (c *certificates) admitsEmployees(l *broker.Login) bool {
	return c.Employees || l.Request.Front == local.StaffName
}
