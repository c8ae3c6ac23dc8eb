package store_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"clave/census/receipt"
	"clave/census/receipt/receipttest"
	"clave/keys/keystest"
	"clave/store"
	"clave/store/storetest"
)

func receiptsOf(t testing.TB, db *store.DB) *store.Receipts {
	t.Helper()
	ring := keystest.Fixed(t)
	return store.NewReceipts(db, ring.Columns(), ring.Index())
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	for _, engine := range []struct {
		name string
		url  func(t testing.TB) string
	}{{"sqlite", storetest.SQLiteURL}, {"postgres", storetest.PostgresURL}} {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			receipttest.Stores(t, func(t *testing.T) receipt.Store { return receiptsOf(t, storetest.Open(t, engine.url(t))) })
		})
	}
}

func TestAReceiptIsKeptWithItsFactOrNotAtAll(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, r := receiptsOf(t, db), receipttest.Sample(t)
		undone := errors.New("undone")
		err := db.Tx(context.Background(), func(ctx context.Context) error {
			return errors.Join(s.AddReceipt(ctx, r), s.NoteCopy(ctx, r.ID, receipt.DigestOf(nil), r.At), undone)
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if _, _, err := s.ReceiptByCode(context.Background(), r.Code); !errors.Is(err, receipt.ErrNoReceipt) {
			t.Errorf("got %v, want none", err)
		}
	})
}

func TestStolenReceiptsTellNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s, r := context.Background(), receiptsOf(t, db), receipttest.Sample(t)
		if err := s.AddReceipt(ctx, r); err != nil {
			t.Fatal(err)
		}
		dump, err := db.DumpReceipts(ctx)
		if err != nil || len(dump) < 100 {
			t.Fatalf("got %d bytes to look at, %v", len(dump), err)
		}
		for _, secret := range []string{r.Code, "12345678Z", "EJEMPLO", "600000001", "correo.example", "certificate"} {
			if bytes.Contains(dump, []byte(secret)) {
				t.Errorf("a stolen table shows %q", secret)
			}
		}
	})
}

func TestReceiptsAreSweptAfterFifteenYears(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s, r := context.Background(), receiptsOf(t, db), receipttest.Sample(t)
		if err := errors.Join(s.AddReceipt(ctx, r), s.NoteCopy(ctx, r.ID, receipt.DigestOf(nil), r.At)); err != nil {
			t.Fatal(err)
		}
		if err := s.Sweep(ctx, r.At.Add(receipt.Keep-time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, copies, err := s.ReceiptByCode(ctx, r.Code); err != nil || len(copies) != 1 {
			t.Errorf("got %d copies, %v; want it kept", len(copies), err)
		}
		if err := s.Sweep(ctx, r.At.Add(receipt.Keep)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.ReceiptByCode(ctx, r.Code); !errors.Is(err, receipt.ErrNoReceipt) {
			t.Errorf("got %v, want it gone", err)
		}
	})
}
