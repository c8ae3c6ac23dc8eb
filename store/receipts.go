package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/census/receipt"
	"clave/identity"
	"clave/keys"
)

// Receipts keeps what citizens were told about their registration; it implements
// [receipt.Store].
type Receipts struct {
	db      *DB
	columns *keys.Sealer
	index   *keys.Index
}

// NewReceipts returns the receipts of a database.
func NewReceipts(db *DB, columns *keys.Sealer, index *keys.Index) *Receipts {
	return &Receipts{db, columns, index}
}

const (
	receiptsTable = "receipts"
	indexedCode   = "receipt code"
)

// sealedReceipt is what is sealed of a receipt. Short names: it is stored.
type sealedReceipt struct {
	Code       string                `json:"c"`
	Document   string                `json:"d"`
	Kind       identity.DocumentKind `json:"k"`
	Given      string                `json:"g,omitempty"`
	First      string                `json:"s,omitempty"`
	Second     string                `json:"t,omitempty"`
	Birth      identity.Date         `json:"b,omitzero"`
	Phone      string                `json:"p,omitempty"`
	Email      string                `json:"e,omitempty"`
	Channel    identity.Channel      `json:"h,omitempty"`
	Level      identity.Registration `json:"r"`
	Office     string                `json:"o,omitempty"`
	Officer    string                `json:"f,omitempty"`
	Language   string                `json:"l"`
	Conditions string                `json:"v,omitempty"`
}

const insertReceipt = `
insert into receipts (id, code_index, person_id, fact, at, sealed, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)`

// AddReceipt implements receipt.Store.
func (s *Receipts) AddReceipt(ctx context.Context, r receipt.Receipt) error {
	// All of it goes only into the seal.
	inside := sealedReceipt{
		Code: r.Code, Document: r.Identity.Document.Reveal(), Kind: r.Identity.Kind, Given: r.Identity.GivenName,
		First: r.Identity.FirstSurname, Second: r.Identity.SecondSurname, Birth: r.Identity.BirthDate,
		Phone: r.Phone.Reveal(), Email: r.Email.Reveal(), Channel: r.Channel, Level: r.Level,
		Office: r.Office, Officer: r.Officer, Language: r.Language, Conditions: r.Conditions,
	}
	sealed, err := sealJSON(s.columns, inside, receiptsTable, personsSealed, r.ID)
	if err == nil {
		err = s.db.exec(ctx, insertReceipt, r.ID, s.index.Of(indexedCode, r.Code), string(r.Person), string(r.Fact),
			micros(r.At), sealed, micros(r.At.Add(receipt.Keep)))
	}
	if err != nil {
		return fmt.Errorf("storing receipt %s: %w", r.ID, err)
	}
	return nil
}

const selectReceipt = `
select id, person_id, fact, at, sealed
from receipts
where code_index = $1`

const selectCopies = `
select digest, at
from receipt_copies
where receipt_id = $1
order by at, digest`

// ReceiptByCode implements receipt.Store.
func (s *Receipts) ReceiptByCode(ctx context.Context, code string) (receipt.Receipt, []receipt.Copy, error) {
	var r receipt.Receipt
	var sealed []byte
	err := s.db.row(ctx, selectReceipt, s.index.Of(indexedCode, code)).Scan(
		&r.ID, textInto(&r.Person), textInto(&r.Fact), timeInto(&r.At), &sealed)
	if errors.Is(err, ErrNotFound) {
		return receipt.Receipt{}, nil, receipt.ErrNoReceipt
	}
	if err != nil {
		return receipt.Receipt{}, nil, fmt.Errorf("reading a receipt: %w", err)
	}
	if err := s.open(&r, sealed); err != nil {
		return receipt.Receipt{}, nil, err
	}
	var copies []receipt.Copy
	err = s.db.rows(ctx, selectCopies, []any{r.ID}, func(scan func(...any) error) error {
		var c receipt.Copy
		var digest []byte
		if err := scan(&digest, timeInto(&c.At)); err != nil {
			return err
		}
		if copy(c.Digest[:], digest) != len(digest) {
			return errors.New("a digest has another length")
		}
		copies = append(copies, c)
		return nil
	})
	if err != nil {
		return receipt.Receipt{}, nil, fmt.Errorf("reading the copies of receipt %s: %w", r.ID, err)
	}
	return r, copies, nil
}

