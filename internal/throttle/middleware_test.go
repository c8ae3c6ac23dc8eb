package throttle

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"clave/internal/clocktest"
)

func TestMiddleware(t *testing.T) {
	t.Parallel()
	serve := func(handler http.Handler, remote string, ctx context.Context) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
		r.RemoteAddr = remote
		handler.ServeHTTP(w, r)
		return w
	}
	handlerOf := func(r Rate, clock *clocktest.Clock) http.Handler {
		limiter := NewLimiter[netip.Prefix](r, 10, clock.Now)
		fail := func(w http.ResponseWriter, _ *http.Request, status int, key, _ string) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(key)) // a recorder takes everything
		}
		return Middleware(Clients{}, limiter, fail)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	}
	t.Run("what comes much too early gets 429, a page and the time to come back", func(t *testing.T) {
		t.Parallel()
		clock := newClock()
		handler := handlerOf(Rate{PerSecond: 0.1, Burst: 1}, clock)
		if got := serve(handler, "203.0.113.5:1", t.Context()).Code; got != 200 {
			t.Fatalf("the first got %d", got)
		}
		w := serve(handler, "203.0.113.5:2", t.Context())
		if w.Code != 429 || w.Header().Get("Retry-After") != "10" || w.Body.String() != "throttle.busy" {
			t.Errorf("got %d, Retry-After %q, %q", w.Code, w.Header().Get("Retry-After"), w.Body)
		}
	})
	t.Run("another network is not concerned, the same IPv6 network is", func(t *testing.T) {
		t.Parallel()
		handler := handlerOf(Rate{PerSecond: 0.1, Burst: 1}, newClock())
		for _, c := range []struct {
			remote string
			want   int
		}{{"[2001:db8::1]:1", 200}, {"[2001:db8::2]:1", 429}, {"[2001:db8:0:1::1]:1", 200}, {"203.0.113.5:1", 200}, {"203.0.113.6:1", 200}} {
			if got := serve(handler, c.remote, t.Context()).Code; got != c.want {
				t.Errorf("%s got %d, want %d", c.remote, got, c.want)
			}
		}
	})
	t.Run("what comes a little early is held back, not refused", func(t *testing.T) {
		t.Parallel()
		handler := handlerOf(Rate{PerSecond: 50, Burst: 1}, newClock())
		for range 3 {
			if got := serve(handler, "203.0.113.5:1", t.Context()).Code; got != 200 {
				t.Errorf("got %d", got)
			}
		}
	})
	t.Run("a client that went away while held back is not served", func(t *testing.T) {
		t.Parallel()
		handler := handlerOf(Rate{PerSecond: 1.5, Burst: 1}, newClock())
		serve(handler, "203.0.113.5:1", t.Context())
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if got := serve(handler, "203.0.113.5:1", gone).Code; got != 429 {
			t.Errorf("got %d", got)
		}
	})
}
