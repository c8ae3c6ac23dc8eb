package notify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/notify"
	"clave/notify/notifytest"
)

// clock is a clock that tests move.
type clock struct{ at atomic.Int64 }

func newClock(at time.Time) *clock {
	c := &clock{}
	c.at.Store(at.UnixNano())
	return c
}

func (c *clock) now() time.Time { return time.Unix(0, c.at.Load()).UTC() }

func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

// world is one node with an outbox in memory.
type world struct {
	t       *testing.T
	ctx     context.Context
	clock   *clock
	store   *notifytest.Memory
	outbox  *notify.Outbox
	carrier *notifytest.Carrier
	options notify.Options
	logs    *syncBuffer
	stop    func()
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newWorld(t *testing.T) *world {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	w := &world{
		t: t, ctx: ctx, clock: newClock(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)),
		store: notifytest.NewMemory(), carrier: &notifytest.Carrier{}, logs: &syncBuffer{},
	}
	w.outbox = notify.NewOutbox(w.store, notifytest.NewSealer(), w.clock.now)
	w.options = notify.Options{
		Carriers: map[notify.Kind]notify.Carrier{notify.SMS: w.carrier},
		Logger:   slog.New(slog.NewTextHandler(w.logs, nil)),
		Linger:   time.Millisecond, Poll: 3 * time.Millisecond, Sweep: 3 * time.Millisecond,
	}
	return w
}

// run starts the deliverer and stops it with the test, or by w.stop.
func (w *world) run() {
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{})
	deliverer := notify.NewDeliverer(w.outbox, w.options)
	go func() {
		defer close(done)
		deliverer.Run(ctx)
	}()
	w.stop = func() { cancel(); <-done }
	w.t.Cleanup(w.stop)
}

func (w *world) send(change func(*notify.Message)) {
	w.t.Helper()
	m := notify.Message{
		Kind: notify.SMS, Purpose: "pin", To: "+34600111222", Body: "K7M is your PIN", Code: "K7M",
		Language: "en", ExpiresAt: w.clock.now().Add(10 * time.Minute), Urgent: true,
	}
	change(&m)
	if err := w.outbox.Send(w.ctx, m); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) given(n int) []notify.Message {
	w.t.Helper()
	if err := w.carrier.Wait(w.ctx, func(given []notify.Message) bool { return len(given) >= n }); err != nil {
		w.t.Fatalf("waiting for %d messages: %v; there are %d", n, err, len(w.carrier.Given()))
	}
	return w.carrier.Given()
}

// state waits until a message is in a state.
func (w *world) state(id string, want notify.State) {
	w.t.Helper()
	w.until(fmt.Sprintf("%s is %s", id, want), func() bool { return w.store.Inspect(id).State == want })
}

func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-w.ctx.Done():
			w.t.Fatalf("never: %s", what)
		}
	}
}

func id(name string) func(*notify.Message) { return func(m *notify.Message) { m.ID = name } }

