package store

import "context"

// MessageState looks at a message's row from the external test.
func (o *Outbox) MessageState(ctx context.Context, id string) (state, providerID string, sealed []byte, err error) {
	err = o.db.row(ctx, "select state, provider_id, sealed from outbox where id = $1", id).
		Scan(&state, textInto(&providerID), &sealed)
	return state, providerID, sealed, err
}

// MessageCounts counts the rows by state.
func (o *Outbox) MessageCounts(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	err := o.db.rows(ctx, "select state, count(*) from outbox group by state", nil, func(scan func(...any) error) error {
		var state string
		var n int
		err := scan(&state, &n)
		counts[state] = n
		return err
	})
	return counts, err
}
