package lettertest_test

import (
	"testing"

	"clave/notify/letter/lettertest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	lettertest.Stores(t, func(*testing.T) lettertest.Store { return &lettertest.Memory{} })
}
