package sms_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"clave/notify"
	"clave/notify/sms"
	"clave/test/fakes/smsgateway"
)

func secretFile(t *testing.T, secret string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func gateway(t *testing.T, url, file string) *sms.Gateway {
	t.Helper()
	g, err := sms.NewGateway(sms.GatewaySettings{URL: url, SecretFile: file, Sender: "Clave", Timeout: 200 * time.Millisecond}, func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGatewayTakesAMessage(t *testing.T) {
	t.Parallel()
	server := (&smsgateway.Server{Secret: "s3cret"}).Start(t)
	g := gateway(t, server.URL(), secretFile(t, "s3cret"))
	m := message("K7M él")
	got := g.Deliver(t.Context(), []notify.Message{m, m})
	for _, r := range got {
		if r.Outcome != notify.Accepted || r.ProviderID != "gateway:g1" {
			t.Errorf("got %+v", r)
		}
	}
	want := smsgateway.Message{ID: "a", To: "+34600111222", Text: "K7M él", Sender: "Clave", ValiditySeconds: 600}
	if messages := server.Messages(); len(messages) != 1 || messages[0] != want {
		t.Errorf("phones got %+v, want once %+v", messages, want)
	}
	m.ExpiresAt = start.Add(time.Second)
	if r := g.Deliver(t.Context(), []notify.Message{m})[0]; r.Outcome != notify.TooLate || server.Requests() != 2 {
		t.Errorf("an expired message: %+v, %d requests", r, server.Requests())
	}
}

func TestGatewayAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		header string
		want   notify.Outcome
		after  time.Duration
	}{
		{"created", 201, "", notify.Accepted, 0},
		{"no content", 204, "", notify.Accepted, 0},
		{"a redirect is not followed", 307, "", notify.Retry, 0},
		{"a bad request is the message's fault", 400, "", notify.Refused, 0},
		{"an unprocessable message too", 422, "", notify.Refused, 0},
		{"a wrong secret can be repaired", 401, "", notify.Retry, 0},
		{"so can a wrong address", 404, "", notify.Retry, 0},
		{"a repetition that is still under way", 409, "", notify.Retry, 0},
		{"too many requests, with a wait", 429, "30", notify.Retry, 30 * time.Second},
		{"unavailable until a date", 503, start.Add(time.Minute).Format(http.TimeFormat), notify.Retry, time.Minute},
		{"an absurd wait is cut", 503, "99999999999", notify.Retry, 5 * time.Minute},
		{"a negative wait is none", 503, "-5", notify.Retry, 0},
		{"a wait that is nonsense is none", 503, "soon", notify.Retry, 0},
		{"an internal error", 500, "", notify.Retry, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var stolen atomic.Int32
			thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
			defer thief.Close()
			server := (&smsgateway.Server{Secret: "s", React: func(w http.ResponseWriter, _ *http.Request, _ smsgateway.Message) bool {
				w.Header().Set("Location", thief.URL)
				if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				w.WriteHeader(c.status)
				return true
			}}).Start(t)
			got := gateway(t, server.URL(), secretFile(t, "s")).Deliver(t.Context(), []notify.Message{message("hello")})[0]
			if got.Outcome != c.want || got.After != c.after {
				t.Errorf("got %+v, want outcome %d after %s", got, c.want, c.after)
			}
			if got.Err != nil && strings.Contains(got.Err.Error(), "127.0.0.1") {
				t.Errorf("the error tells the address: %v", got.Err)
			}
			if stolen.Load() != 0 {
				t.Error("the secret went elsewhere")
			}
		})
	}
}

