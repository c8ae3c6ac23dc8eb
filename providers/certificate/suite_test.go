package certificate_test

import (
	"testing"

	"clave/broker"
	"clave/providers/certificate"
	"clave/providers/certificate/certificatetest"
	"clave/providers/providertest"
)

func TestProvider(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(t testing.TB) providertest.Subject {
		w, _ := certificatetest.New(t)
		return w
	})
}

// The broker itself is what the method is made for.
var (
	_ certificate.Broker = (*broker.Broker)(nil)
	_ certificate.Ways   = (*broker.Broker)(nil)
)
