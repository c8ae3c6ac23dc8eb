package inbound_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"clave/internal/clocktest"
	"clave/internal/inbound"
	"clave/internal/saml2"
)

// memory keeps in memory what may be used once.
type memory struct {
	spentUntil time.Time
	spent      map[string]bool
	kept       map[string][]byte
	until      map[string]time.Time
}

func newMemory() *memory {
	return &memory{spent: map[string]bool{}, kept: map[string][]byte{}, until: map[string]time.Time{}}
}

func (m *memory) SpendRequest(_ context.Context, hash []byte, expires time.Time) error {
	m.spentUntil = expires
	if m.spent[string(hash)] {
		return inbound.ErrSeen
	}
	m.spent[string(hash)] = true
	return nil
}

func (m *memory) KeepPosted(_ context.Context, hash, request []byte, expires time.Time) error {
	m.kept[string(hash)], m.until[string(hash)] = request, expires
	return nil
}

func (m *memory) TakePosted(_ context.Context, hash []byte, now time.Time) ([]byte, error) {
	request, ok := m.kept[string(hash)]
	if !ok || !now.Before(m.until[string(hash)]) {
		return nil, inbound.ErrGone
	}
	delete(m.kept, string(hash))
	return request, nil
}

func TestAPostedRequestIsGoneOnWithOnce(t *testing.T) {
	t.Parallel()
	clock := clocktest.Noon()
	way := inbound.Way{Store: newMemory(), Path: "/here/resume", Now: clock.Now}
	later := func() string {
		t.Helper()
		w := httptest.NewRecorder()
		if err := way.Later(w, httptest.NewRequest(http.MethodPost, "/here", nil), map[string]string{"asked": "this"}); err != nil {
			t.Fatal(err)
		}
		return w.Result().Header.Get("Location")
	}
	take := func(way inbound.Way, address string) (string, error) {
		var got map[string]string
		err := way.Take(httptest.NewRequest(http.MethodGet, address, nil), &got)
		return got["asked"], err
	}
	address := later()
	elsewhere := way
	elsewhere.Path = "/there/resume"
	if _, err := take(elsewhere, address); !errors.Is(err, inbound.ErrGone) {
		t.Errorf("the handle of another path: %v", err)
	}
	if got, err := take(way, address); err != nil || got != "this" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := take(way, address); !errors.Is(err, inbound.ErrGone) {
		t.Errorf("a spent handle: %v", err)
	}
	address = later()
	clock.Pass(inbound.Lifetime)
	if _, err := take(way, address); !errors.Is(err, inbound.ErrGone) {
		t.Errorf("an expired handle: %v", err)
	}
	for _, address := range []string{"/here/resume", "/here/resume?handle=", "/here/resume?handle=%zz", "/here/resume?handle=" + strings.Repeat("a", 201)} {
		if _, err := take(way, address); !errors.Is(err, inbound.ErrGone) {
			t.Errorf("%.40s: %v", address, err)
		}
	}
}

func TestAMessageIsSpentOnceForItsService(t *testing.T) {
	t.Parallel()
	store, expires := newMemory(), clocktest.Noon().Now()
	spend := func(what, service, id string) error {
		return inbound.Spend(t.Context(), store, what, service, id, expires)
	}
	if err := spend("saml request", "town", "_1"); err != nil {
		t.Fatal(err)
	}
	if err := spend("saml request", "town", "_1"); !errors.Is(err, inbound.ErrSeen) {
		t.Errorf("the same again: %v", err)
	}
	for _, other := range [][3]string{{"saml request", "town", "_2"}, {"saml request", "tax", "_1"}, {"dialect request", "town", "_1"}} {
		if err := spend(other[0], other[1], other[2]); err != nil {
			t.Errorf("%v: %v", other, err)
		}
	}
	if behind := expires.Add(30 * time.Second); !behind.Before(store.spentUntil) {
		t.Error("a node whose clock is behind takes what another has forgotten")
	}
}

func TestParametersStandInTheFormAlone(t *testing.T) {
	t.Parallel()
	message := saml2.PostValue([]byte(`<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1"/>`))
	post := func(address string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(url.Values{saml2.FieldRequest: {message}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	if in, err := inbound.Form(post("/here"), saml2.FieldRequest); err != nil || in.Claims().ID != "_1" {
		t.Errorf("got %v", err)
	}
	if _, err := inbound.Form(post("/here?RelayState=x"), saml2.FieldRequest); err == nil {
		t.Error("parameters in both places were taken")
	}
	if _, err := inbound.Form(post("/here?%zz"), saml2.FieldRequest); err == nil {
		t.Error("a query that is none was taken")
	}
}
