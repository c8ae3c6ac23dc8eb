package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/internal/clocktest"
	"clave/internal/safelog/safelogtest"
	"clave/notify"
	"clave/notify/notifytest"
)

// world is one node with an outbox in memory.
type world struct {
	t       *testing.T
	ctx     context.Context
	clock   *clocktest.Clock
	store   *notifytest.Memory
	outbox  *notify.Outbox
	carrier *notifytest.Carrier
	sealer  notifytest.Sealer
	options notify.Options
	logs    *safelogtest.Log
	stop    func()

	flown sync.Map // ids that the carrier was asked for
}

// flying tells whether the carrier has been asked for a message.
func (w *world) flying(id string) func() bool {
	return func() bool { _, ok := w.flown.Load(id); return ok }
}

// Deliver notes what the world's carrier is asked for.
func (w *world) Deliver(ctx context.Context, messages []notify.Message) []notify.Result {
	for _, m := range messages {
		w.flown.Store(m.ID, true)
	}
	return w.carrier.Deliver(ctx, messages)
}

func newWorld(t *testing.T) *world {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	w := &world{
		t: t, ctx: ctx, clock: clocktest.At(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)),
		store: notifytest.NewMemory(), carrier: &notifytest.Carrier{}, sealer: notifytest.NewSealer(), logs: &safelogtest.Log{},
	}
	w.outbox = notify.NewOutbox(w.store, w.sealer, w.clock.Now)
	w.options = notify.Options{
		Carriers: map[notify.Kind]notify.Carrier{notify.SMS: w},
		Logger:   slog.New(slog.NewTextHandler(w.logs, nil)),
		Linger:   time.Millisecond, Gather: time.Millisecond, Poll: 3 * time.Millisecond, Sweep: 3 * time.Millisecond,
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
	w.until("it serves the lanes", func() bool { return w.store.Claims() > 1 })
}

