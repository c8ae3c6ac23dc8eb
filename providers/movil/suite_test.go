package movil_test

import (
	"testing"

	"clave/broker"
	"clave/providers/movil"
	"clave/providers/movil/moviltest"
	"clave/providers/providertest"
)

// The broker itself is what the method is made for.
var _ movil.Broker = (*broker.Broker)(nil)

func TestProvider(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(t testing.TB) providertest.Subject {
		w, _ := moviltest.New(t)
		return w
	})
}

func TestMemory(t *testing.T) {
	t.Parallel()
	m := moviltest.NewMemory()
	moviltest.Suite(t, moviltest.Stores{Tx: m.Tx, Tallies: m, Devices: m, Activations: m, Requests: m, Forget: m.ForgetDevices})
}
