package providertest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/internal/onetime"
)

// Broker is a broker in memory with the rules that providers meet: a login
// takes evidence once, for the person that it names, and what a transaction did
// is gone when it fails.
type Broker struct {
	// Transact runs the transactions of the provider's stores.
	Transact func(ctx context.Context, fn func(ctx context.Context) error) error
	// Installed are the methods of the installation.
	Installed []identity.Method
	// Now is the clock.
	Now func() time.Time
	// SucceedFails, when set, is what Succeed answers instead of taking evidence.
	SucceedFails func() error

	mu    sync.Mutex
	told  map[broker.LoginID]bool
	rows  map[broker.LoginID]broker.Row
	holds map[broker.LoginID]*sync.Mutex
}

// NewBroker returns a broker in which only the method is installed.
func NewBroker(method identity.Method, now func() time.Time, transact func(ctx context.Context, fn func(ctx context.Context) error) error) *Broker {
	return &Broker{
		Transact: transact, Installed: []identity.Method{method}, Now: now,
		told: map[broker.LoginID]bool{}, rows: map[broker.LoginID]broker.Row{}, holds: map[broker.LoginID]*sync.Mutex{},
	}
}

// Party is a service that accepts every method and demands little.
func Party() *registry.RelyingParty {
	return &registry.RelyingParty{
		ID: "town", Name: registry.Names{"es": "Ayuntamiento de Ejemplo", "en": "Example Town Hall"},
		Sector: "town", MinimumLevel: identity.Low, Methods: identity.Methods(),
	}
}

// Open returns a new login at the service.
func (b *Broker) Open(party *registry.RelyingParty) *broker.Login {
	return &broker.Login{
		Request: broker.Request{
			ID: broker.LoginID(onetime.NewID()), Front: "test", RelyingParty: party.ID, OpenedAt: b.Now(), Deadline: b.Now().Add(broker.DefaultLifetimes().Login),
		},
		Party: party,
	}
}

// Again is the login as the browser's next request brings it.
func (b *Broker) Again(l *broker.Login) *broker.Login {
	return &broker.Login{Request: l.Request, Party: l.Party, Row: b.Row(l.Request.ID)}
}

// Row is what was committed about a login.
func (b *Broker) Row(id broker.LoginID) broker.Row {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rows[id]
}

// Evidence is what was committed about a login, nil when nothing was proven.
func (b *Broker) Evidence(l *broker.Login) *broker.Evidence {
	return b.Row(l.Request.ID).State.Evidence
}

// transaction is what one transaction wrote and holds.
type transaction struct {
	rows  map[broker.LoginID]broker.Row
	held  map[broker.LoginID]*sync.Mutex
	after []func()
}

// OnCommit runs f once the transaction in ctx is committed: for fakes that take
// something in with a fact. It panics outside a transaction.
func OnCommit(ctx context.Context, f func()) {
	tx := inTransaction(ctx)
	tx.after = append(tx.after, f)
}

func inTransaction(ctx context.Context) *transaction {
	tx, ok := ctx.Value(transactionKey{}).(*transaction)
	if !ok {
		panic("providertest: a provider wrote outside a transaction")
	}
	return tx
}

type transactionKey struct{}

// Tx runs fn in a transaction of the stores and of this broker.
func (b *Broker) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(transactionKey{}) != nil {
		return b.Transact(ctx, fn)
	}
	tx := &transaction{held: map[broker.LoginID]*sync.Mutex{}}
	defer func() {
		for _, hold := range tx.held {
			hold.Unlock()
		}
	}()
	err := b.Transact(context.WithValue(ctx, transactionKey{}, tx), func(ctx context.Context) error {
		tx.rows, tx.after = map[broker.LoginID]broker.Row{}, nil
		return fn(ctx)
	})
	if err != nil {
		return err
	}
	b.mu.Lock()
	for id, row := range tx.rows {
		b.rows[id] = row
	}
	b.mu.Unlock()
	for _, f := range tx.after {
		f()
	}
	return nil
}

// hold reads a login's row and holds it until the transaction ends.
func (b *Broker) hold(ctx context.Context, id broker.LoginID) (broker.Row, *transaction) {
	tx := inTransaction(ctx)
	if tx.held[id] == nil {
		b.mu.Lock()
		hold := b.holds[id]
		if hold == nil {
			hold = &sync.Mutex{}
			b.holds[id] = hold
		}
		b.mu.Unlock()
		hold.Lock()
		tx.held[id] = hold
	}
	if row, ok := tx.rows[id]; ok {
		return row, tx
	}
	return b.Row(id), tx
}

