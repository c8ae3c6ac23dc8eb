package logouttest_test

import (
	"testing"

	"clave/broker/logout"
	"clave/broker/logout/logouttest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	logouttest.Suite(t, func(*testing.T) logout.Store { return logouttest.NewMemory() })
}
