package oidctest_test

import (
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/idp/oidc/oidctest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	oidctest.Suite(t, func(*testing.T) oidctest.Store {
		m := oidctest.NewMemory()
		return oidctest.Store{
			Codes: m, Tokens: m, Once: m,
			SetState:   func(_ testing.TB, person identity.PersonID, state identity.State) { m.SetState(person, state) },
			SetSession: func(_ testing.TB, session broker.SessionID, ends time.Time) { m.SetSession(session, ends) },
		}
	})
}