func over(row broker.Row) bool {
	return row.Reason != "" || row.State.Evidence != nil || !row.FinishedAt.IsZero()
}

// Demand is what the login has to satisfy.
func (b *Broker) Demand(l *broker.Login) broker.Demand {
	return broker.DemandOf(l.Party, l.Request, b.Installed)
}

// Begin names the person of the login.
func (b *Broker) Begin(ctx context.Context, l *broker.Login, person identity.PersonID) error {
	row, tx := b.hold(ctx, l.Request.ID)
	if over(row) {
		return broker.ErrEnded
	}
	row.ID, row.RelyingParty, row.Person, row.OpenedAt = l.Request.ID, l.Party.ID, person, l.Request.OpenedAt
	tx.rows[row.ID], l.Row = row, row
	return nil
}

// Hold holds the login around a provider's own question.
func (b *Broker) Hold(ctx context.Context, l *broker.Login, ask func() error) error {
	row, _ := b.hold(ctx, l.Request.ID)
	if err := ask(); err != nil {
		return err
	}
	if over(row) {
		return broker.ErrEnded
	}
	return nil
}

// Succeed takes evidence.
func (b *Broker) Succeed(ctx context.Context, l *broker.Login, ev broker.Evidence) error {
	row, tx := b.hold(ctx, l.Request.ID)
	switch {
	case b.SucceedFails != nil:
		return b.SucceedFails()
	case over(row):
		return broker.ErrEnded
	case row.Person != ev.Person:
		return broker.ErrOtherPerson
	}
	row.State.Evidence = &ev
	tx.rows[row.ID], l.Row = row, row
	return nil
}

// End ends the login refused.
func (b *Broker) End(ctx context.Context, l *broker.Login, reason broker.Reason) error {
	row, tx := b.hold(ctx, l.Request.ID)
	if !over(row) {
		row.ID, row.RelyingParty, row.Reason, row.FinishedAt = l.Request.ID, l.Party.ID, reason, b.Now()
		tx.rows[row.ID] = row
	}
	l.Row = row
	return nil
}

// EndOf ends a login refused elsewhere than in its browser.
func (b *Broker) EndOf(ctx context.Context, row broker.Row, reason broker.Reason) error {
	held, tx := b.hold(ctx, row.ID)
	if over(held) {
		return nil
	}
	if held.ID == "" {
		held = row
	}
	held.Reason, held.FinishedAt = reason, b.Now()
	tx.rows[row.ID] = held
	return nil
}

// Return sends the browser to the dispatcher.
func (b *Broker) Return(w http.ResponseWriter, r *http.Request, l *broker.Login) {
	http.Redirect(w, r, "/login/"+string(l.Request.ID), http.StatusSeeOther)
}

// Began notes that the browser was told that the login has a row. This broker
// reads the row for every step all the same.
func (b *Broker) Began(_ http.ResponseWriter, _ *http.Request, l *broker.Login) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told[l.Request.ID] = true
}

// Detour sends the browser to a page that leads back to the dispatcher.
func (b *Broker) Detour(w http.ResponseWriter, r *http.Request, _ *broker.Login, path string) {
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// Told tells whether the browser knows that the login has a row.
func (b *Broker) Told(l *broker.Login) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.told[l.Request.ID]
}

// ShowRefusal answers with the reason alone.
func (b *Broker) ShowRefusal(w http.ResponseWriter, _ *http.Request, _ *broker.Login, reason broker.Reason) {
	http.Error(w, "refused: "+string(reason), http.StatusForbidden)
}

// Guard stands in for the broker's own before the routes of a provider.
func (b *Broker) Guard(t testing.TB, logins ...*broker.Login) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, l := range logins {
				path := "/login/" + string(l.Request.ID)
				if r.URL.Path != path && !strings.HasPrefix(r.URL.Path, path+"/") {
					continue
				}
				l = b.Again(l)
				if over(l.Row) {
					b.Return(w, r, l)
					return
				}
				next.ServeHTTP(w, r.WithContext(broker.With(r.Context(), l)))
				return
			}
			t.Errorf("got a request for %s, which is no login here", r.URL.Path)
			http.NotFound(w, r)
		})
	}
}
