package inboundtest_test

import (
	"testing"

	"clave/internal/clocktest"
	"clave/internal/inbound/inboundtest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	inboundtest.Suite(t, inboundtest.NewMemory(), clocktest.Noon().Now())
}
