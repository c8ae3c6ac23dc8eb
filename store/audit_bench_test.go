package store_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"clave/audit"
	"clave/keys"
	"clave/keys/keystest"
	"clave/store"
	"clave/store/storetest"
)

func benchmarkTrail(b *testing.B, url func(testing.TB) string) (*store.DB, *audit.Recorder, *audit.Sealer, *keys.Keyring) {
	db := storetest.Open(b, url(b))
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	master, err := keys.NewMaster(secret)
	if err != nil {
		b.Fatal(err)
	}
	ring, err := keys.Open(b.Context(), &keystest.Memory{}, master, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	recorder := audit.NewRecorder(db.Audit(), ring.Columns(), time.Now)
	sealer := audit.NewSealer(db.Audit(), recorder, ring.Columns(), ring.Audit(), time.Now, slog.New(slog.DiscardHandler))
	return db, recorder, sealer, ring
}

func record(b *testing.B, db *store.DB, recorder *audit.Recorder, n int) {
	b.Helper()
	const perTx = 100 // so that the commits do not hide the rest
	for done := 0; done < n; done += perTx {
		err := db.Tx(b.Context(), func(ctx context.Context) error {
			for range min(perTx, n-done) {
				err := recorder.Record(ctx, audit.Event{
					Actor: audit.Citizen, Person: "TKLNTNFZ2VQJZEYXGCNQXXHSMF", RelyingParty: "demo-town", Login: "N2ZGMJWTWBTGZVG7EQC5Y7RS4W",
					Data: audit.LoginFinished{Method: "pin", Level: 2, Registration: 2, Fresh: true},
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAudit measures an event's way: into the store, into the chain, and
// through verify.
func BenchmarkAudit(b *testing.B) {
	for _, engine := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", storetest.SQLiteURL}, {"postgres", storetest.PostgresURL}} {
		b.Run(engine.name+"/record", func(b *testing.B) {
			db, recorder, _, _ := benchmarkTrail(b, engine.url)
			b.ResetTimer()
			record(b, db, recorder, b.N)
		})
		b.Run(engine.name+"/seal", func(b *testing.B) {
			db, recorder, sealer, _ := benchmarkTrail(b, engine.url)
			record(b, db, recorder, b.N)
			b.ResetTimer()
			if n, err := sealer.Seal(b.Context()); err != nil || n != b.N {
				b.Fatal(n, err)
			}
		})
		b.Run(engine.name+"/verify", func(b *testing.B) {
			db, recorder, sealer, ring := benchmarkTrail(b, engine.url)
			record(b, db, recorder, b.N)
			if _, err := sealer.Seal(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			v := audit.Verifier{Book: db.Audit(), Keys: ring.Audit(), Now: time.Now, Found: func(f audit.Finding) { b.Error(f) }}
			if report, err := v.Verify(b.Context()); err != nil || report.Events != int64(b.N) {
				b.Fatal(report, err)
			}
		})
	}
}
