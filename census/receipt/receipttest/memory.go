// Package receipttest lends tests a store of receipts in memory, and the suite that it
// and the real one pass.
package receipttest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"clave/census/receipt"
	"clave/identity"
)

// Memory is a receipt.Store in memory, without transactions: what is added is
// committed at once. The zero value is ready.
type Memory struct {
	mu     sync.Mutex
	held   []receipt.Receipt
	copies map[string][]receipt.Copy
}

// AddReceipt implements receipt.Store.
func (m *Memory) AddReceipt(_ context.Context, r receipt.Receipt) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.ContainsFunc(m.held, func(o receipt.Receipt) bool { return o.ID == r.ID || o.Code == r.Code }) {
		return errors.New("storing a receipt: its id or code is taken")
	}
	m.held = append(m.held, r)
	return nil
}

// ReceiptByCode implements receipt.Store.
func (m *Memory) ReceiptByCode(_ context.Context, code string) (receipt.Receipt, []receipt.Copy, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.held {
		if r.Code == code {
			return r, slices.Clone(m.copies[r.ID]), nil
		}
	}
	return receipt.Receipt{}, nil, receipt.ErrNoReceipt
}

// ReceiptsOf implements receipt.Store.
func (m *Memory) ReceiptsOf(_ context.Context, person identity.PersonID, before string, limit int) ([]receipt.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []receipt.Receipt
	for _, r := range m.held {
		if r.Person == person {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b receipt.Receipt) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		if a.ID > b.ID {
			return -1
		}
		return 1
	})
	if before != "" {
		at := slices.IndexFunc(found, func(r receipt.Receipt) bool { return r.ID == before })
		if at < 0 {
			return nil, nil
		}
		found = found[at+1:]
	}
	return found[:min(limit, len(found))], nil
}

// NoteCopy implements receipt.Store.
func (m *Memory) NoteCopy(_ context.Context, id string, d receipt.Digest, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.copies == nil {
		m.copies = map[string][]receipt.Copy{}
	}
	if !slices.ContainsFunc(m.copies[id], func(c receipt.Copy) bool { return c.Digest == d }) {
		m.copies[id] = append(m.copies[id], receipt.Copy{Digest: d, At: at})
	}
	return nil
}

// All returns every receipt in the order in which they came.
func (m *Memory) All() []receipt.Receipt {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.held)
}
