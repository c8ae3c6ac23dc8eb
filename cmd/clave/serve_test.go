package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/conf"
	"clave/idp/oidc"
	"clave/keys"
	"clave/store"
	"clave/store/storetest"
)

// settingsFile writes the settings of a small installation.
func settingsFile(t *testing.T, edit ...string) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := keys.CreateMasterFile(filepath.Join(dir, "master.key")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(append(edit, "DIR", dir)...).Replace(`
server: {issuer: "https://clave.example", listen: "127.0.0.1:0", drain_delay: 0s}
operations: {listen: "127.0.0.1:0"}
database: {url: "sqlite://DIR/clave.db"}
keys: {master_file: DIR/master.key}
page: {responsible: Ayuntamiento de Ejemplo}
sms: {carrier: gateway, gateway: {url: "https://sms.example/send", secret_file: DIR/secret}}
`)
	file := filepath.Join(dir, "clave.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// serving starts a node and tells its addresses, which it logs.
func serving(t *testing.T, file string) (citizens, operators string) {
	t.Helper()
	read, write := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() {
		err := (&serveCommand{file}).Run(ctx, write)
		_ = write.CloseWithError(fmt.Errorf("it ended: %w", err)) // never fails
		stopped <- err
	}()
	lines := bufio.NewScanner(read)
	for citizens == "" && lines.Scan() {
		var line struct{ Msg, Listen string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		switch line.Msg {
		case "serving":
			citizens = line.Listen
		case "answering operators":
			operators = line.Listen
		}
	}
	if citizens == "" {
		t.Fatal(lines.Err())
	}
	go func() { _, _ = io.Copy(io.Discard, read) }() // ends with the node
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
	return citizens, operators
}

func get(t *testing.T, address, host string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestServe(t *testing.T) {
	t.Parallel()
	citizens, operators := serving(t, settingsFile(t))

	response, body := get(t, citizens+"/.well-known/openid-configuration", "clave.example")
	if response.StatusCode != http.StatusOK || !strings.Contains(body, `"issuer":"https://clave.example"`) {
		t.Errorf("got %d, %s", response.StatusCode, body)
	}
	if response.Header.Get("Strict-Transport-Security") == "" {
		t.Error("browsers are not told to come by https only")
	}
	if response, _ := get(t, citizens+"/", "evil.example"); response.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another host: got %d", response.StatusCode)
	}
	for _, path := range []string{"/dev/inbox.json", "/dev/citizens.json", "/metrics", "/readyz", "/healthz"} {
		if response, _ := get(t, citizens+path, "clave.example"); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s is open to citizens: got %d", path, response.StatusCode)
		}
	}
	if response, body := get(t, operators+"/readyz", ""); response.StatusCode != http.StatusOK {
		t.Errorf("got %d, %s", response.StatusCode, body)
	}
}

func TestServeByTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certificate, key := filepath.Join(dir, "tls.pem"), filepath.Join(dir, "tls.key")
	authority := selfSigned(t, certificate, key, "clave.example")
	citizens, _ := serving(t, settingsFile(t, "drain_delay: 0s", "drain_delay: 0s, certificate: "+certificate+", private_key: "+key))
	client := &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: authority, ServerName: "clave.example"},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, citizens)
		},
	}}
	response, err := client.Get("https://clave.example/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ProtoMajor != 2 {
		t.Errorf("got %d by HTTP/%d", response.StatusCode, response.ProtoMajor)
	}
	client.CloseIdleConnections()
	plain, err := http.Get("http://" + citizens)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Body.Close()
	if plain.StatusCode != http.StatusBadRequest {
		t.Errorf("plain http got %d", plain.StatusCode)
	}
}

func TestWhoSetsNoLifetimesGetsTheSameAsTheSandbox(t *testing.T) {
	t.Parallel()
	settings, err := conf.Load(settingsFile(t), os.Getenv, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	built, err := (&service{conf: settings, log: slog.New(slog.DiscardHandler)}).settings()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := built.Login, broker.DefaultLifetimes(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := built.Tokens, oidc.DefaultLifetimes(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := built.AuditKeep, 1827*24*time.Hour; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestServeRefusesAnIssuerByHTTP(t *testing.T) {
	t.Parallel()
	file := settingsFile(t, "https://clave.example", "http://clave.example")
	wants(t, (&serveCommand{file}).Run(t.Context(), io.Discard), "server.issuer: is http")
}

func TestServeRefusesTheSandboxsDatabase(t *testing.T) {
	t.Parallel()
	file := settingsFile(t)
	db := storetest.Open(t, "sqlite://"+filepath.Join(filepath.Dir(file), "clave.db"))
	if err := db.Dedicate(t.Context(), store.Sandbox); err != nil {
		t.Fatal(err)
	}
	wants(t, (&serveCommand{file}).Run(t.Context(), io.Discard), "this database belongs to `clave dev`")
}

func TestCheckTellsAllMistakes(t *testing.T) {
	t.Parallel()
	said(t, func(out *bytes.Buffer) error { return (&checkCommand{settingsFile(t)}).Run(out) })
	err := (&checkCommand{settingsFile(t, "https://clave.example", "http://clave.example", "carrier", "carier", "responsible", "owner")}).Run(io.Discard)
	wants(t, err, "clave.yaml:2: server.issuer: is http")
	wants(t, err, `clave.yaml:6: page: unknown field "owner"`)
	wants(t, err, `clave.yaml:7: sms: unknown field "carier"; did you mean "carrier"?`)
}

func TestConfigExampleIsWhatTheDocumentationShows(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("../../docs/config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if got := said(t, func(out *bytes.Buffer) error { return configExampleCommand{}.Run(out) }); got != string(want) {
		t.Error("they differ")
	}
}

func TestTheSandboxListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:8080", ":8080", "192.0.2.1:8080", "[::]:8080", "clave.example:8080", "8080"} {
		c := devCommand{Listen: address, Data: t.TempDir()}
		if err := c.Run(t.Context(), slog.New(slog.DiscardHandler), io.Discard); err == nil {
			t.Errorf("%s: it listened", address)
		}
	}
}
