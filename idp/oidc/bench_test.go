package oidc_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func BenchmarkAuthorize(b *testing.B) {
	w := newWorld(b)
	address := issuer + "/authorize?" + params("acr_values", "http://eidas.europa.eu/LoA/low").Encode()
	b.ReportAllocs()
	for b.Loop() {
		w.broker.opened = w.broker.opened[:0]
		w.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, address, nil))
	}
}

func BenchmarkToken(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		w.broker.opened = w.broker.opened[:0]
		w.store.Forget()
		code := w.login(params())
		r := httptest.NewRequest(http.MethodPost, issuer+"/token", strings.NewReader(codeForm(code).Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		basic(r)
		recorder := httptest.NewRecorder()
		b.StartTimer()
		w.handler.ServeHTTP(recorder, r)
		if recorder.Code != http.StatusOK {
			b.Fatal(recorder.Body.String())
		}
	}
}

func BenchmarkUserinfo(b *testing.B) {
	w := newWorld(b)
	access := w.tokens(w.redeem(w.login(params()))).AccessToken
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, issuer+"/userinfo", nil)
		r.Header.Set("Authorization", "Bearer "+access)
		recorder := httptest.NewRecorder()
		w.handler.ServeHTTP(recorder, r)
		if recorder.Code != http.StatusOK {
			b.Fatal(recorder.Body.String())
		}
	}
}
