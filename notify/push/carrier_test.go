package push_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"

	"clave/internal/clocktest"
	"clave/keys/keystest"
	"clave/notify"
	"clave/notify/push"
	"clave/test/fakes/pushservice"
)

// world is a sender, a push service and a browser that subscribed.
type world struct {
	clock    *clocktest.Clock
	service  *pushservice.Server
	settings push.Settings
	signers  push.Signers
	to       push.Recipient

	mu        sync.Mutex
	forgotten []string
	broken    error // of the forgetting
}

// ForgetSubscription implements push.Forgetter.
func (w *world) ForgetSubscription(_ context.Context, device, endpoint string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken == nil {
		w.forgotten = append(w.forgotten, device+" "+endpoint)
	}
	return w.broken
}

func newWorld(t *testing.T) *world {
	w := &world{clock: clocktest.Noon(), settings: push.Settings{Contact: "https://clave.example", Loopback: true, Timeout: 5 * time.Second}}
	w.service = (&pushservice.Server{Now: w.clock.Now}).Start(t)
	w.signers = keystest.New(t, w.clock.Now).Push()
	key, err := push.PublicKey(w.signers)
	if err != nil {
		t.Fatal(err)
	}
	w.subscribe(key)
	return w
}

func (w *world) subscribe(key string) {
	s := w.service.Subscribe(key)
	w.to = push.Recipient{Device: "phone", Endpoint: s.Endpoint, P256dh: s.P256dh, Auth: s.Auth}
}

func (w *world) message(t *testing.T) notify.Message {
	t.Helper()
	to, err := json.Marshal(w.to)
	if err != nil {
		t.Fatal(err)
	}
	return notify.Message{
		ID: "m", Kind: notify.Push, Purpose: "movil_request", To: string(to), Body: `{"kind":"request"}`,
		ExpiresAt: w.clock.Now().Add(5 * time.Minute), Urgent: true, Replaces: "movil:phone",
	}
}

func (w *world) send(t *testing.T, messages ...notify.Message) []notify.Result {
	t.Helper()
	carrier, err := push.New(w.settings, w.signers, w, w.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return carrier.Deliver(t.Context(), messages)
}

func TestAPushArrives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	quiet := w.message(t)
	quiet.Urgent, quiet.Replaces, quiet.Body = false, "", `{"kind":"pin"}`
	for i, got := range w.send(t, w.message(t), quiet) {
		if got.Outcome != notify.Accepted || got.Err != nil {
			t.Fatalf("message %d: got %+v; the service said %q", i, got, w.service.Refusals())
		}
	}
	pushes := w.service.Pushes()
	if len(pushes) != 2 {
		t.Fatalf("got %d pushes, want 2", len(pushes))
	}
	for _, p := range pushes {
		urgent := p.Body == `{"kind":"request"}`
		switch {
		case !urgent && p.Body != `{"kind":"pin"}`:
			t.Errorf("the app reads %q", p.Body)
		case p.Bytes != pushes[0].Bytes:
			t.Error("the length tells one kind from another")
		case p.TTL != 300:
			t.Errorf("it lives for %d s, want 300", p.TTL)
		case urgent != (p.Urgency == "high"), urgent != (p.Topic != ""):
			t.Errorf("urgency %q and topic %q of %q", p.Urgency, p.Topic, p.Body)
		case strings.Contains(p.Topic, "movil"):
			t.Error("the topic tells what it is about")
		case p.Contact != "https://clave.example" || !p.Expiry.Equal(w.clock.Now().Add(time.Hour)):
			t.Errorf("it is signed as %q until %s", p.Contact, p.Expiry)
		}
	}
}