func TestGatewayTroubles(t *testing.T) {
	t.Parallel()
	t.Run("an answer that got lost is asked for again and the phone gets one message", func(t *testing.T) {
		t.Parallel()
		var first atomic.Bool
		server := (&smsgateway.Server{Secret: "s", React: func(http.ResponseWriter, *http.Request, smsgateway.Message) bool {
			if first.CompareAndSwap(false, true) {
				panic(http.ErrAbortHandler) // the connection breaks after the message was stored
			}
			return false
		}}).Start(t)
		g := gateway(t, server.URL(), secretFile(t, "s"))
		if got := g.Deliver(t.Context(), []notify.Message{message("hello")})[0]; got.Outcome != notify.Retry || got.Err == nil {
			t.Fatalf("got %+v", got)
		}
		if got := g.Deliver(t.Context(), []notify.Message{message("hello")})[0]; got.Outcome != notify.Accepted {
			t.Errorf("got %+v", got)
		}
		if got := len(server.Messages()); got != 1 {
			t.Errorf("the phone got %d messages", got)
		}
	})
	t.Run("a gateway that hangs is left after the timeout", func(t *testing.T) {
		t.Parallel()
		server := (&smsgateway.Server{Secret: "s", React: func(_ http.ResponseWriter, r *http.Request, _ smsgateway.Message) bool {
			<-r.Context().Done()
			return true
		}}).Start(t)
		if got := gateway(t, server.URL(), secretFile(t, "s")).Deliver(t.Context(), []notify.Message{message("hello")})[0]; got.Outcome != notify.Retry {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("an endless answer does no harm", func(t *testing.T) {
		t.Parallel()
		server := (&smsgateway.Server{Secret: "s", React: func(w http.ResponseWriter, _ *http.Request, _ smsgateway.Message) bool {
			for range 100 {
				_, _ = w.Write(make([]byte, 64<<10)) // the client goes away
			}
			return true
		}}).Start(t)
		if got := gateway(t, server.URL(), secretFile(t, "s")).Deliver(t.Context(), []notify.Message{message("hello")})[0]; got.Outcome != notify.Accepted || got.ProviderID != "" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("an id that is no id is not kept", func(t *testing.T) {
		t.Parallel()
		server := (&smsgateway.Server{Secret: "s", React: func(w http.ResponseWriter, _ *http.Request, _ smsgateway.Message) bool {
			_, _ = w.Write([]byte(`{"id":"a b\u0000"}`))
			return true
		}}).Start(t)
		if got := gateway(t, server.URL(), secretFile(t, "s")).Deliver(t.Context(), []notify.Message{message("hello")})[0]; got.Outcome != notify.Accepted || got.ProviderID != "" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a new secret needs no restart", func(t *testing.T) {
		t.Parallel()
		server := (&smsgateway.Server{Secret: "new"}).Start(t)
		file := secretFile(t, "old")
		g := gateway(t, server.URL(), file)
		if got := g.Deliver(t.Context(), []notify.Message{message("hello")})[0]; got.Outcome != notify.Retry {
			t.Fatalf("got %+v", got)
		}
		if err := os.WriteFile(file, []byte("new"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := g.Deliver(t.Context(), []notify.Message{message("hello")})[0]; got.Outcome != notify.Accepted {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a cancelled batch comes back whole", func(t *testing.T) {
		t.Parallel()
		server := (&smsgateway.Server{Secret: "s"}).Start(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, got := range gateway(t, server.URL(), secretFile(t, "s")).Deliver(ctx, []notify.Message{message("hello"), message("hello")}) {
			if got.Outcome != notify.Retry {
				t.Errorf("got %+v", got)
			}
		}
	})
}

func TestGatewaySettings(t *testing.T) {
	t.Parallel()
	good := secretFile(t, "s")
	for _, c := range []struct{ name, url, file string }{
		{"http to another machine", "http://sms.example/send", good},
		{"no address", "", good},
		{"a password in the address", "https://user:pw@sms.example/send", good},
		{"no secret", "https://sms.example/send", filepath.Join(t.TempDir(), "none")},
		{"an empty secret", "https://sms.example/send", secretFile(t, "")},
		{"a secret that would add a header", "https://sms.example/send", secretFile(t, "a\r\nX: y")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := sms.NewGateway(sms.GatewaySettings{URL: c.url, SecretFile: c.file}, time.Now)
			if err == nil {
				t.Error("it is accepted")
			} else if strings.Contains(err.Error(), "pw") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
	for _, url := range []string{"https://sms.example/send", "http://127.0.0.1:9/send", "http://localhost:9/", "http://[::1]:9/"} {
		if _, err := sms.NewGateway(sms.GatewaySettings{URL: url, SecretFile: good}, time.Now); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
