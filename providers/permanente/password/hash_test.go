package password_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/providers/permanente/password"
)

// cheap parameters keep tests quick; they are no weaker in what is tested.
func cheap() password.Params { return password.Params{MemoryKiB: 64, Passes: 1, Lanes: 1} }

func TestHash(t *testing.T) {
	t.Parallel()
	t.Run("the default is what OWASP recommends, in PHC form", func(t *testing.T) {
		t.Parallel()
		h := password.DefaultParams().Hash("vuelcO7k")
		if !strings.HasPrefix(string(h), "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("got %s", h)
		}
		if same, err := h.Matches("vuelcO7k"); !same || err != nil {
			t.Errorf("got %v, %v; want it to match", same, err)
		}
		if same, err := h.Matches("vuelcO7K"); same || err != nil {
			t.Errorf("got %v, %v; want it not to match", same, err)
		}
	})
	t.Run("a hash of others is read", func(t *testing.T) {
		t.Parallel()
		// Of the reference implementation: argon2 with the salt "somesalt".
		const reference = password.Hash("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
		if same, err := reference.Matches("password"); !same || err != nil {
			t.Errorf("got %v, %v; want it to match", same, err)
		}
	})
	t.Run("two hashes of one password differ", func(t *testing.T) {
		t.Parallel()
		if one, two := cheap().Hash("x"), cheap().Hash("x"); one == two {
			t.Error("the salt is not random")
		}
	})
	t.Run("other parameters make it stale, and it still matches", func(t *testing.T) {
		t.Parallel()
		h := cheap().Hash("x")
		if h.Stale(cheap()) || !h.Stale(password.DefaultParams()) || !password.Hash("").Stale(cheap()) {
			t.Error("got the wrong hashes stale")
		}
	})
	t.Run("nothing matches the decoy, which costs what a hash does", func(t *testing.T) {
		t.Parallel()
		d := cheap().Decoy()
		if d.Stale(cheap()) {
			t.Error("the decoy has other parameters")
		}
		if same, err := d.Matches(""); same || err != nil {
			t.Errorf("got %v, %v", same, err)
		}
	})
	for _, broken := range []password.Hash{
		"", "x", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=16$m=64,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=1,p=0$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=1,p=1$!$AAAA", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=64$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
	} {
		t.Run("broken: "+string(broken), func(t *testing.T) {
			t.Parallel()
			if same, err := broken.Matches(""); same || !errors.Is(err, password.ErrHash) {
				t.Errorf("got %v, %v; want ErrHash", same, err)
			}
		})
	}
}

func TestQueue(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("a password is hashed and compared", func(t *testing.T) {
		t.Parallel()
		q := password.NewQueue(password.QueueOptions{Params: cheap()})
		h, err := q.Hash(ctx, password.Stranger, "x")
		if err != nil || q.Stale(h) {
			t.Fatal(h, err)
		}
		if same, err := q.Matches(ctx, password.Stranger, h, "x"); !same || err != nil {
			t.Errorf("got %v, %v", same, err)
		}
		if same, err := q.Matches(ctx, password.Stranger, "", "x"); same || err != nil {
			t.Errorf("nobody's: got %v, %v", same, err)
		}
	})
	t.Run("a full line turns away at once, and one that stands still after a while", func(t *testing.T) {
		t.Parallel()
		q := password.NewQueue(password.QueueOptions{Params: cheap(), Workers: 1, Waiting: 1, Patience: 20 * time.Millisecond})
		release, held := make(chan struct{}), make(chan struct{})
		go q.Occupy(ctx, password.Stranger, func() { close(held); <-release })
		<-held
		waiting := make(chan error)
		go func() {
			_, err := q.Hash(ctx, password.Stranger, "x")
			waiting <- err
		}()
		for q.InLine() < 1 {
			runtime.Gosched()
		}
		if _, err := q.Hash(ctx, password.Stranger, "x"); !errors.Is(err, password.ErrBusy) {
			t.Errorf("third: got %v, want ErrBusy", err)
		}
		if err := <-waiting; !errors.Is(err, password.ErrBusy) {
			t.Errorf("second: got %v, want ErrBusy", err)
		}
		close(release)
	})
	t.Run("a flood takes no more workers than there are, and the rest is turned away", func(t *testing.T) {
		t.Parallel()
		const workers, waiting, flood = 2, 3, 200
		q := password.NewQueue(password.QueueOptions{Params: cheap(), Workers: workers, Waiting: waiting, Patience: time.Minute})
		release := make(chan struct{})
		var running, most, done atomic.Int64
		var group sync.WaitGroup
		work := func() {
			if n := running.Add(1); n > most.Load() {
				most.Store(n)
			}
			<-release
			running.Add(-1)
			done.Add(1)
		}
		for range workers + waiting {
			group.Go(func() { q.Occupy(ctx, password.Stranger, work) })
		}
		for q.InLine() < waiting {
			runtime.Gosched()
		}
		for range flood {
			if _, err := q.Hash(ctx, password.Stranger, "x"); !errors.Is(err, password.ErrBusy) {
				t.Errorf("got %v, want ErrBusy", err)
			}
		}
		close(release)
		group.Wait()
		if most.Load() > workers || done.Load() != workers+waiting {
			t.Errorf("got %d at once and %d in all, want %d and %d", most.Load(), done.Load(), workers, workers+waiting)
		}
	})
	t.Run("who has gone is not hashed for", func(t *testing.T) {
		t.Parallel()
		q := password.NewQueue(password.QueueOptions{Params: cheap(), Workers: 1, Waiting: 1})
		release, held := make(chan struct{}), make(chan struct{})
		defer close(release)
		go q.Occupy(ctx, password.Stranger, func() { close(held); <-release })
		<-held
		gone, leave := context.WithCancel(ctx)
		leave()
		if _, err := q.Hash(gone, password.Stranger, "x"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want it cancelled", err)
		}
	})
	t.Run("who is known goes first, and strangers do not take their places", func(t *testing.T) {
		t.Parallel()
		q := password.NewQueue(password.QueueOptions{Params: cheap(), Workers: 1, Waiting: 2, Patience: time.Minute})
		release, held := make(chan struct{}), make(chan struct{})
		var group sync.WaitGroup
		group.Go(func() { q.Occupy(ctx, password.Stranger, func() { close(held); <-release }) })
		<-held
		turns := make(chan password.Who, 4)
		for i, who := range []password.Who{password.Stranger, password.Stranger, password.Known, password.Known} {
			group.Go(func() { q.Occupy(ctx, who, func() { turns <- who }) })
			for q.InLine() <= i {
				runtime.Gosched()
			}
		}
		for _, who := range []password.Who{password.Stranger, password.Known} {
			if _, err := q.Hash(ctx, who, "x"); !errors.Is(err, password.ErrBusy) {
				t.Errorf("a line that is full: got %v, want ErrBusy", err)
			}
		}
		close(release)
		group.Wait()
		for i, want := range []password.Who{password.Known, password.Known, password.Stranger, password.Stranger} {
			if got := <-turns; got != want {
				t.Errorf("turn %d: got %d, want %d", i, got, want)
			}
		}
	})
	t.Run("a worker that comes when somebody gives up is not lost", func(t *testing.T) {
		t.Parallel()
		q := password.NewQueue(password.QueueOptions{Params: cheap(), Workers: 1, Waiting: 50, Patience: time.Minute})
		var group sync.WaitGroup
		for i := range 200 {
			group.Go(func() {
				leaving, leave := context.WithCancel(ctx)
				defer leave()
				if i%2 == 0 {
					go leave()
				}
				_, _ = q.Hash(leaving, password.Who(i%2), "x") // what becomes of it is luck
			})
		}
		group.Wait()
		if _, err := q.Hash(ctx, password.Stranger, "x"); err != nil || q.InLine() != 0 {
			t.Errorf("got %v, and %d in line; want the worker free", err, q.InLine())
		}
	})
}
