package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/identity"
	"clave/keys"
	"clave/providers/movil"
	"clave/providers/movil/passkey"
)

// MovilDevices keeps devices of Cl@ve Móvil; it implements [movil.Devices].
type MovilDevices struct {
	db      *DB
	columns *keys.Sealer
}

// NewMovilDevices returns the devices of a database.
func NewMovilDevices(db *DB, columns *keys.Sealer) *MovilDevices { return &MovilDevices{db, columns} }

const devicesTable = "movil_devices"

// sealedDevice is the sealed part of a device.
type sealedDevice struct {
	Name     string              `json:"name"`
	Passkey  passkey.Credential  `json:"passkey"`
	Key      []byte              `json:"key"`
	Push     *movil.Subscription `json:"push,omitempty"`
	Language string              `json:"language,omitempty"`
	How      movil.Activator     `json:"how"`
}

const (
	devicesColumns = `
select id, person_id, sealed, activated_at, used_at
from movil_devices
`
	selectDevice     = devicesColumns + `where id = $1`
	selectDeviceWith = devicesColumns + `where credential = $1`
	selectDevicesOf  = devicesColumns + `where person_id = $1
order by used_at desc, activated_at desc, id`
)

// heldDevice is the key of whether a device has a row, which the transaction holds.
type heldDevice movil.DeviceID

// Device implements movil.Devices.
func (m *MovilDevices) Device(ctx context.Context, id movil.DeviceID) (movil.Device, error) {
	note(ctx, heldDevice(id), false)
	return m.device(ctx, selectDevice, string(id))
}

// DeviceWith implements movil.Devices.
func (m *MovilDevices) DeviceWith(ctx context.Context, credential []byte) (movil.Device, error) {
	return m.device(ctx, selectDeviceWith, deviceCredential(credential))
}

// device reads the one that the question finds.
func (m *MovilDevices) device(ctx context.Context, question string, by any) (movil.Device, error) {
	found, err := m.devices(ctx, question, by)
	if err != nil || len(found) == 0 {
		return movil.Device{}, err
	}
	return found[0], nil
}

// DevicesOf implements movil.Devices.
func (m *MovilDevices) DevicesOf(ctx context.Context, person identity.PersonID) ([]movil.Device, error) {
	return m.devices(ctx, selectDevicesOf, string(person))
}

// devices reads what the question finds and, inside a transaction, holds it.
func (m *MovilDevices) devices(ctx context.Context, question string, by any) (found []movil.Device, err error) {
	if inTx(ctx) != nil {
		question = m.db.locked(question)
	}
	var blobs [][]byte
	err = m.db.rows(ctx, question, []any{by}, func(scan func(dest ...any) error) error {
		var d movil.Device
		var sealed []byte
		if err := scan(textInto(&d.ID), textInto(&d.Person), &sealed, timeInto(&d.ActivatedAt), timeInto(&d.UsedAt)); err != nil {
			return err
		}
		found, blobs = append(found, d), append(blobs, sealed)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range found {
		if err := m.open(&found[i], blobs[i]); err != nil {
			return nil, err
		}
		note(ctx, heldDevice(found[i].ID), true)
	}
	return found, nil
}

func (m *MovilDevices) open(d *movil.Device, sealed []byte) error {
	var opened sealedDevice
	plain, err := m.columns.Open(sealed, devicesTable, personsSealed, string(d.ID))
	if err == nil {
		err = json.Unmarshal(plain, &opened)
	}
	if err != nil {
		return fmt.Errorf("opening device %s: %w", d.ID, err)
	}
	d.Name, d.Passkey, d.Key, d.Push, d.Language, d.How = opened.Name, opened.Passkey, opened.Key, opened.Push, opened.Language, opened.How
	return nil
}

// deviceCredential is what a passkey's id is found by. An id has 100 random bits at
// least, so that the hash hides it without a key.
func deviceCredential(id []byte) []byte {
	sum := sha256.Sum256(id)
	return sum[:]
}

const (
	insertDevice = `
insert into movil_devices (id, person_id, credential, sealed, activated_at, used_at, sweep_at)
values ($1, $2, $3, $4, $5, $6, $7)`
	updateDevice = `
update movil_devices
set sealed = $2, used_at = $3, sweep_at = $4
where id = $1`
)

// KeepDevice implements movil.Devices.
func (m *MovilDevices) KeepDevice(ctx context.Context, d movil.Device) error {
	there, held := noted[bool](ctx, heldDevice(d.ID))
	if !held {
		return fmt.Errorf("keeping device %s that is not held", d.ID)
	}
	plain, err := json.Marshal(sealedDevice{d.Name, d.Passkey, d.Key, d.Push, d.Language, d.How})
	if err != nil {
		return fmt.Errorf("sealing device %s: %w", d.ID, err)
	}
	id, sealed := string(d.ID), m.columns.Seal(plain, devicesTable, personsSealed, string(d.ID))
	used, sweep := micros(d.UsedAt), micros(d.LapsesAt())
	if there {
		return m.db.exec(ctx, updateDevice, id, sealed, used, sweep)
	}
	note(ctx, heldDevice(d.ID), true)
	return m.db.fresh(ctx, insertDevice, id, string(d.Person), deviceCredential(d.Passkey.ID), sealed, micros(d.ActivatedAt), used, sweep)
}

const (
	deleteDevice = `
delete from movil_devices
where id = $1`
	deleteDevicesOf = `
delete from movil_devices
where person_id = $1`
	deleteActivationsOf = `
delete from movil_activations
where person_id = $1`
	voidRequestsOf = `
update movil_requests
set state = 'replaced'
where person_id = $1 and state in ('open', 'claimed', 'approved')`
)

// ForgetDevice implements movil.Devices.
func (m *MovilDevices) ForgetDevice(ctx context.Context, id movil.DeviceID) error {
	note(ctx, heldDevice(id), false)
	return m.db.exec(ctx, deleteDevice, string(id))
}

// ForgetDevices implements registrar.Devices: a person's devices go, and what is under
// way for them.
func (m *MovilDevices) ForgetDevices(ctx context.Context, person identity.PersonID) error {
	return errors.Join(
		m.db.exec(ctx, deleteDevicesOf, string(person)),
		m.db.exec(ctx, deleteActivationsOf, string(person)),
		m.db.exec(ctx, voidRequestsOf, string(person)),
	)
}

// Reseal does for devices what [Census.Reseal] does for reference data.
func (m *MovilDevices) Reseal(ctx context.Context, progress func(Resealed)) (Resealed, error) {
	return resealRows(ctx, m.db, m.columns, sealedRows[string]{
		table: devicesTable,
		read: `
select id, sealed
from movil_devices
where id > $1
order by id
limit $2`,
		replace: `
update movil_devices
set sealed = $1
where id = $2 and sealed = $3`,
	}, "", progress)
}

const sweepDevices = `
delete from movil_devices
where id in (
    select id
    from movil_devices
    where sweep_at <= $1
    limit $2)`

// Sweep deletes the devices that nobody used for long.
func (m *MovilDevices) Sweep(ctx context.Context, now time.Time) error {
	if err := m.db.sweepExpired(ctx, sweepDevices, now); err != nil {
		return fmt.Errorf("sweeping devices: %w", err)
	}
	return nil
}
