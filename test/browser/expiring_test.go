package browser

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"clave/identity"
	"clave/keys"
	"clave/providers/permanente"
	"clave/store"
)

// endsSoon lets a test citizen's password end in three weeks.
func (s *sandbox) endsSoon(document string) {
	s.t.Helper()
	s.must(func(ctx context.Context) error {
		file := filepath.Join(s.data, "clave.db")
		master, err := keys.ReadMasterFile(filepath.Join(s.data, "master.key"))
		if err != nil {
			return err
		}
		db, err := store.Open(ctx, "sqlite://"+file, store.Options{})
		if err != nil {
			return err
		}
		defer db.Close()
		ring, err := keys.Open(ctx, db.Keys(), master, time.Now)
		if err != nil {
			return err
		}
		number, err := identity.ParseDocument(document)
		if err != nil {
			return err
		}
		who, err := store.NewPersons(db, ring.Columns(), ring.Index()).Candidate(ctx, number)
		if err != nil {
			return err
		}
		passwords := store.NewPasswords(db, ring.Columns())
		return db.Tx(ctx, func(ctx context.Context) error {
			a, err := passwords.Account(ctx, who.PersonID)
			if err != nil {
				return err
			}
			a.SetAt = time.Now().AddDate(-2, 0, 21)
			return passwords.KeepAccount(ctx, permanente.Account{Person: a.Person, Hash: a.Hash, SetAt: a.SetAt})
		})
	})
}

func (s *sandbox) must(do func(ctx context.Context) error) {
	s.t.Helper()
	if err := do(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// A password that ends soon is told of on the way to the service, which "later" leads on
// to; so does the page at the end of a change.
func TestPasswordEndsSoon(t *testing.T) {
	t.Parallel()
	for _, m := range everyScreen() {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			s := startSandbox(t)
			s.endsSoon(carmen().document)
			b := newTab(t, s, m)
			b.atPassword()
			b.enterPassword(carmen().document, "Prueba-Clave-4", "/permanente/expiring")
			b.look("password-expiring", "fresh")
			b.arrive("/permanente/change", b.activate("main a[href='/permanente/change']"))
			b.fill("#old", "Prueba-Clave-4")
			b.fill("#new", "cesta-de-Esparto-9")
			b.arrive("/permanente/code", b.activate(goOn))
			b.fill("#code", b.nthPIN(carmen().phone, 2)) // after the notice
			b.arrive("/permanente/done", b.activate(goOn))
			b.look("password-done", "waiting")
			b.arrive("/login/*/inform", b.activate("main a[href^='/login/']"))
		})
	}
}
