package notifytest_test

import (
	"testing"

	"clave/notify/notifytest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	notifytest.Stores(t, func(*testing.T) notifytest.Place {
		m := notifytest.NewMemory()
		return notifytest.Place{Store: m, Inspect: m.Inspect}
	})
}
