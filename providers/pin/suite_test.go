package pin_test

import (
	"testing"

	"clave/broker"
	"clave/providers/pin"
	"clave/providers/pin/pintest"
	"clave/providers/providertest"
)

func TestProvider(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(t testing.TB) providertest.Subject {
		w, _ := pintest.New(t)
		return w
	})
}

func TestMemory(t *testing.T) {
	t.Parallel()
	m := pintest.NewMemory()
	pintest.Suite(t, pintest.Stores{Tx: m.Tx, Tallies: m, Challenges: m})
}

// The broker itself is what the method is made for.
var (
	_ pin.Broker = (*broker.Broker)(nil)
	_ pin.Ways   = (*broker.Broker)(nil)
)
