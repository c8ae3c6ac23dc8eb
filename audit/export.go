package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Reader is what an Exporter reads.
type Reader interface {
	// Events is as in Ledger.
	Events(ctx context.Context, after Place, before time.Time, limit int) ([]Row, error)
}

// ErrReason: personal values are revealed only to who says why.
var ErrReason = errors.New("personal values are revealed only with a reason")

// Exporter writes events as JSON lines, oldest first.
type Exporter struct {
	Reader Reader
	// Trail takes in that somebody reads, before the first line is written.
	Trail Trail
	// Actor reads.
	Actor Actor
	// From, included, and To, excluded, bound the events.
	From, To time.Time
	// Reveal opens personal values; nil leaves them out. It needs a Reason.
	Reveal Cipher
	// Reason is why, as it goes into the trail.
	Reason string
}

// exported is one line.
type exported struct {
	ID           string          `json:"id"`
	At           time.Time       `json:"at"`
	Kind         Kind            `json:"kind"`
	Actor        Actor           `json:"actor"`
	Person       string          `json:"person,omitempty"`
	RelyingParty string          `json:"relying_party,omitempty"`
	Login        string          `json:"login,omitempty"`
	Data         json.RawMessage `json:"data"`
	Personal     *clearPersonal  `json:"personal,omitempty"`
	Unreadable   bool            `json:"personal_unreadable,omitempty"` // the row was changed
}

// Export writes the lines and tells how many.
func (x Exporter) Export(ctx context.Context, w io.Writer) (lines int64, err error) {
	if x.Reveal != nil && x.Reason == "" {
		return 0, ErrReason
	}
	access := AuditExported{From: x.From.UTC(), To: x.To.UTC(), Revealed: x.Reveal != nil, Reason: x.Reason}
	if err := x.Trail.Record(ctx, Event{Actor: x.Actor, Data: access}); err != nil {
		return 0, err
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	after := Place{At: x.From}
	for {
		rows, err := x.Reader.Events(ctx, after, x.To, pageSize)
		if err != nil {
			return lines, fmt.Errorf("exporting audit events: %w", err)
		}
		for _, r := range rows {
			if err := out.Encode(x.line(r)); err != nil {
				return lines, fmt.Errorf("exporting audit events: %w", err)
			}
			lines++
			after = r.Place()
		}
		if len(rows) < pageSize {
			return lines, nil
		}
	}
}

func (x Exporter) line(r Row) exported {
	line := exported{
		ID: r.ID, At: r.At.UTC(), Kind: r.Kind, Actor: r.Actor, Person: r.Person,
		RelyingParty: r.RelyingParty, Login: r.Login, Data: json.RawMessage(r.Data),
	}
	if x.Reveal == nil {
		return line
	}
	inside, err := r.open(x.Reveal)
	switch {
	case err != nil:
		line.Unreadable = true
	case inside != clearPersonal{}:
		line.Personal = &inside
	}
	return line
}
