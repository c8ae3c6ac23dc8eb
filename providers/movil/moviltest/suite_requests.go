package moviltest

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/onetime"
	"clave/providers/movil"

	"github.com/google/go-cmp/cmp"
)

func asked(login broker.LoginID) movil.Request {
	return movil.Request{
		ID: movil.RequestID(onetime.NewID()), Login: login, Way: movil.ByQR, State: movil.Open,
		OpenedAt: dawn(), ExpiresAt: dawn().Add(movil.RequestLifetime),
		Asked: movil.Asked{
			Party: "town", Digits: "042", Secret: []byte("secret"), Level: identity.Substantial, Registration: identity.Advanced,
			From: movil.Place{Address: netip.MustParseAddr("2001:db8::7"), Browser: "Firefox, Windows"},
		},
	}
}

func newLogin() broker.LoginID { return broker.LoginID(onetime.NewID()) }

func (s Stores) keepRequest(t *testing.T, r movil.Request) {
	t.Helper()
	s.tx(t, func(ctx context.Context) error {
		if _, err := s.Requests.RequestOf(ctx, r.Login); err != nil {
			return err
		}
		return s.Requests.KeepRequest(ctx, r)
	})
}

func sameRequest(t *testing.T, got movil.Request, err error, want movil.Request) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); err != nil || diff != "" {
		t.Errorf("%v, want less got:\n%s", err, diff)
	}
}

func noRequest(t *testing.T, s Stores) {
	got, err := s.Requests.RequestOf(t.Context(), newLogin())
	sameRequest(t, got, err, movil.Request{})
	got, err = s.Requests.Request(t.Context(), movil.RequestID(onetime.NewID()))
	sameRequest(t, got, err, movil.Request{})
	got, err = s.Requests.Waiting(t.Context(), someone(), dawn())
	sameRequest(t, got, err, movil.Request{})
}

func keptRequest(t *testing.T, s Stores) {
	r := asked(newLogin())
	s.keepRequest(t, r)
	for range 2 {
		got, err := s.Requests.Request(t.Context(), r.ID)
		sameRequest(t, got, err, r)
		got, err = s.Requests.RequestOf(t.Context(), r.Login)
		sameRequest(t, got, err, r)
		r.State, r.Person, r.Device, r.DecidedAt, r.Asked.Wrong = movil.Approved, someone(), movil.DeviceID(onetime.NewID()), dawn().Add(time.Second), 1
		s.keepRequest(t, r)
	}
}

func laterRequest(t *testing.T, s Stores) {
	first := asked(newLogin())
	s.keepRequest(t, first)
	second := asked(first.Login)
	second.Way, second.Person = movil.ByDocument, someone()
	s.keepRequest(t, second)
	got, err := s.Requests.RequestOf(t.Context(), first.Login)
	sameRequest(t, got, err, second)
	got, err = s.Requests.Request(t.Context(), first.ID)
	sameRequest(t, got, err, movil.Request{})
}

func waitingRequest(t *testing.T, s Stores) {
	r := asked(newLogin())
	r.Person, r.Device = someone(), movil.DeviceID(onetime.NewID())
	for _, state := range []movil.State{movil.Open, movil.Claimed, movil.Approved, movil.Rejected, movil.Disowned, movil.Replaced, movil.Spent} {
		r.State = state
		s.keepRequest(t, r)
		want := movil.Request{}
		if state == movil.Open || state == movil.Claimed {
			want = r
		}
		s.tx(t, func(ctx context.Context) error {
			got, err := s.Requests.Waiting(ctx, r.Person, r.ExpiresAt.Add(-time.Microsecond))
			sameRequest(t, got, err, want)
			return nil
		})
		got, err := s.Requests.Waiting(t.Context(), r.Person, r.ExpiresAt)
		sameRequest(t, got, err, movil.Request{})
	}
}