func TestDeliverer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		test func(t *testing.T, w *world)
	}{
		{"a message arrives as it was sent", func(t *testing.T, w *world) {
			w.run()
			w.send(id("a"))
			got := w.given(1)[0]
			if got.To != "+34600111222" || got.Body != "K7M is your PIN" || got.Code != "K7M" || got.Language != "en" || got.ID != "a" || !got.Urgent {
				t.Error("the message came changed")
			}
			w.state("a", notify.HandedOver)
			if got, want := w.store.Inspect("a").ProviderID, "test:a"; got != want {
				t.Errorf("the provider's id is %q, want %q", got, want)
			}
		}},
		{"what was stored while no node ran is delivered when one starts", func(t *testing.T, w *world) {
			w.send(id("a"))
			w.run()
			w.given(1)
		}},
		{"messages sent together cost two commits in all", func(t *testing.T, w *world) {
			w.options.Linger, w.options.Poll = 150*time.Millisecond, time.Hour
			w.run()
			for i := range 50 {
				w.send(id(fmt.Sprint("m", i)))
			}
			w.given(50)
			w.state("m49", notify.HandedOver)
			if got, want := w.store.Commits(), 50+2; got != want {
				t.Errorf("%d commits, want %d", got, want)
			}
		}},
		{"a failed try is repeated until it succeeds", func(t *testing.T, w *world) {
			var tries atomic.Int32
			w.carrier.React = func(context.Context, notify.Message) notify.Result {
				if tries.Add(1) < 4 {
					return notify.Result{Err: errors.New("the line is busy")}
				}
				return notify.Result{Outcome: notify.Accepted}
			}
			w.run()
			w.send(id("a"))
			for n := 1; n <= 3; n++ {
				w.given(n)
				w.until("it waits", func() bool { return w.store.Inspect("a").DueAt.After(w.clock.now()) || tries.Load() > int32(n) })
				w.clock.advance(time.Minute)
			}
			w.given(4)
			w.state("a", notify.HandedOver)
		}},
		{"the carrier's wish to wait is honoured", func(t *testing.T, w *world) {
			w.carrier.React = func(context.Context, notify.Message) notify.Result { return notify.Result{After: 5 * time.Minute} }
			w.run()
			w.send(id("a"))
			w.given(1)
			want := w.clock.now().Add(5 * time.Minute)
			w.until("it is due in five minutes", func() bool { return w.store.Inspect("a").DueAt.Equal(want) })
		}},
		{"a message that would come after its expiry is expired at once", func(t *testing.T, w *world) {
			w.carrier.React = func(context.Context, notify.Message) notify.Result { return notify.Result{After: time.Hour} }
			w.run()
			w.send(id("a"))
			w.state("a", notify.Expired)
			if len(w.store.Inspect("a").Sealed) != 0 {
				t.Error("its words are still there")
			}
		}},
		{"a refused message is not tried again and is erased", func(t *testing.T, w *world) {
			w.carrier.React = func(context.Context, notify.Message) notify.Result {
				return notify.Result{Outcome: notify.Refused, Err: errors.New("no such subscriber")}
			}
			w.run()
			w.send(id("a"))
			w.state("a", notify.Failed)
			w.clock.advance(5 * time.Minute)
			w.send(id("b"))
			w.state("b", notify.Failed)
			if got := len(w.carrier.Given()); got != 2 {
				t.Errorf("%d hand-overs, want 2", got)
			}
		}},
		{"what expired is never handed over", func(t *testing.T, w *world) {
			w.send(id("old"))
			w.clock.advance(10 * time.Minute)
			w.send(id("new"))
			w.run()
			w.state("new", notify.HandedOver)
			w.state("old", notify.Expired)
			if given := w.carrier.Given(); len(given) != 1 || given[0].ID != "new" {
				t.Errorf("%d messages were handed over", len(given))
			}
		}},
		{"what expires between claim and hand-over is not handed over", func(t *testing.T, w *world) {
			w.outbox = notify.NewOutbox(w.store, lateSealer{notifytest.NewSealer(), w.clock}, w.clock.now)
			w.send(id("a"))
			w.run()
			w.state("a", notify.Expired)
			if got := len(w.carrier.Given()); got != 0 {
				t.Errorf("%d messages were handed over", got)
			}
		}},
		{"of two PINs of one login only the newer is sent", func(t *testing.T, w *world) {
			w.send(func(m *notify.Message) { m.ID, m.Replaces = "first", "login-1" })
			w.send(func(m *notify.Message) { m.ID, m.Replaces = "second", "login-1" })
			w.run()
			w.state("second", notify.HandedOver)
			w.state("first", notify.Superseded)
			if given := w.carrier.Given(); len(given) != 1 || given[0].ID != "second" {
				t.Errorf("%d messages were handed over", len(given))
			}
		}},
		{"an older PIN that waits for its next try is not sent after the newer", func(t *testing.T, w *world) {
			w.carrier.React = func(_ context.Context, m notify.Message) notify.Result {
				if m.ID == "first" {
					return notify.Result{Outcome: notify.Retry}
				}
				return notify.Result{Outcome: notify.Accepted}
			}
			w.run()
			w.send(func(m *notify.Message) { m.ID, m.Replaces = "first", "login-1" })
			w.given(1)
			w.until("it waits", func() bool { return w.store.Inspect("first").DueAt.After(w.clock.now()) })
			w.send(func(m *notify.Message) { m.ID, m.Replaces = "second", "login-1" })
			w.state("second", notify.HandedOver)
			w.clock.advance(5 * time.Minute)
			w.send(id("third"))
			w.state("third", notify.HandedOver)
			if got := len(w.carrier.Given()); got != 3 {
				t.Errorf("%d hand-overs, want 3", got)
			}
		}},
		{"codes do not wait behind notices", func(t *testing.T, w *world) {
			blocked := make(chan struct{})
			w.carrier.React = func(_ context.Context, m notify.Message) notify.Result {
				if !m.Urgent {
					<-blocked
				}
				return notify.Result{Outcome: notify.Accepted}
			}
			w.options.Batch = 2
			w.run()
			for i := range 20 {
				w.send(func(m *notify.Message) { m.ID, m.Urgent = fmt.Sprint("notice", i), false })
			}
			w.send(id("code"))
			w.state("code", notify.HandedOver)
			close(blocked)
			w.given(21)
		}},
		{"one slow number does not hold up the others", func(t *testing.T, w *world) {
			blocked := make(chan struct{})
			w.carrier.React = func(_ context.Context, m notify.Message) notify.Result {
				if m.ID == "slow" {
					<-blocked
				}
				return notify.Result{Outcome: notify.Accepted}
			}
			w.run()
			w.send(id("slow"))
			w.until("it is claimed", func() bool { return w.store.Inspect("slow").Tries == 1 })
			w.send(id("quick"))
			w.state("quick", notify.HandedOver)
			close(blocked)
			w.state("slow", notify.HandedOver)
		}},
		{"a message that makes the carrier panic costs only itself", func(t *testing.T, w *world) {
			w.carrier.React = func(_ context.Context, m notify.Message) notify.Result {
				if m.ID == "poison" {
					panic("cannot deliver to " + m.To)
				}
				return notify.Result{Outcome: notify.Accepted}
			}
			for _, name := range []string{"a", "poison", "b"} {
				w.send(id(name))
			}
			w.run()
			w.state("a", notify.HandedOver)
			w.state("b", notify.HandedOver)
			w.state("poison", notify.Failed)
			w.send(id("later"))
			w.state("later", notify.HandedOver)
		}},
		{"a row that cannot be opened fails alone", func(t *testing.T, w *world) {
			w.send(id("ours"))
			other := notify.NewOutbox(w.store, notifytest.NewSealer(), w.clock.now)
			if err := other.Send(w.ctx, notify.Message{
				ID: "alien", Kind: notify.SMS, Purpose: "pin", To: "+34600111222", Body: "x", Urgent: true, ExpiresAt: w.clock.now().Add(time.Minute),
			}); err != nil {
				t.Fatal(err)
			}
			w.run()
			w.state("ours", notify.HandedOver)
			w.state("alien", notify.Failed)
		}},
		{"a message that dies with its node is handed over by another, at most a hundred times", func(t *testing.T, w *world) {
			w.send(func(m *notify.Message) { m.ID, m.ExpiresAt = "a", w.clock.now().Add(24*time.Hour) })
			for range 100 { // nodes that claim and die
				w.clock.advance(time.Minute)
				rows, err := w.store.Claim(w.ctx, notify.Lane{Kind: notify.SMS, Urgent: true}, w.clock.now(), w.clock.now().Add(time.Minute), 1)
				if err != nil || len(rows) != 1 {
					t.Fatal(len(rows), err)
				}
			}
			w.clock.advance(time.Minute)
			w.run()
			w.state("a", notify.Failed)
			if got := len(w.carrier.Given()); got != 0 {
				t.Errorf("handed over %d times", got)
			}
		}},
		{"stopping finishes what was claimed", func(t *testing.T, w *world) {
			entered, release := make(chan struct{}), make(chan struct{})
			w.carrier.React = func(ctx context.Context, _ notify.Message) notify.Result {
				close(entered)
				<-release
				if ctx.Err() != nil {
					t.Error("the hand-over was cancelled")
				}
				return notify.Result{Outcome: notify.Accepted}
			}
			w.run()
			w.send(id("a"))
			<-entered
			stopped := make(chan struct{})
			go func() { w.stop(); close(stopped) }()
			close(release)
			<-stopped
			if got := w.store.Inspect("a").State; got != notify.HandedOver {
				t.Errorf("after the stop it is %q", got)
			}
		}},
		{"a carrier that answers too little leaves the rest to be tried again", func(t *testing.T, w *world) {
			w.options.Carriers = map[notify.Kind]notify.Carrier{notify.SMS: forgetful{}}
			w.send(id("a"))
			w.run()
			w.until("it waits for the next try", func() bool {
				a := w.store.Inspect("a")
				return a.Tries == 1 && a.State == notify.Waiting && a.DueAt.Before(w.clock.now().Add(5*time.Second))
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.test(t, w)
			for _, personal := range []string{"600111222", "K7M"} {
				if strings.Contains(w.logs.String(), personal) {
					t.Errorf("a log line holds %q", personal)
				}
			}
		})
	}
}

// forgetful is a carrier that answers nothing.
type forgetful struct{}

func (forgetful) Deliver(context.Context, []notify.Message) []notify.Result { return nil }

// lateSealer takes longer to open a row than any message lives.
type lateSealer struct {
	notifytest.Sealer
	clock *clock
}

func (s lateSealer) Open(sealed []byte, aad ...string) ([]byte, error) {
	s.clock.advance(time.Hour)
	return s.Sealer.Open(sealed, aad...)
}
