package store_test

import (
	"testing"

	"clave/store"
	"clave/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestFacade(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) { store.FacadeSuite(t, db) })
}
