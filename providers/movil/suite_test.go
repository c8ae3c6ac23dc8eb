package movil_test

import (
	"testing"

	"clave/broker"
	"clave/providers/movil"
	"clave/providers/movil/moviltest"
)

// The broker itself is what the method is made for.
var _ movil.Broker = (*broker.Broker)(nil)

func TestMemory(t *testing.T) {
	t.Parallel()
	m := moviltest.NewMemory()
	moviltest.Suite(t, moviltest.Stores{Tx: m.Tx, Tallies: m, Devices: m, Activations: m, Requests: m, Forget: m.ForgetDevices})
}
