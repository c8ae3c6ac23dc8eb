package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"clave/internal/metrics"
	"clave/internal/throttle"
	"clave/keys"
	"clave/notify"
	"clave/providers/permanente/password"
	"clave/sandbox"
	"clave/sandbox/sample"
	"clave/store/storetest"
	"clave/web/route"

	gocmp "github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite test/routes.golden")

// goldenHead says what the file is.
const goldenHead = `# Every address of the product and who may call it: "both" are served by clave serve
# and clave dev, "mutual" by both on the host of the certificates, "operations" by
# serve on a listener of their own, "samples" by dev under another host. Rewritten by: go test ./cmd/clave -run TestRoutes -update
`

func TestRoutesAreThoseThatWereReviewed(t *testing.T) {
	t.Parallel()
	served, tried := product(t, false), product(t, true)
	got := []byte(goldenHead)
	list := func(where string, routes []route.Route) {
		slices.SortFunc(routes, func(a, b route.Route) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
		})
		for _, r := range routes {
			got = fmt.Appendf(got, "%-10s %-7s %-33s %s\n", where, r.Method, r.Path, r.Access)
		}
	}
	list("both", served.routes)
	list("mutual", served.certificate.HostRoutes())
	list("serve", served.home())
	list("operations", served.operations())
	list("dev", tried.sandboxRoutes(nil, &sandbox.Certificates{}, "8080"))
	samples, err := sample.Open(sample.Settings{Issuer: "http://localhost:8080", Home: "http://127.0.0.1:8080", Data: t.TempDir(), Log: tried.Log, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	list("samples", samples.Routes())
	if len(served.routes) != len(tried.routes) {
		t.Errorf("serve has %d routes, dev %d beside its own", len(served.routes), len(tried.routes))
	}
	golden := filepath.Join("..", "..", "test", "routes.golden")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("routes changed; review them and run with -update:\n%s", gocmp.Diff(string(got), string(want)))
	}
}

// product is an installation without a node around it.
func product(t *testing.T, inSandbox bool) *installation {
	t.Helper()
	master, err := keys.CreateMasterFile(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	s := settings{
		Issuer: "https://clave.example", DatabaseURL: storetest.SQLiteURL(t), Master: master, Frame: sandboxFrame(slog.Default()),
		Rate: throttle.Rate{PerSecond: 1, Burst: 1}, Metrics: metrics.New(version()), Log: slog.Default(), Now: time.Now,
		Certificates: &certificates{Host: "https://certificado.clave.example"}, Letters: &letters{}, Permanente: &password.QueueOptions{}, Movil: &movilSettings{},
		Carriers: map[notify.Kind]notify.Carrier{notify.Mail: &sandbox.Inbox{}},
	}
	if inSandbox {
		s.Issuer, s.Sandbox, s.Handsfree = "http://localhost:8080", true, sandbox.HandsfreePath
	}
	in, err := assemble(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.db.Close)
	return in
}
