package store

import (
	"context"
	"fmt"
	"time"

	"clave/census/office"
)

// Offices keeps the directory of registration offices; it implements [office.Store].
type Offices struct{ db *DB }

// NewOffices returns the directory of a database.
func NewOffices(db *DB) *Offices { return &Offices{db} }

const officesVersion = `
select version
from office_import
where one = 1`

// Version implements office.Store.
func (o *Offices) Version(ctx context.Context) (version int64, err error) {
	err = o.db.row(ctx, officesVersion).Scan(&version)
	return version, err
}

const officesAll = `
select code, name, address, postal_code, city, province, hours, services, appointment, latitude, longitude
from offices
order by code`

// Offices implements office.Store. The version is read first: when a replacement
// comes between, the offices are newer than it says and are read once more.
func (o *Offices) Offices(ctx context.Context) ([]office.Office, int64, error) {
	version, err := o.Version(ctx)
	if err != nil {
		return nil, 0, err
	}
	var all []office.Office
	err = o.db.rows(ctx, officesAll, nil, func(scan func(...any) error) error {
		var one office.Office
		if err := scan(&one.Code, &one.Name, &one.Address, &one.PostalCode, &one.City, &one.Province,
			&one.Hours, &one.Services, &one.Appointment, &one.Latitude, &one.Longitude); err != nil {
			return err
		}
		all = append(all, one)
		return nil
	})
	return all, version, err
}

const (
	officesClear = `
delete from offices`

	officesReplaced = `
update office_import
set version = version + 1, imported_at = $1
where one = 1`
)

// ReplaceOffices implements office.Store. It is one transaction, and joins the
// caller's.
func (o *Offices) ReplaceOffices(ctx context.Context, offices []office.Office, now time.Time) error {
	err := o.db.Tx(ctx, func(ctx context.Context) error {
		var version int64
		if err := o.db.row(ctx, o.db.locked(officesVersion)).Scan(&version); err != nil {
			return err
		}
		if _, err := o.db.changed(ctx, officesClear); err != nil {
			return err
		}
		if err := o.copy(ctx, offices); err != nil {
			return err
		}
		return o.db.exec(ctx, officesReplaced, micros(now))
	})
	if err != nil {
		return fmt.Errorf("replacing the offices: %w", err)
	}
	return nil
}

func (o *Offices) copy(ctx context.Context, offices []office.Office) error {
	columns := []string{"code", "name", "address", "postal_code", "city", "province", "hours", "services", "appointment", "latitude", "longitude"}
	next := 0
	_, err := o.db.engine.copyRows(ctx, "offices", columns, func() ([]any, error) {
		if next == len(offices) {
			return nil, nil
		}
		one := offices[next]
		next++
		return []any{
			one.Code, one.Name, one.Address, one.PostalCode, one.City, one.Province,
			one.Hours, one.Services, one.Appointment, one.Latitude, one.Longitude,
		}, nil
	})
	return o.db.engine.translate(err)
}
