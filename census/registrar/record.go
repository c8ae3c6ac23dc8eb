package registrar

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"clave/audit"
	"clave/identity"
)

// Change is what happened to a registration. The list is closed.
type Change string

// The changes.
const (
	Registered      Change = "registered" // for the first time, or again
	Raised          Change = "raised"
	PhoneChanged    Change = "phone_changed"
	PhoneTaken      Change = "phone_taken" // another citizen proved to hold the phone
	EmailChanged    Change = "email_changed"
	EmailConfirmed  Change = "email_confirmed"
	Regenerated     Change = "regenerated" // a new activation code
	Withdrawn       Change = "withdrawn"
	Revoked         Change = "revoked"
	Lifted          Change = "lifted"
	Died            Change = "died"
	DocumentChanged Change = "document_changed" // the register gave the person another number
)

// Record is one line of a registration's history: what happened, and how it stood
// afterwards. Lines are added and never changed. It prints masked.
type Record struct {
	// Number counts from 1 for each person, without gaps.
	Number int64
	Change Change
	At     time.Time
	Actor  audit.Actor
	By     By

	// How the registration stood afterwards.
	State      identity.State
	Level      identity.Registration
	Channel    identity.Channel
	Document   identity.DocumentID
	Phone      identity.Phone
	Email      identity.Email
	Conditions string

	// Receipt is the id of the receipt that the citizen got, empty where there is none.
	Receipt string
	// Other is who has the phone since, of PhoneTaken.
	Other identity.PersonID
}

// String returns what happened and when.
func (r Record) String() string { return fmt.Sprintf("record %d %s", r.Number, r.Change) }

// Format prints String for every verb.
func (r Record) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (r Record) LogValue() slog.Value { return slog.StringValue(r.String()) }

// sealedRecord is a Record in clear, as it goes into the seal.
type sealedRecord struct {
	Number     int64                 `json:"number"`
	Change     Change                `json:"change"`
	At         time.Time             `json:"at"`
	Actor      audit.Actor           `json:"actor"`
	Proved     identity.Channel      `json:"proved,omitempty"` // by which channel the act was proved
	Method     identity.Method       `json:"method,omitempty"`
	Login      string                `json:"login,omitempty"`
	Officer    identity.PersonID     `json:"officer,omitempty"`
	Office     string                `json:"office,omitempty"`
	Seen       Seen                  `json:"seen,omitzero"`
	Reason     string                `json:"reason,omitempty"`
	Proposer   identity.PersonID     `json:"proposer,omitempty"`
	Language   string                `json:"language,omitempty"`
	Accepted   string                `json:"accepted,omitempty"` // conditions accepted with the act
	State      identity.State        `json:"state"`
	Level      identity.Registration `json:"level"`
	Channel    identity.Channel      `json:"channel,omitempty"`
	Document   string                `json:"document,omitempty"`
	Phone      string                `json:"phone,omitempty"`
	Email      string                `json:"email,omitempty"`
	Conditions string                `json:"conditions,omitempty"`
	Receipt    string                `json:"receipt,omitempty"`
	Other      identity.PersonID     `json:"other,omitempty"`
}

// AppendRecord appends what is sealed of a line.
func AppendRecord(dst []byte, r Record) ([]byte, error) {
	plain, err := json.Marshal(sealedRecord{
		Number: r.Number, Change: r.Change, At: r.At, Actor: r.Actor,
		Proved: r.By.Channel, Method: r.By.Method, Login: r.By.Login, Officer: r.By.Officer, Office: r.By.Office,
		Seen: r.By.Seen, Reason: r.By.Reason, Proposer: r.By.Proposer, Language: r.By.Language, Accepted: r.By.Conditions,
		State: r.State, Level: r.Level, Channel: r.Channel,
		// The history is kept to be shown to its citizen and to who looks into a fraud.
		Document: r.Document.Reveal(), Phone: r.Phone.Reveal(), Email: r.Email.Reveal(),
		Conditions: r.Conditions, Receipt: r.Receipt, Other: r.Other,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding a line of history: %w", err)
	}
	return append(dst, plain...), nil
}

// errRecord says that a line was not written by this version. It quotes nothing.
var errRecord = errors.New("the line of history cannot be read")

// ParseRecord reads what AppendRecord wrote.
func ParseRecord(plain []byte) (Record, error) {
	var s sealedRecord
	if json.Unmarshal(plain, &s) != nil {
		return Record{}, errRecord
	}
	r := Record{
		Number: s.Number, Change: s.Change, At: s.At, Actor: s.Actor,
		By: By{
			Channel: s.Proved, Method: s.Method, Login: s.Login, Officer: s.Officer, Office: s.Office,
			Seen: s.Seen, Reason: s.Reason, Proposer: s.Proposer, Language: s.Language, Conditions: s.Accepted,
		},
		State: s.State, Level: s.Level, Channel: s.Channel, Conditions: s.Conditions, Receipt: s.Receipt, Other: s.Other,
	}
	var failed [3]error
	if s.Document != "" {
		r.Document, failed[0] = identity.ParseDocument(s.Document)
	}
	if s.Phone != "" {
		r.Phone, failed[1] = identity.ParseE164(s.Phone)
	}
	if s.Email != "" {
		r.Email, failed[2] = identity.ParseEmail(s.Email)
	}
	if errors.Join(failed[:]...) != nil {
		return Record{}, errRecord
	}
	return r, nil
}
