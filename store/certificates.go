package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/keys"
	"clave/providers/certificate"
	"clave/providers/certificate/profile"
)

// Presentations keep what was seen of certificates; they implement
// [certificate.Presentations].
type Presentations struct {
	db      *DB
	columns *keys.Sealer
}

// NewPresentations returns the presentations of a database.
func NewPresentations(db *DB, columns *keys.Sealer) *Presentations {
	return &Presentations{db, columns}
}

const presentationsTable = "certificate_presentations"

// storedSeen is certificate.Seen inside the seal.
type storedSeen struct {
	Cause         certificate.Cause `json:"cause,omitempty"`
	Document      string            `json:"document,omitempty"`
	GivenName     string            `json:"given_name,omitempty"`
	FirstSurname  string            `json:"first_surname,omitempty"`
	SecondSurname string            `json:"second_surname,omitempty"`
	Level         identity.Level    `json:"level,omitempty"`
	OnDevice      bool              `json:"on_device,omitempty"`
	Employee      bool              `json:"employee,omitempty"`
	Qualified     bool              `json:"qualified,omitempty"`
	Policy        string            `json:"policy,omitempty"`
	Issuer        string            `json:"issuer,omitempty"`
	Authority     string            `json:"authority,omitempty"`
	NotBefore     time.Time         `json:"not_before,omitzero"`
	NotAfter      time.Time         `json:"not_after,omitzero"`
	Serial        string            `json:"serial,omitempty"`
	Checked       bool              `json:"checked,omitempty"`
}

func (p *Presentations) seal(login broker.LoginID, seen certificate.Seen) ([]byte, error) {
	h := seen.Holder
	plain, err := json.Marshal(storedSeen{
		Cause: seen.Cause, Document: h.Person.Document.Reveal(), // goes only into the seal
		GivenName: h.Person.GivenName, FirstSurname: h.Person.FirstSurname, SecondSurname: h.Person.SecondSurname,
		Level: h.Level, OnDevice: h.OnDevice, Employee: h.Employee, Qualified: h.Qualified, Policy: h.Policy,
		Issuer: seen.Proof.Issuer, Authority: seen.Proof.Authority, NotBefore: seen.Proof.NotBefore, NotAfter: seen.Proof.NotAfter,
		Serial: seen.Proof.Serial, Checked: seen.Proof.Checked,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding what was seen: %w", err)
	}
	return p.columns.Seal(plain, presentationsTable, "sealed", string(login)), nil
}

func (p *Presentations) open(login broker.LoginID, sealed []byte) (certificate.Seen, error) {
	plain, err := p.columns.Open(sealed, presentationsTable, "sealed", string(login))
	if err != nil {
		return certificate.Seen{}, fmt.Errorf("opening what was seen in login %s: %w", login, err)
	}
	var s storedSeen
	if err := json.Unmarshal(plain, &s); err != nil {
		return certificate.Seen{}, fmt.Errorf("reading what was seen in login %s: %w", login, err)
	}
	seen := certificate.Seen{Cause: s.Cause, Proof: certificate.Proof{
		Issuer: s.Issuer, Serial: s.Serial, Authority: s.Authority, NotBefore: s.NotBefore, NotAfter: s.NotAfter, Checked: s.Checked,
	}}
	if s.Document == "" {
		return seen, nil
	}
	document, err := identity.ParseDocument(s.Document)
	if err != nil {
		return certificate.Seen{}, fmt.Errorf("reading what was seen in login %s: %w", login, err)
	}
	seen.Holder = profile.Holder{
		Person: identity.Person{Document: document, GivenName: s.GivenName, FirstSurname: s.FirstSurname, SecondSurname: s.SecondSurname},
		Level:  s.Level, OnDevice: s.OnDevice, Employee: s.Employee, Qualified: s.Qualified, Policy: s.Policy,
	}
	return seen, nil
}

const upsertPresentation = `
insert into certificate_presentations (login_id, asked_at, ticket_hash, sealed, expires_at, sweep_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (login_id) do update
set asked_at = excluded.asked_at, ticket_hash = excluded.ticket_hash, sealed = excluded.sealed, expires_at = excluded.expires_at
where certificate_presentations.spent_at is null and certificate_presentations.asked_at < excluded.asked_at`

// KeepPresentation implements certificate.Presentations. The row outlives the login,
// so that no handle of it works twice.
func (p *Presentations) KeepPresentation(ctx context.Context, kept certificate.Presentation) error {
	sealed, err := p.seal(kept.Login, kept.Seen)
	if err != nil {
		return err
	}
	n, err := p.db.changed(ctx, upsertPresentation, string(kept.Login), micros(kept.Asked), kept.Ticket, sealed,
		micros(kept.ExpiresAt), micros(kept.Asked.Add(broker.LongestLogin)))
	if err != nil {
		return err
	}
	if n == 0 {
		return certificate.ErrHandleUsed
	}
	return nil
}

const selectPresentation = `
select asked_at, ticket_hash, sealed, expires_at, spent_at
from certificate_presentations
where login_id = $1`

// Presentation implements certificate.Presentations.
func (p *Presentations) Presentation(ctx context.Context, login broker.LoginID) (certificate.Presentation, error) {
	kept := certificate.Presentation{Login: login}
	var sealed []byte
	var spent time.Time
	err := p.db.row(ctx, selectPresentation, string(login)).Scan(timeInto(&kept.Asked), &kept.Ticket, &sealed, timeInto(&kept.ExpiresAt), timeInto(&spent))
	if errors.Is(err, ErrNotFound) {
		return certificate.Presentation{}, nil
	}
	if err != nil {
		return certificate.Presentation{}, err
	}
	if kept.Spent = !spent.IsZero(); kept.Spent {
		return kept, nil
	}
	kept.Seen, err = p.open(login, sealed)
	return kept, err
}

const (
	spendPresentation = `
update certificate_presentations
set spent_at = $3
where login_id = $1 and ticket_hash = $2 and spent_at is null and expires_at > $3
returning asked_at, sealed, expires_at`

	erasePresentation = `
update certificate_presentations
set sealed = null
where login_id = $1 and spent_at is not null`
)

// SpendPresentation implements certificate.Presentations.
func (p *Presentations) SpendPresentation(ctx context.Context, login broker.LoginID, ticket []byte, now time.Time) (certificate.Presentation, error) {
	kept := certificate.Presentation{Login: login, Ticket: ticket}
	var sealed []byte
	err := p.db.row(ctx, spendPresentation, string(login), ticket, micros(now)).Scan(timeInto(&kept.Asked), &sealed, timeInto(&kept.ExpiresAt))
	if errors.Is(err, ErrNotFound) {
		return certificate.Presentation{}, certificate.ErrNoPresentation
	}
	if err != nil {
		return certificate.Presentation{}, err
	}
	if kept.Seen, err = p.open(login, sealed); err != nil {
		return certificate.Presentation{}, err
	}
	return kept, p.db.exec(ctx, erasePresentation, string(login))
}

const sweepPresentations = `
delete from certificate_presentations
where login_id in (
    select login_id
    from certificate_presentations
    where sweep_at <= $1
    limit $2)`

// Sweep deletes what was seen in logins that are long over.
func (p *Presentations) Sweep(ctx context.Context, now time.Time) error {
	if err := p.db.sweepExpired(ctx, sweepPresentations, now); err != nil {
		return fmt.Errorf("sweeping presentations of certificates: %w", err)
	}
	return nil
}
