package store_test

import (
	"testing"

	"clave/keys"
	"clave/keys/keystest"
	"clave/store/storetest"
)

func TestKeyStore(t *testing.T) {
	t.Parallel()
	for engine, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			keystest.Suite(t, func(t *testing.T) keys.Store { return storetest.Open(t, url(t)).Keys() })
		})
	}
}