func TestAnswersOfThePushService(t *testing.T) {
	t.Parallel()
	answer := func(status int, header ...string) func(*world, *notify.Message) {
		return func(w *world, _ *notify.Message) {
			w.service.React = func(rw http.ResponseWriter, _ *http.Request) bool {
				for i := 0; i+1 < len(header); i += 2 {
					rw.Header().Set(header[i], header[i+1])
				}
				rw.WriteHeader(status)
				return true
			}
		}
	}
	for _, c := range []struct {
		name      string
		change    func(w *world, m *notify.Message)
		want      notify.Outcome
		after     time.Duration
		forgotten bool
	}{
		{"201 is an arrival", answer(201), notify.Accepted, 0, false},
		{"202 too: it asks for receipts that we do not read", answer(202), notify.Accepted, 0, false},
		{"an unknown subscription is forgotten", func(w *world, m *notify.Message) {
			m.To = strings.Replace(m.To, "/push/", "/push/x", 1)
		}, notify.Refused, 0, true},
		{"an ended subscription is forgotten", func(w *world, _ *notify.Message) { w.service.Unsubscribe(w.to.Endpoint) }, notify.Refused, 0, true},
		{"one that cannot be forgotten is tried again", func(w *world, _ *notify.Message) {
			w.service.Unsubscribe(w.to.Endpoint)
			w.broken = errors.New("no database")
		}, notify.Retry, 0, false},
		{"too large is final", answer(413), notify.Refused, 0, false},
		{"too many is tried again when the service says", answer(429, "Retry-After", "7"), notify.Retry, 7 * time.Second, false},
		{"and not after the request is dead", answer(429, "Retry-After", "86400"), notify.Retry, 2 * time.Minute, false},
		{"a date to come back at is understood", answer(503, "Retry-After", "Sat, 21 Nov 2026 12:00:30 GMT"), notify.Retry, 30 * time.Second, false},
		{"an error of theirs is tried again", answer(500), notify.Retry, 0, false},
		{"a redirect is not followed", answer(307, "Location", "http://169.254.169.254/"), notify.Refused, 0, false},
		{"a service that does not answer is given up for now", func(w *world, _ *notify.Message) {
			w.settings.Timeout = 50 * time.Millisecond
			w.service.React = func(_ http.ResponseWriter, r *http.Request) bool {
				_, _ = io.Copy(io.Discard, r.Body) // only then it notices who goes away
				<-r.Context().Done()
				return true
			}
		}, notify.Retry, 0, false},
		{"a subscription for another sender's key is refused", func(w *world, m *notify.Message) {
			w.subscribe("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8")
			to, _ := json.Marshal(w.to) // strings always can be
			m.To = string(to)
		}, notify.Refused, 0, false},
		{"a message that died on the way is not sent", func(w *world, m *notify.Message) { m.ExpiresAt = w.clock.Now() }, notify.TooLate, 0, false},
		{"a body that we never write is refused", func(_ *world, m *notify.Message) { m.Body = strings.Repeat("x", 129) }, notify.Refused, 0, false},
		{"a recipient that is none is refused", func(_ *world, m *notify.Message) { m.To = "+34600111222" }, notify.Refused, 0, false},
		{"an address of this machine is for tests alone", func(w *world, _ *notify.Message) { w.settings.Loopback = false }, notify.Refused, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			m := w.message(t)
			c.change(w, &m)
			got := w.send(t, m)[0]
			if got.Outcome != c.want || got.After != c.after {
				t.Errorf("got %+v, want outcome %d after %s", got, c.want, c.after)
			}
			if (len(w.forgotten) > 0) != c.forgotten {
				t.Errorf("forgotten: %q", w.forgotten)
			}
			if got.Err != nil && (strings.Contains(got.Err.Error(), "127.0.0.1:") || strings.Contains(got.Err.Error(), "/push/")) {
				t.Errorf("the error tells the endpoint: %v", got.Err)
			}
			if len(w.service.Pushes()) > 0 {
				t.Error("something arrived")
			}
		})
	}
}

