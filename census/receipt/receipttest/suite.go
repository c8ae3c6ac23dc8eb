package receipttest

import (
	"context"
	"errors"
	"testing"
	"time"

	"clave/census/receipt"
	"clave/identity"

	"github.com/google/go-cmp/cmp"
)

// At is when the samples happened.
func At() time.Time { return time.Date(2026, 11, 21, 9, 30, 15, 123456000, time.UTC) }

// Sample is a receipt of a made-up citizen who registered with a certificate.
func Sample(t testing.TB) receipt.Receipt {
	t.Helper()
	document, err := identity.ParseDocument("12345678Z")
	if err != nil {
		t.Fatal(err)
	}
	phone, err := identity.ParseE164("+34600000001")
	if err != nil {
		t.Fatal(err)
	}
	email, err := identity.ParseEmail("maria@correo.example")
	if err != nil {
		t.Fatal(err)
	}
	return receipt.New(receipt.Receipt{
		Person: "PERSON1", Fact: receipt.Registered, At: At(),
		Identity: identity.Person{
			Document: document, Kind: identity.DNI, GivenName: "MARÍA", FirstSurname: "EJEMPLO", SecondSurname: "DE LA PRUEBA",
			BirthDate: identity.Date{Year: 1980, Month: 2, Day: 29},
		},
		Phone: phone, Email: email, Channel: identity.ByCertificate, Level: identity.Advanced,
		Language: "es", Conditions: receipt.CurrentConditions,
	})
}

// Stores is the suite that every receipt.Store passes. open makes an empty one.
func Stores(t *testing.T, open func(t *testing.T) receipt.Store) {
	ctx := context.Background()
	add := func(t *testing.T, s receipt.Store, receipts ...receipt.Receipt) {
		t.Helper()
		for _, r := range receipts {
			if err := s.AddReceipt(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Run("a receipt comes back as it went, by its code", func(t *testing.T) {
		s, want := open(t), Sample(t)
		add(t, s, Sample(t), want)
		got, copies, err := s.ReceiptByCode(ctx, want.Code)
		if err != nil || len(copies) != 0 {
			t.Fatalf("got %d copies, %v", len(copies), err)
		}
		same(t, got, want)
	})
	t.Run("what is not known stays so", func(t *testing.T) {
		s, want := open(t), Sample(t)
		want.Phone, want.Email, want.Level = identity.Phone{}, identity.Email{}, identity.NoRegistration
		want.Fact, want.Channel, want.Office, want.Officer = receipt.Revoked, identity.ByOffice, "28-001", "OFFICER1"
		want.Identity.SecondSurname, want.Identity.BirthDate = "", identity.Date{}
		add(t, s, want)
		got, _, err := s.ReceiptByCode(ctx, want.Code)
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
	})
	t.Run("another code finds nothing", func(t *testing.T) {
		s := open(t)
		add(t, s, Sample(t))
		if _, _, err := s.ReceiptByCode(ctx, Sample(t).Code); !errors.Is(err, receipt.ErrNoReceipt) {
			t.Errorf("got %v, want ErrNoReceipt", err)
		}
	})
	t.Run("a person's receipts come newest first and in pages", func(t *testing.T) {
		s := open(t)
		var all []receipt.Receipt
		for i := range 5 {
			r := Sample(t)
			r.At = At().Add(time.Duration(i/2) * time.Second) // pairs at the same moment
			all = append(all, r)
		}
		other := Sample(t)
		other.Person = "PERSON2"
		add(t, s, append(all, other)...)
		seen := map[string]bool{}
		before, last := "", At().Add(time.Hour)
		for page := range 4 {
			got, err := s.ReceiptsOf(ctx, "PERSON1", before, 2)
			if err != nil {
				t.Fatal(err)
			}
			if want := min(2, 5-2*min(page, 3)); len(got) != max(want, 0) {
				t.Fatalf("page %d has %d receipts, want %d", page, len(got), want)
			}
			for _, r := range got {
				if r.Person != "PERSON1" || seen[r.ID] || r.At.After(last) {
					t.Errorf("page %d: %v came again, out of order or of another person", page, r)
				}
				seen[r.ID], last, before = true, r.At, r.ID
			}
		}
		if len(seen) != 5 {
			t.Errorf("got %d receipts, want 5", len(seen))
		}
	})
	t.Run("another person's receipt opens no page", func(t *testing.T) {
		s, mine, other := open(t), Sample(t), Sample(t)
		other.Person, other.At = "PERSON2", At().Add(time.Hour)
		add(t, s, mine, other)
		if got, err := s.ReceiptsOf(ctx, "PERSON1", other.ID, 10); err != nil || len(got) != 0 {
			t.Errorf("got %d receipts, %v; want none", len(got), err)
		}
	})
	t.Run("copies are noted once each, oldest first", func(t *testing.T) {
		s, r := open(t), Sample(t)
		add(t, s, r)
		first, later := receipt.DigestOf([]byte("first")), receipt.DigestOf([]byte("later"))
		for i, d := range []receipt.Digest{first, later, first, later} {
			if err := s.NoteCopy(ctx, r.ID, d, At().Add(time.Duration(i)*time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		_, copies, err := s.ReceiptByCode(ctx, r.Code)
		want := []receipt.Copy{{Digest: first, At: At()}, {Digest: later, At: At().Add(time.Minute)}}
		if diff := cmp.Diff(want, copies); diff != "" || err != nil {
			t.Error(diff, err)
		}
	})
	t.Run("a code is taken once", func(t *testing.T) {
		s, r, twin := open(t), Sample(t), Sample(t)
		twin.Code = r.Code
		add(t, s, r)
		if err := s.AddReceipt(ctx, twin); err == nil {
			t.Error("got a second receipt with the same code")
		}
	})
}

// same compares what is printed masked too.
func same(t *testing.T, got, want receipt.Receipt) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, %s, %s %s %s, %q/%q; want %v, %s, %s %s %s, %q/%q",
			got, got.At, got.Channel, got.Level, got.Language, got.Office, got.Officer,
			want, want.At, want.Channel, want.Level, want.Language, want.Office, want.Officer)
	}
}
