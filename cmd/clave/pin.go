package main

import (
	"context"
	"time"

	"clave/broker"
	"clave/census/pair"
	"clave/internal/throttle"
	"clave/notify"
	"clave/providers/pin"
	"clave/store"
	"clave/web/lang"
)

// addPIN makes Cl@ve PIN, and what the procedures of registration share with it.
func (in *installation) addPIN(texts *lang.Texts, jar broker.CookieJar) (procedures, error) {
	host, err := in.host()
	if err != nil {
		return procedures{}, err
	}
	composer, err := notify.NewComposer(texts, host, in.Frame.Zone)
	if err != nil {
		return procedures{}, err
	}
	columns, index := in.keys.Columns(), in.keys.Index()
	tallies := store.NewPINTallies(in.db, index)
	pins := store.NewPINs(in.db, columns, tallies)
	shared := procedures{
		jar: jar, tallies: tallies, composer: composer,
		budget: throttle.NewBudget(budgetWindow, in.Budgets, in.db.Budgets(), in.Now), phoneLimit: pin.PhoneLimit,
	}
	if in.Sandbox {
		shared.phoneLimit = sandboxPhoneLimit
	}
	in.pairs = pair.New(pair.Config{
		Tx: in.db, Register: in.persons, Tallies: tallies, Trail: in.trail, Log: in.Log, Now: in.Now,
	})
	in.pin = pin.New(pin.Config{
		Broker: in.broker, Pairs: in.pairs, Tallies: tallies, Challenges: pins, Trail: in.trail,
		Codes: in.keys.PIN(), Outbox: in.outbox, Composer: composer, Budget: shared.budget, Log: in.Log, Now: in.Now,
		Ways: in.broker, Pages: in.engine, Cookies: in.keys.Cookies(), Jar: jar, PhoneLimit: shared.phoneLimit,
	})
	in.routes = append(in.routes, in.pin.Routes()...)
	in.jobs = append(in.jobs, func(ctx context.Context) { shared.budget.Run(ctx, time.Second, in.Log) })
	in.sweep(tallies, pins)
	return shared, nil
}
