package oidc_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"clave/idp/oidc"
	"clave/web/route"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file that others rely on.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

func indented(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDiscoveryGolden(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *oidc.Config) {
		c.Documentation, c.Policy, c.Terms = issuer+"/docs", issuer+"/legal", issuer+"/legal#terms"
	})
	got := w.get("/.well-known/openid-configuration", nil)
	if got.StatusCode != http.StatusOK || got.Header.Get("Cache-Control") != "public, max-age=3600" || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
	golden(t, "testdata/discovery.json", indented(t, readAll(t, got)))
}

func TestKeySetGolden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.get("/jwks.json", nil)
	if got.Header.Get("Cache-Control") != "public, max-age=3600" {
		t.Errorf("%v", got.Header)
	}
	body := readAll(t, got)
	golden(t, "testdata/jwks.json", indented(t, body))
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(body), &set); err != nil {
		t.Fatal(err)
	}
	for _, key := range set.Keys {
		if !key.IsPublic() || !key.Valid() || key.Use != "sig" || key.Algorithm == "" || key.KeyID == "" {
			t.Errorf("key %s is not fit to be published", key.KeyID)
		}
	}
	if strings.Contains(body, `"d"`) {
		t.Error("a private key is published")
	}
}

func TestRoutesGolden(t *testing.T) {
	t.Parallel()
	golden(t, "testdata/routes.txt", []byte(route.List(newWorld(t).front.Routes())))
}

// TestEveryEndpointOfDiscoveryIsThere: nothing is announced that answers 404.
func TestEveryEndpointOfDiscoveryIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var said map[string]any
	if err := json.Unmarshal([]byte(readAll(t, w.get("/.well-known/openid-configuration", nil))), &said); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for name, value := range said {
		address, ok := value.(string)
		if !ok || !strings.HasSuffix(name, "_endpoint") && name != "jwks_uri" {
			continue
		}
		checked++
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if got := w.do(httptest.NewRequest(method, address, nil)); got.StatusCode == http.StatusNotFound {
				t.Errorf("%s: %s %s is not there", name, method, address)
			}
		}
	}
	if checked != 7 {
		t.Errorf("%d endpoints are announced", checked)
	}
}

func TestTheIssuerIsAnOrigin(t *testing.T) {
	t.Parallel()
	c := newWorld(t).front.Config
	for _, bad := range []string{"", "clave.example", "https://clave.example/", "https://clave.example/oidc", "http://clave.example", "https://u@clave.example", "https://clave.example?x", "https://clave.example#", "ftp://clave.example"} {
		c.Issuer = bad
		if _, err := oidc.New(c); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
	c.Issuer, c.Sandbox = "http://localhost:8080", true
	if _, err := oidc.New(c); err != nil {
		t.Error(err)
	}
}