func TestSubscriptionsThatAttackersMakeUp(t *testing.T) {
	t.Parallel()
	good := newWorld(t).to
	settings := push.Settings{Contact: "mailto:ayuda@clave.example"}
	for _, c := range []struct {
		name   string
		change func(r *push.Recipient)
		good   bool
	}{
		{"Firefox's is taken", func(*push.Recipient) {}, true},
		{"Chrome's is taken", func(r *push.Recipient) { r.Endpoint = "https://fcm.googleapis.com/fcm/send/abc:def" }, true},
		{"Edge's stands below its host", func(r *push.Recipient) { r.Endpoint = "https://db5p.notify.windows.com/w/?token=abc%2f" }, true},
		{"keys may be padded", func(r *push.Recipient) { r.Auth += "=="; r.P256dh += "=" }, true},
		{"another host is refused", func(r *push.Recipient) { r.Endpoint = "https://evil.example/" }, false},
		{"one whose name ends alike is refused", func(r *push.Recipient) { r.Endpoint = "https://evilpush.apple.com.evil.example/" }, false},
		{"a suffix is no suffix within a label", func(r *push.Recipient) { r.Endpoint = "https://evilfcm.googleapis.com/" }, false},
		{"http is refused", func(r *push.Recipient) { r.Endpoint = "http://fcm.googleapis.com/" }, false},
		{"another port is refused", func(r *push.Recipient) { r.Endpoint = "https://fcm.googleapis.com:8443/" }, false},
		{"a user before the host is refused", func(r *push.Recipient) { r.Endpoint = "https://fcm.googleapis.com@evil.example/" }, false},
		{"and before the right one too", func(r *push.Recipient) { r.Endpoint = "https://u:p@fcm.googleapis.com/" }, false},
		{"a number is refused", func(r *push.Recipient) { r.Endpoint = "https://169.254.169.254/latest/" }, false},
		{"this machine is refused", func(r *push.Recipient) { r.Endpoint = "http://127.0.0.1:9090/" }, false},
		{"another scheme is refused", func(r *push.Recipient) { r.Endpoint = "file:///etc/passwd" }, false},
		{"an address without end is refused", func(r *push.Recipient) { r.Endpoint += strings.Repeat("a", 1100) }, false},
		{"nothing is refused", func(r *push.Recipient) { *r = push.Recipient{} }, false},
		{"a point that is not on the curve is refused", func(r *push.Recipient) { r.P256dh = "BA" + strings.Repeat("A", 85) }, false},
		{"a short secret is refused", func(r *push.Recipient) { r.Auth = "AAAA" }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := good
			r.Endpoint = "https://updates.push.services.mozilla.com/wpush/v2/abc"
			c.change(&r)
			if err := settings.Check(r); (err == nil) != c.good || err != nil && !errors.Is(err, push.ErrRecipient) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSettingsThatCannotWorkAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := push.New(push.Settings{Services: []string{"push.example", "*.example", "com", "127.0.0.1"}, Contact: "somebody", Parallel: -1}, nil, nil, nil)
	if err == nil {
		t.Fatal("they are taken")
	}
	for _, want := range []string{"services[1]", "services[2]", "services[3]", "contact", "parallel"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "services[0]") {
		t.Errorf("%v names what is right", err)
	}
}

// TestTheServiceTakesAnotherSender holds the fake service against somebody else's
// reading of the standards.
func TestTheServiceTakesAnotherSender(t *testing.T) {
	t.Parallel()
	service := (&pushservice.Server{}).Start(t)
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		t.Fatal(err)
	}
	s := service.Subscribe(public)
	answer, err := webpush.SendNotificationWithContext(t.Context(), []byte("hello"), &webpush.Subscription{
		Endpoint: s.Endpoint, Keys: webpush.Keys{Auth: s.Auth, P256dh: s.P256dh},
	}, &webpush.Options{HTTPClient: http.DefaultClient, Subscriber: "ayuda@clave.example", VAPIDPublicKey: public, VAPIDPrivateKey: private, TTL: 60, RecordSize: 2048})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if pushes := service.Pushes(); answer.StatusCode != http.StatusCreated || len(pushes) != 1 || pushes[0].Body != "hello" {
		t.Errorf("got %d, %q and %d pushes", answer.StatusCode, service.Refusals(), len(pushes))
	}
}
