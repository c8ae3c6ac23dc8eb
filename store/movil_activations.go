package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/identity"
	"clave/keys"
	"clave/providers/movil"
)

// MovilActivations keeps devices that are about to be activated; it implements
// [movil.Activations].
type MovilActivations struct {
	db      *DB
	columns *keys.Sealer
}

// NewMovilActivations returns the activations of a database.
func NewMovilActivations(db *DB, columns *keys.Sealer) *MovilActivations {
	return &MovilActivations{db, columns}
}

const deviceActivationsTable = "movil_activations"

// sealedDeviceActivation is the sealed part of an activation. Phone is empty where a
// certificate proved the person.
type sealedDeviceActivation struct {
	Document string `json:"document"`
	Phone    string `json:"phone,omitempty"`
}

// heldDeviceActivation is the key of whether an activation has a row, which the
// transaction holds.
type heldDeviceActivation string

const selectDeviceActivation = `
select person_id, how, secret, sealed, sends, wrong, sent_at, expires_at, proven_at
from movil_activations
where id = $1`

// Activation implements movil.Activations.
func (m *MovilActivations) Activation(ctx context.Context, key string) (movil.Activation, error) {
	question, tx := selectDeviceActivation, inTx(ctx) != nil
	if tx {
		question = m.db.locked(question)
	}
	var sealed []byte
	a := movil.Activation{Key: key}
	err := m.db.row(ctx, question, key).Scan(
		textInto(&a.Person), textInto(&a.How), &a.Secret, &sealed, &a.Sends, &a.Wrong,
		timeInto(&a.SentAt), timeInto(&a.ExpiresAt), timeInto(&a.ProvenAt))
	if tx && (err == nil || errors.Is(err, ErrNotFound)) {
		note(ctx, heldDeviceActivation(key), err == nil)
	}
	if errors.Is(err, ErrNotFound) {
		return movil.Activation{}, nil
	}
	if err != nil {
		return movil.Activation{}, err
	}
	return m.open(a, sealed)
}

func (m *MovilActivations) open(a movil.Activation, sealed []byte) (movil.Activation, error) {
	var opened sealedDeviceActivation
	plain, err := m.columns.Open(sealed, deviceActivationsTable, personsSealed, a.Key)
	if err == nil {
		err = json.Unmarshal(plain, &opened)
	}
	if err == nil {
		a.Document, err = identity.ParseDocument(opened.Document)
	}
	if err == nil && opened.Phone != "" {
		a.Phone, err = identity.ParseE164(opened.Phone)
	}
	if err != nil {
		return movil.Activation{}, fmt.Errorf("opening a device's activation of person %s: %w", a.Person, err)
	}
	return a, nil
}

// deviceActivationsKept is how long an activation's row stays: longer than codes, and
// keys after them, may take.
const deviceActivationsKept = 2 * time.Hour

const (
	insertDeviceActivation = `
insert into movil_activations (id, person_id, how, secret, sealed, sends, wrong, sent_at, expires_at, proven_at, sweep_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	updateDeviceActivation = `
update movil_activations
set person_id = $2, how = $3, secret = $4, sealed = $5, sends = $6, wrong = $7, sent_at = $8, expires_at = $9, proven_at = $10
where id = $1`
	deleteDeviceActivation = `
delete from movil_activations
where id = $1`
)

// KeepActivation implements movil.Activations.
func (m *MovilActivations) KeepActivation(ctx context.Context, a movil.Activation) error {
	there, held := noted[bool](ctx, heldDeviceActivation(a.Key))
	if !held {
		return fmt.Errorf("keeping a device's activation of person %s that is not held", a.Person)
	}
	plain, err := json.Marshal(sealedDeviceActivation{a.Document.Reveal(), a.Phone.Reveal()})
	if err != nil {
		return fmt.Errorf("sealing a device's activation of person %s: %w", a.Person, err)
	}
	var secret any // null unless a code is live
	if a.Secret != nil {
		secret = a.Secret
	}
	args := []any{
		a.Key, string(a.Person), string(a.How), secret, m.columns.Seal(plain, deviceActivationsTable, personsSealed, a.Key),
		a.Sends, a.Wrong, micros(a.SentAt), micros(a.ExpiresAt), micros(a.ProvenAt),
	}
	if there {
		return m.db.exec(ctx, updateDeviceActivation, args...)
	}
	note(ctx, heldDeviceActivation(a.Key), true)
	return m.db.fresh(ctx, insertDeviceActivation, append(args, micros(m.db.now().Add(deviceActivationsKept)))...)
}

// DropActivation implements movil.Activations.
func (m *MovilActivations) DropActivation(ctx context.Context, key string) error {
	note(ctx, heldDeviceActivation(key), false)
	return m.db.exec(ctx, deleteDeviceActivation, key)
}

const sweepDeviceActivations = `
delete from movil_activations
where id in (
    select id
    from movil_activations
    where sweep_at <= $1
    limit $2)`

// Sweep deletes the activations of what is long over.
func (m *MovilActivations) Sweep(ctx context.Context, now time.Time) error {
	if err := m.db.sweepExpired(ctx, sweepDeviceActivations, now); err != nil {
		return fmt.Errorf("sweeping activations of devices: %w", err)
	}
	return nil
}
