package notifytest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"clave/notify"
)

// Place is a store under test and a look at its rows.
type Place struct {
	Store   notify.Store
	Inspect func(id string) Stored
}

// gone is the state of a row that is not there.
const gone notify.State = ""

var (
	codes   = notify.Lane{Kind: notify.SMS, Urgent: true}
	notices = notify.Lane{Kind: notify.SMS, Urgent: false}
)

// Stores is the suite that every notify.Store passes. open makes an empty one.
func Stores(t *testing.T, open func(t *testing.T) Place) {
	ctx := context.Background()
	start := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	row := func(id string, lane notify.Lane) notify.Row {
		return notify.Row{
			ID: id, Lane: lane, Purpose: "pin", RelyingParty: "town", Sealed: []byte("sealed " + id),
			CreatedAt: start, DueAt: start, ExpiresAt: start.Add(10 * time.Minute), SweepAt: start.Add(time.Hour),
		}
	}
	add := func(t *testing.T, p Place, rows ...notify.Row) {
		t.Helper()
		for _, r := range rows {
			told := false
			if err := p.Store.Add(ctx, r, func() { told = true }); err != nil || !told {
				t.Fatalf("adding %s: %v, told of the commit: %v", r.ID, err, told)
			}
		}
	}
	claim := func(t *testing.T, p Place, lane notify.Lane, now time.Time) []notify.Row {
		t.Helper()
		rows, err := p.Store.Claim(ctx, lane, now, now.Add(time.Minute), 200)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	settle := func(t *testing.T, p Place, s ...notify.Settlement) {
		t.Helper()
		if err := p.Store.Settle(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	inState := func(t *testing.T, p Place, id string, want notify.State) {
		t.Helper()
		got := p.Inspect(id)
		if got.State != want {
			t.Errorf("%s is %q, want %q", id, got.State, want)
		}
		if (got.State == notify.Waiting) != (len(got.Sealed) > 0) {
			t.Errorf("%s is %q and has %d sealed bytes", id, got.State, len(got.Sealed))
		}
	}

	t.Run("a row comes back as it went", func(t *testing.T) {
		p := open(t)
		in := row("a", codes)
		in.Replaces = "login-1"
		add(t, p, in)
		rows := claim(t, p, codes, start)
		if len(rows) != 1 {
			t.Fatalf("claimed %d rows, want 1", len(rows))
		}
		in.Tries, in.DueAt = 1, start.Add(time.Minute)
		if got, want := fmt.Sprintf("%+v", rows[0]), fmt.Sprintf("%+v", in); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
	t.Run("a lane sees its own rows only, oldest due first", func(t *testing.T) {
		p := open(t)
		late, early, other := row("late", codes), row("early", codes), row("other", notices)
		late.CreatedAt, late.DueAt = start.Add(time.Second), start.Add(time.Second)
		mail := row("mail", notify.Lane{Kind: notify.Mail, Urgent: true})
		add(t, p, late, early, other, mail)
		rows := claim(t, p, codes, start.Add(2*time.Second))
		if len(rows) != 2 || rows[0].ID != "early" || rows[1].ID != "late" {
			t.Errorf("got %v", rows)
		}
	})
	t.Run("a claim takes no more than its limit", func(t *testing.T) {
		p := open(t)
		add(t, p, row("a", codes), row("b", codes), row("c", codes))
		rows, err := p.Store.Claim(ctx, codes, start, start.Add(time.Minute), 2)
		if err != nil || len(rows) != 2 {
			t.Errorf("got %d rows, %v", len(rows), err)
		}
	})
	t.Run("a claimed row is hidden until its lease ends, then comes again with one more try", func(t *testing.T) {
		p := open(t)
		add(t, p, row("a", codes))
		claim(t, p, codes, start)
		if rows := claim(t, p, codes, start.Add(59*time.Second)); len(rows) != 0 {
			t.Fatalf("claimed while leased: %v", rows)
		}
		if rows := claim(t, p, codes, start.Add(time.Minute)); len(rows) != 1 || rows[0].Tries != 2 {
			t.Errorf("after the lease: %v", rows)
		}
	})
	t.Run("a row that is its node's own from the start is hidden until its lease ends", func(t *testing.T) {
		p := open(t)
		own := row("a", codes)
		own.Tries, own.DueAt = 1, start.Add(20*time.Second)
		add(t, p, own)
		if rows := claim(t, p, codes, start.Add(19*time.Second)); len(rows) != 0 {
			t.Fatalf("claimed while leased: %v", rows)
		}
		if rows := claim(t, p, codes, start.Add(20*time.Second)); len(rows) != 1 || rows[0].Tries != 2 {
			t.Errorf("after the lease: %v", rows)
		}
	})
	t.Run("what expired is never claimed", func(t *testing.T) {
		p := open(t)
		add(t, p, row("a", codes))
		if rows := claim(t, p, codes, start.Add(10*time.Minute)); len(rows) != 0 {
			t.Errorf("got %v", rows)
		}
	})
	t.Run("a newer message with the same key drops the waiting one", func(t *testing.T) {
		p := open(t)
		first, second, other := row("first", codes), row("second", codes), row("other", codes)
		first.Replaces, second.Replaces, other.Replaces = "login-1", "login-1", "login-2"
		add(t, p, first, other, second)
		inState(t, p, "first", gone)
		inState(t, p, "second", notify.Waiting)
		inState(t, p, "other", notify.Waiting)
		if rows := claim(t, p, codes, start); len(rows) != 2 {
			t.Errorf("claimed %v", rows)
		}
	})
	t.Run("a message that was handed over is not dropped by a newer one", func(t *testing.T) {
		p := open(t)
		first, second := row("first", codes), row("second", codes)
		first.Replaces, second.Replaces = "login-1", "login-1"
		add(t, p, first)
		claim(t, p, codes, start)
		settle(t, p, notify.Settlement{ID: "first", Tries: 1, State: notify.HandedOver, ProviderID: "p1", At: start})
		add(t, p, second)
		inState(t, p, "first", notify.HandedOver)
	})
	t.Run("a message dropped while a node held it stays dropped", func(t *testing.T) {
		p := open(t)
		first, second := row("first", codes), row("second", codes)
		first.Replaces, second.Replaces = "login-1", "login-1"
		add(t, p, first)
		claim(t, p, codes, start)
		add(t, p, second)
		settle(t, p, notify.Settlement{ID: "first", Tries: 1, State: notify.Waiting, DueAt: start, At: start})
		inState(t, p, "first", gone)
	})
	t.Run("settling erases what is personal and keeps the provider's id", func(t *testing.T) {
		p := open(t)
		add(t, p, row("sent", codes), row("refused", codes), row("late", codes))
		claim(t, p, codes, start)
		settle(t, p,
			notify.Settlement{ID: "sent", Tries: 1, State: notify.HandedOver, ProviderID: "p1", At: start},
			notify.Settlement{ID: "refused", Tries: 1, State: notify.Failed, At: start},
			notify.Settlement{ID: "late", Tries: 1, State: notify.Expired, At: start})
		inState(t, p, "sent", notify.HandedOver)
		inState(t, p, "refused", notify.Failed)
		inState(t, p, "late", notify.Expired)
		if got := p.Inspect("sent").ProviderID; got != "p1" {
			t.Errorf("the provider's id is %q", got)
		}
	})
	t.Run("a row that is to be tried again comes when it is due", func(t *testing.T) {
		p := open(t)
		add(t, p, row("a", codes))
		claim(t, p, codes, start)
		settle(t, p, notify.Settlement{ID: "a", Tries: 1, State: notify.Waiting, DueAt: start.Add(5 * time.Second), At: start})
		if rows := claim(t, p, codes, start.Add(4*time.Second)); len(rows) != 0 {
			t.Fatalf("too early: %v", rows)
		}
		if rows := claim(t, p, codes, start.Add(5*time.Second)); len(rows) != 1 {
			t.Errorf("got %v", rows)
		}
	})
	t.Run("a node whose lease ran out does not give away another node's row", func(t *testing.T) {
		p := open(t)
		add(t, p, row("a", codes))
		claim(t, p, codes, start)
		claim(t, p, codes, start.Add(time.Minute))
		settle(t, p, notify.Settlement{ID: "a", Tries: 1, State: notify.Waiting, DueAt: start, At: start})
		if rows := claim(t, p, codes, start.Add(61*time.Second)); len(rows) != 0 {
			t.Errorf("claimed %v while leased", rows)
		}
	})
	t.Run("a hand-over counts even when the lease ran out", func(t *testing.T) {
		p := open(t)
		add(t, p, row("a", codes))
		claim(t, p, codes, start)
		claim(t, p, codes, start.Add(time.Minute))
		settle(t, p, notify.Settlement{ID: "a", Tries: 1, State: notify.HandedOver, ProviderID: "p1", At: start})
		inState(t, p, "a", notify.HandedOver)
	})
	t.Run("what was handed over without a receipt to come is gone, however many at once", func(t *testing.T) {
		p := open(t)
		const many = 37
		var settlements []notify.Settlement
		for i := range many {
			id := fmt.Sprintf("m%02d", i)
			add(t, p, row(id, codes))
			settlements = append(settlements, notify.Settlement{ID: id, Tries: 1, State: notify.HandedOver, At: start})
		}
		add(t, p, row("refused", codes), row("other", codes))
		claim(t, p, codes, start)
		settle(t, p, append(settlements, notify.Settlement{ID: "refused", Tries: 1, State: notify.Failed, At: start})...)
		for i := range many {
			inState(t, p, fmt.Sprintf("m%02d", i), gone)
		}
		inState(t, p, "refused", notify.Failed)
		inState(t, p, "other", notify.Waiting)
		settle(t, p, notify.Settlement{ID: "refused", Tries: 1, State: notify.HandedOver, At: start})
		inState(t, p, "refused", notify.Failed)
	})
	t.Run("receipts finish what was handed over and nothing else", func(t *testing.T) {
		p := open(t)
		add(t, p, row("a", codes), row("b", codes), row("c", codes))
		claim(t, p, codes, start)
		settle(t, p,
			notify.Settlement{ID: "a", Tries: 1, State: notify.HandedOver, ProviderID: "p1", At: start},
			notify.Settlement{ID: "b", Tries: 1, State: notify.HandedOver, ProviderID: "p2", At: start})
		if err := p.Store.Confirm(ctx, []notify.Receipt{
			{ProviderID: "p2", State: notify.Failed, At: start}, {ProviderID: "p1", State: notify.Delivered, At: start},
			{ProviderID: "p1", State: notify.Failed, At: start}, {ProviderID: "unknown", State: notify.Delivered, At: start},
			{ProviderID: "", State: notify.Delivered, At: start},
		}); err != nil {
			t.Fatal(err)
		}
		inState(t, p, "b", notify.Failed)
		inState(t, p, "c", notify.Waiting)
		if got := p.Inspect("a").State; got != notify.Delivered && got != notify.Failed {
			t.Errorf("a is %q", got)
		}
	})
	t.Run("sweeping expires the unsent, spares the leased and deletes the finished", func(t *testing.T) {
		p := open(t)
		long := row("long", codes)
		long.ExpiresAt = start.Add(time.Hour)
		add(t, p, row("unsent", notices), row("leased", codes), long, row("done", notify.Lane{Kind: notify.Mail}))
		claim(t, p, notify.Lane{Kind: notify.Mail}, start)
		settle(t, p, notify.Settlement{ID: "done", Tries: 1, State: notify.HandedOver, ProviderID: "p1", At: start})
		end := start.Add(10 * time.Minute)
		claim(t, p, codes, end.Add(-time.Second))
		expired, err := p.Store.Sweep(ctx, end)
		if err != nil || expired != 1 {
			t.Errorf("expired %d, %v, want 1", expired, err)
		}
		inState(t, p, "unsent", notify.Expired)
		inState(t, p, "leased", notify.Waiting)
		inState(t, p, "long", notify.Waiting)
		if _, err := p.Store.Sweep(ctx, start.Add(2*time.Hour)); err != nil { // expires the rest
			t.Fatal(err)
		}
		if _, err := p.Store.Sweep(ctx, start.Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"unsent", "leased", "done"} {
			if got := p.Inspect(id); got.State != "" {
				t.Errorf("%s is still there: %q", id, got.State)
			}
		}
	})
	t.Run("claims at the same time never share a row and miss none", func(t *testing.T) {
		p := open(t)
		const total = 300
		for i := range total {
			add(t, p, row(fmt.Sprintf("m%03d", i), codes))
		}
		var mu sync.Mutex
		owner := map[string]int{}
		var wg sync.WaitGroup
		for node := range 4 {
			wg.Go(func() {
				for {
					rows, err := p.Store.Claim(ctx, codes, start, start.Add(time.Minute), 7)
					if err != nil {
						t.Error(err)
						return
					}
					if len(rows) == 0 {
						return
					}
					mu.Lock()
					for _, r := range rows {
						if first, taken := owner[r.ID]; taken {
							t.Errorf("%s was claimed by %d and %d", r.ID, first, node)
						}
						owner[r.ID] = node
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(owner) != total {
			t.Errorf("claimed %d of %d", len(owner), total)
		}
	})
}
