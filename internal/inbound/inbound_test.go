package inbound_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"clave/internal/clocktest"
	"clave/internal/inbound"
	"clave/internal/inbound/inboundtest"
	"clave/internal/saml2"
)

func TestAPostedRequestIsGoneOnWithOnce(t *testing.T) {
	t.Parallel()
	clock := clocktest.Noon()
	way := inbound.Way{Store: inboundtest.NewMemory(), Path: "/here/resume", Now: clock.Now}
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
	store, expires := inboundtest.NewMemory(), clocktest.Noon().Now()
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
	for _, until := range store.Spent() {
		if behind := expires.Add(30 * time.Second); !behind.Before(until) {
			t.Error("a node whose clock is behind takes what another has forgotten")
		}
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
