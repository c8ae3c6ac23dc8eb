package notify

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"
)

// maxTries bounds the claims of one message, whatever its expiry says: a
// message that kills the process each time must stop one day.
const maxTries = 100

var (
	errPanicked = errors.New("the carrier panicked")
	errTries    = errors.New("too many tries")
)

// handOver gives the rows that are fit to the carrier and answers one
// settlement a row, in the same order.
func (d *Deliverer) handOver(ctx context.Context, lane Lane, carrier Carrier, rows []Row) []Settlement {
	results := make([]Result, len(rows))
	var messages []Message
	var places []int
	for i, row := range rows {
		m, err := unseal(d.outbox.sealer, row)
		switch {
		case row.Tries > maxTries:
			results[i] = Result{Outcome: Refused, Err: errTries}
		case !row.ExpiresAt.After(d.outbox.now()):
			results[i] = Result{Outcome: TooLate}
		case err != nil:
			results[i] = Result{Outcome: Refused, Err: err}
		default:
			messages, places = append(messages, m), append(places, i)
		}
	}
	for i, result := range d.carry(ctx, carrier, messages) {
		results[places[i]] = result
	}
	settlements := make([]Settlement, len(rows))
	for i, row := range rows {
		settlements[i] = settle(row, results[i], d.outbox.now(), rand.Float64())
		d.log(row, settlements[i], results[i])
	}
	return settlements
}

// carry calls the carrier so that one message that makes it panic costs only
// itself: after a panic each message is tried alone.
func (d *Deliverer) carry(ctx context.Context, carrier Carrier, messages []Message) []Result {
	if len(messages) == 0 {
		return nil
	}
	results, ok := d.attempt(ctx, carrier, messages)
	switch {
	case !ok && len(messages) == 1:
		return []Result{{Outcome: Refused, Err: errPanicked}}
	case !ok:
		results = make([]Result, 0, len(messages))
		for i := range messages {
			results = append(results, d.carry(ctx, carrier, messages[i:i+1])...)
		}
	}
	for len(results) < len(messages) {
		results = append(results, Result{}) // a carrier that forgot one: try it again
	}
	return results[:len(messages)]
}

func (d *Deliverer) attempt(ctx context.Context, carrier Carrier, messages []Message) (results []Result, ok bool) {
	defer func() {
		if recover() != nil { // what it says could quote the message
			d.Logger.Error("carrier panicked", "kind", messages[0].Kind, "messages", len(messages), "stack", string(debug.Stack()))
		}
	}()
	return carrier.Deliver(ctx, messages), true
}

// settle turns a result into what is stored.
func settle(row Row, result Result, now time.Time, random float64) Settlement {
	s := Settlement{ID: row.ID, Tries: row.Tries, At: now}
	switch result.Outcome {
	case Accepted:
		s.State, s.ProviderID = HandedOver, result.ProviderID
	case Refused:
		s.State = Failed
	case TooLate:
		s.State = Expired
	case Retry:
		s.State = Waiting
		s.DueAt = now.Add(max(result.After, backoff(row.Tries, row.Lane, random)))
		if !s.DueAt.Before(row.ExpiresAt) {
			s.State, s.DueAt = Expired, time.Time{}
		}
	}
	return s
}

func (d *Deliverer) log(row Row, s Settlement, result Result) {
	level, text := slog.LevelInfo, "message handed over"
	switch s.State {
	case Waiting:
		text = "message will be tried again"
	case Failed:
		level, text = slog.LevelWarn, "message refused"
	case Expired:
		level, text = slog.LevelWarn, "message expired"
	}
	attributes := []slog.Attr{
		slog.String("message_id", row.ID), slog.String("kind", string(row.Lane.Kind)),
		slog.String("purpose", row.Purpose), slog.Int("tries", row.Tries),
	}
	if s.ProviderID != "" {
		attributes = append(attributes, slog.String("provider_id", s.ProviderID))
	}
	if result.Err != nil {
		attributes = append(attributes, slog.Any("error", result.Err))
	}
	d.Logger.LogAttrs(context.Background(), level, text, attributes...)
}
