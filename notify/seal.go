package notify

import (
	"encoding/json"
	"fmt"
)

// Sealer encrypts what is personal in a row; *keys.Sealer does. The additional
// data bind a blob to its column and row: moved elsewhere it does not open.
type Sealer interface {
	Seal(plain []byte, aad ...string) []byte
	Open(sealed []byte, aad ...string) ([]byte, error)
}

// personal is the sealed part of a message. Short names: it is stored.
type personal struct {
	To       string `json:"t"`
	Subject  string `json:"s,omitempty"`
	Body     string `json:"b"`
	Code     string `json:"c,omitempty"`
	Language string `json:"l,omitempty"`
}

const (
	sealedTable  = "outbox"
	sealedColumn = "sealed"
)

func seal(s Sealer, m Message) ([]byte, error) {
	plain, err := json.Marshal(personal{m.To, m.Subject, m.Body, m.Code, m.Language})
	if err != nil {
		return nil, fmt.Errorf("sealing message %s: %w", m.ID, err)
	}
	return s.Seal(plain, sealedTable, sealedColumn, m.ID), nil
}

func unseal(s Sealer, row Row) (Message, error) {
	plain, err := s.Open(row.Sealed, sealedTable, sealedColumn, row.ID)
	if err != nil {
		return Message{}, fmt.Errorf("opening message %s: %w", row.ID, err)
	}
	var p personal
	if json.Unmarshal(plain, &p) != nil { // its text could quote the message
		return Message{}, fmt.Errorf("opening message %s: the sealed part cannot be read", row.ID)
	}
	return Message{
		ID: row.ID, Kind: row.Lane.Kind, Urgent: row.Lane.Urgent, Purpose: row.Purpose,
		To: p.To, Subject: p.Subject, Body: p.Body, Code: p.Code, Language: p.Language,
		ExpiresAt: row.ExpiresAt, Replaces: row.Replaces, RelyingParty: row.RelyingParty,
	}, nil
}