const selectReceiptsOf = `
select id, fact, at, sealed
from receipts
where person_id = $1
order by at desc, id desc
limit $2`

const selectReceiptsBefore = `
select r.id, r.fact, r.at, r.sealed
from receipts r
join receipts b on b.id = $3 and b.person_id = $1
where r.person_id = $1 and (r.at < b.at or r.at = b.at and r.id < b.id)
order by r.at desc, r.id desc
limit $2`

// ReceiptsOf implements receipt.Store.
func (s *Receipts) ReceiptsOf(ctx context.Context, person identity.PersonID, before string, limit int) ([]receipt.Receipt, error) {
	text, args := selectReceiptsOf, []any{string(person), limit}
	if before != "" {
		text, args = selectReceiptsBefore, append(args, before)
	}
	var found []receipt.Receipt
	err := s.db.rows(ctx, text, args, func(scan func(...any) error) error {
		r := receipt.Receipt{Person: person}
		var sealed []byte
		if err := scan(&r.ID, textInto(&r.Fact), timeInto(&r.At), &sealed); err != nil {
			return err
		}
		if err := s.open(&r, sealed); err != nil {
			return err
		}
		found = append(found, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the receipts of person %s: %w", person, err)
	}
	return found, nil
}

const insertCopy = `
insert into receipt_copies (receipt_id, digest, at)
values ($1, $2, $3)
on conflict (receipt_id, digest) do nothing`

// NoteCopy implements receipt.Store.
func (s *Receipts) NoteCopy(ctx context.Context, id string, d receipt.Digest, at time.Time) error {
	if err := s.db.exec(ctx, insertCopy, id, d[:], micros(at)); err != nil {
		return fmt.Errorf("noting a copy of receipt %s: %w", id, err)
	}
	return nil
}

const sweepReceipts = `
delete from receipts
where id in (
    select id
    from receipts
    where expires_at <= $1
    limit $2)`

// Sweep deletes receipts whose time is over, with what is noted of their copies.
func (s *Receipts) Sweep(ctx context.Context, now time.Time) error {
	if err := s.db.sweepExpired(ctx, sweepReceipts, now); err != nil {
		return fmt.Errorf("sweeping receipts: %w", err)
	}
	return nil
}

// Reseal does for receipts what [Census.Reseal] does for reference data.
func (s *Receipts) Reseal(ctx context.Context, progress func(Resealed)) (Resealed, error) {
	return resealRows(ctx, s.db, s.columns, sealedRows[string]{
		table: receiptsTable,
		read: `
select id, sealed
from receipts
where id > $1
order by id
limit $2`,
		replace: `
update receipts
set sealed = $1
where id = $2 and sealed = $3`,
	}, "", progress)
}

// open fills in what is sealed.
func (s *Receipts) open(r *receipt.Receipt, sealed []byte) error {
	inside, err := s.unseal(r.ID, sealed)
	if err != nil {
		return fmt.Errorf("opening receipt %s: %w", r.ID, err)
	}
	r.Code, r.Channel, r.Level = inside.Code, inside.Channel, inside.Level
	r.Office, r.Officer, r.Language, r.Conditions = inside.Office, inside.Officer, inside.Language, inside.Conditions
	r.Identity = identity.Person{
		Kind: inside.Kind, GivenName: inside.Given, FirstSurname: inside.First, SecondSurname: inside.Second, BirthDate: inside.Birth,
	}
	if inside.Document != "" {
		r.Identity.Document, err = identity.ParseDocument(inside.Document)
	}
	if err == nil && inside.Phone != "" {
		r.Phone, err = identity.ParseE164(inside.Phone)
	}
	if err == nil && inside.Email != "" {
		r.Email, err = identity.ParseEmail(inside.Email)
	}
	if err != nil {
		return fmt.Errorf("opening receipt %s: %w", r.ID, err)
	}
	return nil
}

func (s *Receipts) unseal(id string, sealed []byte) (inside sealedReceipt, err error) {
	plain, err := s.columns.Open(sealed, receiptsTable, personsSealed, id)
	if err != nil {
		return inside, err
	}
	if json.Unmarshal(plain, &inside) != nil { // its text could quote the receipt
		return inside, errors.New("the sealed part cannot be read")
	}
	return inside, nil
}
