package main

import (
	"context"
	"errors"
	"fmt"

	"clave/audit"
	"clave/census/invitation"
	"clave/census/pair"
	"clave/census/receipt"
	"clave/census/registration"
	"clave/keys"
	"clave/sandbox"
	"clave/store"
	"clave/web/console"
	"clave/web/lang"
)

// untold is the trail of the training: nothing that is practised happened.
type untold struct{}

// Record implements audit.Trail.
func (untold) Record(context.Context, audit.Event) error { return nil }

// unbounded is the budget of messages that are not sent.
type unbounded struct{}

// Allow implements registration.Budget.
func (unbounded) Allow(string) bool { return true }

// openTraining opens the database on which officers practise and fills it with the
// citizens of the sandbox. It is marked as a sandbox's for ever, so that no register of
// citizens is ever taken for it. What would be sent is shown in the browser, and its
// papers say that they are worth nothing.
func (in *installation) openTraining(ctx context.Context, texts *lang.Texts, shared procedures) (counter, error) {
	fail := func(err error) (counter, error) {
		return counter{}, fmt.Errorf("opening the database of the training: %w", err)
	}
	db, err := store.Open(ctx, in.TrainingURL, store.Options{Connections: trainingConnections, Now: in.Now})
	if err != nil {
		return fail(err)
	}
	in.links = append(in.links, func(ctx context.Context) { <-ctx.Done(); db.Close() })
	if err := db.Migrate(ctx); err != nil {
		return fail(err)
	}
	switch err := db.Dedicate(ctx, store.Sandbox); {
	case errors.Is(err, store.ErrConflict):
		return fail(errors.New("it belongs to `clave serve`; give one of its own"))
	case err != nil:
		return fail(err)
	}
	ring, _, err := openKeys(ctx, db, in.Master, audit.System, in.Now, keys.Options{Log: in.Log})
	if err != nil {
		return fail(err)
	}
	columns, index := ring.Columns(), ring.Index()
	persons := store.NewPersons(db, columns, index)
	if err := sandbox.Seed(ctx, store.NewCensus(db, columns, index), persons, in.Now); err != nil {
		return fail(err)
	}
	in.jobs = append(in.jobs, ring.Run)
	log := in.Log.With("training", true)
	frame := in.engine.Frame()
	registrar, registrations := register{
		db: db, keys: ring, trail: untold{}, outbox: console.Unsent{}, texts: texts, frame: frame, now: in.Now,
	}.registrar()
	tallies, kept, receipts := store.NewPINTallies(db, index), store.NewProcedures(db, columns), store.NewReceipts(db, columns, index)
	in.sweep(registrations, tallies, kept, receipts)
	return counter{
		db: db, keys: ring, trail: untold{}, registrar: registrar, log: log,
		procedures: registration.New(registration.Config{
			Tx: db, Store: kept, Tallies: tallies, Registrar: registrar, Trail: untold{}, Codes: ring.PIN(), Outbox: console.Unsent{},
			Pairs: pair.New(pair.Config{Tx: db, Register: persons, Tallies: tallies, Trail: untold{}, Log: log, Now: in.Now}),
			Invitations: invitation.New(invitation.Config{
				Tx: db, Register: persons, Store: store.NewInvitations(db, index), Letters: store.NewLetters(db, columns),
				Codes: ring.Activation(), Trail: untold{}, Now: in.Now,
			}),
			Composer: shared.composer, Budget: unbounded{}, PhoneLimit: sandboxPhoneLimit, Log: log, Now: in.Now,
		}),
		papers: receipt.NewRenderer(texts, in.Issuer, receipt.About{
			Name: frame.Name + trainingPapers, Responsible: frame.Responsible, Office: in.officeName, Zone: frame.Zone,
		}),
	}, nil
}

const (
	// trainingConnections to its database are enough for a classroom.
	trainingConnections = 4
	// trainingPapers stands on receipts beside the installation's name, for who finds
	// one, in the language that everybody has to understand here.
	trainingPapers = " (formación, sin validez)"
)
