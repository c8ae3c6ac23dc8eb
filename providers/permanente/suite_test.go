package permanente_test

import (
	"testing"

	"clave/broker"
	"clave/providers/permanente"
	"clave/providers/permanente/permanentetest"
	"clave/providers/providertest"
)

func TestProvider(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(t testing.TB) providertest.Subject {
		w, _ := permanentetest.New(t)
		return w
	})
}

// The broker itself is what the method is made for.
var (
	_ permanente.Broker = (*broker.Broker)(nil)
	_ permanente.Ways   = (*broker.Broker)(nil)
)

func TestMemory(t *testing.T) {
	t.Parallel()
	m := permanentetest.NewMemory()
	permanentetest.Suite(t, permanentetest.Stores{Tx: m.Tx, Tallies: m, Accounts: m, Activations: m, Challenges: m, Issue: m.Issue, Void: m.VoidPassword})
}