func (w *world) send(change func(*notify.Message)) {
	w.t.Helper()
	m := notify.Message{
		Kind: notify.SMS, Purpose: "pin", To: "+34600111222", Body: "K7M is your PIN", Code: "K7M",
		Language: "en", ExpiresAt: w.clock.Now().Add(10 * time.Minute), Urgent: true,
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

// accepted is a hand-over that a receipt will tell more about.
func accepted(m notify.Message) notify.Result {
	return notify.Result{Outcome: notify.Accepted, ProviderID: "test:" + m.ID}
}

// blocks makes the carrier wait over the messages that match, until it is released.
func (w *world) blocks(matches func(notify.Message) bool) (release func()) {
	blocked := make(chan struct{})
	w.carrier.React = func(_ context.Context, m notify.Message) notify.Result {
		if matches(m) {
			<-blocked
		}
		return accepted(m)
	}
	return func() { close(blocked) }
}

// runBehind starts the deliverer with a message that the carrier waits over.
func (w *world) runBehind(name string) (release func()) {
	w.t.Helper()
	release = w.blocks(named(name))
	w.run()
	w.send(id(name))
	w.until("it flies", w.flying(name))
	return release
}

func named(id string) func(notify.Message) bool {
	return func(m notify.Message) bool { return m.ID == id }
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
		{"messages sent together cost one commit in all", func(t *testing.T, w *world) {
			w.options.Linger, w.options.Gather, w.options.Poll = 150*time.Millisecond, 150*time.Millisecond, time.Hour
			w.run()
			for i := range 50 {
				w.send(id(fmt.Sprint("m", i)))
			}
			w.given(50)
			w.state("m49", notify.HandedOver)
			if got, want := w.store.Commits(), 50+1; got != want {
				t.Errorf("%d commits, want %d", got, want)
			}
		}},
		{"a failed try is repeated until it succeeds", func(t *testing.T, w *world) {
			var tries atomic.Int32
			w.carrier.React = func(_ context.Context, m notify.Message) notify.Result {
				if tries.Add(1) < 4 {
					return notify.Result{Err: errors.New("the line is busy")}
				}
				return accepted(m)
			}
			w.run()
			w.send(id("a"))
			for n := 1; n <= 3; n++ {
				w.given(n)
				w.until("it waits", func() bool { return w.store.Inspect("a").DueAt.After(w.clock.Now()) || tries.Load() > int32(n) })
				w.clock.Pass(time.Minute)
			}
			w.given(4)
			w.state("a", notify.HandedOver)
		}},
		{"the carrier's wish to wait is honoured", func(t *testing.T, w *world) {
			w.carrier.React = func(context.Context, notify.Message) notify.Result { return notify.Result{After: 5 * time.Minute} }
			w.run()
			w.send(id("a"))
			w.given(1)
			want := w.clock.Now().Add(5 * time.Minute)
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
			w.clock.Pass(5 * time.Minute)
			w.send(id("b"))
			w.state("b", notify.Failed)
			if got := len(w.carrier.Given()); got != 2 {
				t.Errorf("%d hand-overs, want 2", got)
			}
		}},
		{"what expired is never handed over", func(t *testing.T, w *world) {
			w.send(id("old"))
			w.clock.Pass(10 * time.Minute)
			w.send(id("new"))
			w.run()
			w.state("new", notify.HandedOver)
			w.state("old", notify.Expired)
			if given := w.carrier.Given(); len(given) != 1 || given[0].ID != "new" {
				t.Errorf("%d messages were handed over", len(given))
			}
		}},
		{"what expires between claim and hand-over is not handed over", func(t *testing.T, w *world) {
			w.outbox = notify.NewOutbox(w.store, lateSealer{notifytest.NewSealer(), w.clock}, w.clock.Now)
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
			w.state("first", "")
			if given := w.carrier.Given(); len(given) != 1 || given[0].ID != "second" {
				t.Errorf("%d messages were handed over", len(given))
			}
		}},
		{"an older PIN that waits for its next try is not sent after the newer", func(t *testing.T, w *world) {
			w.carrier.React = func(_ context.Context, m notify.Message) notify.Result {
				if m.ID == "first" {
					return notify.Result{Outcome: notify.Retry}
				}
				return accepted(m)
			}
			w.run()
			w.send(func(m *notify.Message) { m.ID, m.Replaces = "first", "login-1" })
			w.given(1)
			w.until("it waits", func() bool { return w.store.Inspect("first").DueAt.After(w.clock.Now()) })
			w.send(func(m *notify.Message) { m.ID, m.Replaces = "second", "login-1" })
			w.state("second", notify.HandedOver)
			w.clock.Pass(5 * time.Minute)
			w.send(id("third"))
			w.state("third", notify.HandedOver)
			if got := len(w.carrier.Given()); got != 3 {
				t.Errorf("%d hand-overs, want 3", got)
			}
		}},
		{"codes do not wait behind notices", func(t *testing.T, w *world) {
			release := w.blocks(func(m notify.Message) bool { return !m.Urgent })
			w.options.Batch = 2
			w.run()
			for i := range 20 {
				w.send(func(m *notify.Message) { m.ID, m.Urgent = fmt.Sprint("notice", i), false })
			}
			w.send(id("code"))
			w.state("code", notify.HandedOver)
			release()
			w.given(21)
		}},
		{"one slow number does not hold up the others", func(t *testing.T, w *world) {
			release := w.runBehind("slow")
			w.send(id("quick"))
			w.state("quick", notify.HandedOver)
			release()
			w.state("slow", notify.HandedOver)
		}},
		{"a message that makes the carrier panic costs only itself", func(t *testing.T, w *world) {
			w.carrier.React = func(_ context.Context, m notify.Message) notify.Result {
				if m.ID == "poison" {
					panic("cannot deliver to " + m.To)
				}
				return accepted(m)
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
			other := notify.NewOutbox(w.store, notifytest.NewSealer(), w.clock.Now)
			if err := other.Send(w.ctx, notify.Message{
				ID: "alien", Kind: notify.SMS, Purpose: "pin", To: "+34600111222", Body: "x", Urgent: true, ExpiresAt: w.clock.Now().Add(time.Minute),
			}); err != nil {
				t.Fatal(err)
			}
			w.run()
			w.state("ours", notify.HandedOver)
			w.state("alien", notify.Failed)
		}},
		{"a message that dies with its node is handed over by another, at most a hundred times", func(t *testing.T, w *world) {
			w.send(func(m *notify.Message) { m.ID, m.ExpiresAt = "a", w.clock.Now().Add(24*time.Hour) })
			for range 100 { // nodes that claim and die
				w.clock.Pass(time.Minute)
				rows, err := w.store.Claim(w.ctx, notify.Lane{Kind: notify.SMS, Urgent: true}, w.clock.Now(), w.clock.Now().Add(time.Minute), 1)
				if err != nil || len(rows) != 1 {
					t.Fatal(len(rows), err)
				}
			}
			w.clock.Pass(time.Minute)
			w.run()
			w.state("a", notify.Failed)
			if got := len(w.carrier.Given()); got != 0 {
				t.Errorf("handed over %d times", got)
			}
		}},
		{"stopping finishes what was claimed", func(t *testing.T, w *world) {
			entered, release := make(chan struct{}), make(chan struct{})
			w.carrier.React = func(ctx context.Context, m notify.Message) notify.Result {
				close(entered)
				<-release
				if ctx.Err() != nil {
					t.Error("the hand-over was cancelled")
				}
				return accepted(m)
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
		{"a message of a node that died is handed over by another when its lease ends", func(t *testing.T, w *world) {
			defer w.blocks(named("a"))() // for ever, as far as the others can tell
			w.options.Poll = time.Hour
			w.run()
			w.send(id("a"))
			w.until("it flies", w.flying("a"))
			other := &notifytest.Carrier{}
			survivor := notify.NewDeliverer(notify.NewOutbox(w.store, w.sealer, w.clock.Now), notify.Options{
				Carriers: map[notify.Kind]notify.Carrier{notify.SMS: other}, Poll: time.Millisecond, Gather: time.Millisecond,
			})
			ctx, stop := context.WithCancel(w.ctx)
			done := make(chan struct{})
			go func() { defer close(done); survivor.Run(ctx) }()
			defer func() { stop(); <-done }()
			w.clock.Pass(19 * time.Second)
			w.until("nobody took it while it was leased", func() bool { return w.store.Claims() > 10 && w.store.Inspect("a").Tries == 1 })
			w.clock.Pass(time.Second)
			if err := other.Wait(w.ctx, func(given []notify.Message) bool { return len(given) == 1 }); err != nil {
				t.Fatal(err)
			}
			w.state("a", notify.HandedOver)
		}},
		{"a message that waits for a flight until its lease is half over is given back first", func(t *testing.T, w *world) {
			w.options.Flights = 1
			release := w.runBehind("slow")
			w.send(id("quick"))
			w.clock.Pass(11 * time.Second)
			release()
			w.state("quick", notify.HandedOver)
			if got, want := w.store.Inspect("quick").Tries, 2; got != want {
				t.Errorf("it was had %d times, want %d", got, want)
			}
		}},
		{"of two PINs that wait in memory only the newer is sent", func(t *testing.T, w *world) {
			w.options.Flights = 1
			release := w.runBehind("slow")
			w.send(func(m *notify.Message) { m.ID, m.Replaces = "first", "login-1" })
			w.send(id("between"))
			w.send(func(m *notify.Message) { m.ID, m.Replaces = "second", "login-1" })
			release()
			w.state("second", notify.HandedOver)
			w.state("between", notify.HandedOver)
			for _, m := range w.given(3) {
				if m.ID == "first" {
					t.Error("the older was sent")
				}
			}
		}},
		{"stopping hands over what waits in memory", func(t *testing.T, w *world) {
			w.options.Flights, w.options.Batch = 1, 2
			release := w.runBehind("slow")
			for i := range 5 {
				w.send(id(fmt.Sprint("m", i)))
			}
			stopped := make(chan struct{})
			go func() { w.stop(); close(stopped) }()
			release()
			<-stopped
			for i := range 5 {
				if got := w.store.Inspect(fmt.Sprint("m", i)).State; got != notify.HandedOver {
					t.Errorf("after the stop m%d is %q", i, got)
				}
			}
		}},
		{"what is too much for the memory waits in the database alone", func(t *testing.T, w *world) {
			w.options.Flights = 1
			release := w.runBehind("slow")
			const many = 5003
			for i := range many {
				w.send(id(fmt.Sprint("m", i)))
			}
			if first, last := w.store.Inspect("m0"), w.store.Inspect(fmt.Sprint("m", many-1)); first.Tries != 1 || last.Tries != 0 {
				t.Errorf("the first was had %d times and the last %d, want 1 and 0", first.Tries, last.Tries)
			}
			release()
			w.given(many + 1)
		}},
		{"a carrier that answers too little leaves the rest to be tried again", func(t *testing.T, w *world) {
			w.options.Carriers = map[notify.Kind]notify.Carrier{notify.SMS: forgetful{}}
			w.send(id("a"))
			w.run()
			w.until("it waits for the next try", func() bool {
				a := w.store.Inspect("a")
				return a.Tries == 1 && a.State == notify.Waiting && a.DueAt.Before(w.clock.Now().Add(5*time.Second))
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
	clock *clocktest.Clock
}

func (s lateSealer) Open(sealed []byte, aad ...string) ([]byte, error) {
	s.clock.Pass(time.Hour)
	return s.Sealer.Open(sealed, aad...)
}
