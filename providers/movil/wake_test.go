package movil_test

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"clave/notify"
	"clave/notify/push"
	"clave/providers/movil"
	"clave/providers/movil/moviltest"

	"github.com/google/go-cmp/cmp"
)

// subscription is what a browser would give us.
func subscription(t *testing.T, endpoint string) *movil.Subscription {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &movil.Subscription{
		Endpoint: endpoint, P256dh: base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), Auth: strings.Repeat("A", 22),
	}
}

const service = "https://updates.push.services.mozilla.com/wpush/v2/abc"

func TestWhoIsWoken(t *testing.T) {
	t.Parallel()
	w, _ := moviltest.New(t)
	first, second := w.Owned(t, moviltest.Advanced), w.Give(t, moviltest.Advanced, moviltest.Phone())
	other := w.Owned(t, moviltest.Second)
	for i, d := range []movil.Device{first.Device, other.Device} {
		if err := w.Subscribe(t.Context(), d, subscription(t, service+string(rune('0'+i)))); err != nil {
			t.Fatal(err)
		}
	}
	before := len(w.Outbox.Messages())
	until := w.Clock.Now().Add(time.Minute)
	err := w.Broker().Tx(t.Context(), func(ctx context.Context) error { return w.Wake(ctx, first.Person, "town", until) })
	if err != nil {
		t.Fatal(err)
	}
	sent := w.Outbox.Messages()[before:]
	if len(sent) != 1 {
		t.Fatalf("got %d pushes, want one: %s takes none, and the other's is not theirs", len(sent), second.Device.ID)
	}
	want := notify.Message{
		Kind: notify.Push, Purpose: "movil_pin", To: sent[0].To, Body: `{"kind":"pin"}`, Language: "en",
		ExpiresAt: until, Urgent: true, Replaces: "movil:pin:" + string(first.Device.ID), RelyingParty: "town",
	}
	if diff := cmp.Diff(want, sent[0]); diff != "" {
		t.Errorf("want less got:\n%s", diff)
	}
	var to push.Recipient
	if err := json.Unmarshal([]byte(sent[0].To), &to); err != nil || to.Device != string(first.Device.ID) || to.Endpoint != service+"0" {
		t.Errorf("it goes to %+v, %v", to, err)
	}
}

func TestWhoGetsPINsInTheApp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(t *testing.T, w *moviltest.World)
		want bool
	}{
		{"who has no device gets an SMS", func(*testing.T, *moviltest.World) {}, false},
		{"who activated one gets them there", func(t *testing.T, w *moviltest.World) { w.Owned(t, moviltest.Advanced) }, true},
		{"another's device counts nothing", func(t *testing.T, w *moviltest.World) { w.Owned(t, moviltest.Second) }, false},
		{"one that was not opened for long does not count", func(t *testing.T, w *moviltest.World) {
			w.Owned(t, moviltest.Advanced)
			w.Pass(91 * 24 * time.Hour)
		}, false},
		{"but where it is woken it does", func(t *testing.T, w *moviltest.World) {
			if err := w.Subscribe(t.Context(), w.Owned(t, moviltest.Advanced).Device, subscription(t, service)); err != nil {
				t.Fatal(err)
			}
			w.Pass(91 * 24 * time.Hour)
		}, true},
		{"until it lapses", func(t *testing.T, w *moviltest.World) {
			if err := w.Subscribe(t.Context(), w.Owned(t, moviltest.Advanced).Device, subscription(t, service)); err != nil {
				t.Fatal(err)
			}
			w.Pass(3 * 365 * 24 * time.Hour)
		}, false},
		{"one that was removed does not count", func(t *testing.T, w *moviltest.World) {
			d := w.Owned(t, moviltest.Advanced).Device
			if err := w.Forget(t.Context(), d.Person, d.ID); err != nil {
				t.Fatal(err)
			}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, _ := moviltest.New(t)
			c.do(t, w)
			if got, err := w.Active(t.Context(), w.Person(moviltest.Advanced)); got != c.want || err != nil {
				t.Errorf("got %t, %v; want %t", got, err, c.want)
			}
		})
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	w, _ := moviltest.New(t)
	d := w.Owned(t, moviltest.Advanced).Device
	endpoint := func() string {
		t.Helper()
		held, err := w.DevicesOf(t.Context(), d.Person)
		if err != nil || len(held) != 1 {
			t.Fatalf("got %d devices, %v", len(held), err)
		}
		if held[0].Push == nil {
			return ""
		}
		return held[0].Push.Endpoint
	}
	var denied *movil.Denied
	for _, inside := range []string{"http://127.0.0.1:9090/metrics", "https://169.254.169.254/", "https://evil.example/"} {
		if err := w.Subscribe(t.Context(), d, subscription(t, inside)); !errors.As(err, &denied) || denied.Cause != movil.NoProof {
			t.Errorf("%s: got %v, want it refused", inside, err)
		}
	}
	if err := w.Subscribe(t.Context(), d, subscription(t, service)); err != nil || endpoint() != service {
		t.Fatalf("got %v and %q", err, endpoint())
	}
	if err := w.ForgetSubscription(t.Context(), string(d.ID), service+"-old"); err != nil || endpoint() != service {
		t.Errorf("the end of an older one took the new one away: %v, %q", err, endpoint())
	}
	if err := w.ForgetSubscription(t.Context(), "unknown", service); err != nil || endpoint() != service {
		t.Errorf("an unknown device's took it away: %v, %q", err, endpoint())
	}
	if err := w.ForgetSubscription(t.Context(), string(d.ID), service); err != nil || endpoint() != "" {
		t.Errorf("it is still there: %v, %q", err, endpoint())
	}
	w.Pushes = nil
	if err := w.Subscribe(t.Context(), d, subscription(t, service)); !errors.As(err, &denied) {
		t.Errorf("where nothing is pushed: got %v, want it refused", err)
	}
}
