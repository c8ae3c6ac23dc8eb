package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/store"
	"clave/store/storetest"
)

const townFile = `
- id: demo-town
  name: {es: Ayuntamiento de Ejemplo}
  organisation: {nif: P2807900B}
  oidc:
    - client_id: demo-town-web
      token_endpoint_auth_method: none
      id_token_signed_response_alg: EdDSA
      redirect_uris: [https://town.example/callback]
`

func apply(t *testing.T, at place, dryRun bool, texts ...string) (string, error) {
	t.Helper()
	var files []string
	for i, text := range texts {
		files = append(files, write(t, fmt.Sprintf("town%d.yaml", i), text))
	}
	var out bytes.Buffer
	err := (&rpApplyCommand{place: at, Files: files, DryRun: dryRun}).Run(t.Context(), &out)
	return out.String(), err
}

func TestRelyingPartiesFromRegistrationToRemoval(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		ctx := t.Context()
		list := func() string {
			return said(t, func(out *bytes.Buffer) error { return (&rpListCommand{at}).Run(ctx, out) })
		}
		told, err := apply(t, at, true, townFile)
		if err != nil || !strings.HasPrefix(told, "+ demo-town (new)\n") || !strings.HasSuffix(told, "this was a dry run\n") {
			t.Errorf("got %v, %s", err, told)
		}
		if got := list(); strings.Contains(got, "demo-town") {
			t.Errorf("a dry run changed the register: %s", got)
		}

		told, err = apply(t, at, false, townFile)
		if err != nil || !strings.HasSuffix(told, "applied; the register is at revision 1\n") {
			t.Errorf("got %v, %s", err, told)
		}
		if told, err = apply(t, at, false, townFile); err != nil || told != "nothing changes\n" {
			t.Errorf("got %v, %s", err, told)
		}
		if got := list(); !strings.Contains(got, "demo-town  P2807900B  demo-town  low") {
			t.Errorf("got %s", got)
		}
		if keys := said(t, func(out *bytes.Buffer) error { return (&keysListCommand{at}).Run(ctx, out) }); !regexp.MustCompile(`oidc +EdDSA`).MatchString(keys) {
			t.Errorf("the client's algorithm has no key: %s", keys)
		}

		shown := said(t, func(out *bytes.Buffer) error { return (&rpShowCommand{at, "demo-town"}).Run(ctx, out) })
		if told, err = apply(t, at, false, shown); err != nil || told != "nothing changes\n" {
			t.Errorf("what is shown changes something when applied: %v, %s", err, told)
		}
		wants(t, (&rpShowCommand{at, "other"}).Run(ctx, &bytes.Buffer{}), "no relying party has that id")

		wants(t, (&rpRemoveCommand{place: at, ID: "demo-town"}).Run(ctx, &bytes.Buffer{}), "add --yes")
		if got := list(); !strings.Contains(got, "demo-town") {
			t.Error("it was removed without --yes")
		}
		said(t, func(out *bytes.Buffer) error {
			return (&rpRemoveCommand{place: at, ID: "demo-town", Yes: true}).Run(ctx, out)
		})
		if got := list(); strings.Contains(got, "demo-town") {
			t.Error("it is still there")
		}
		_, err = apply(t, at, false, strings.Replace(townFile, "  oidc:", "  sector: other\n  oidc:", 1))
		wants(t, err, `was "demo-town" and cannot change`)

		trail := said(t, func(out *bytes.Buffer) error {
			now := time.Now()
			return (&auditExportCommand{place: at, From: now.AddDate(0, 0, -1), To: now.AddDate(0, 0, 1)}).Run(ctx, out)
		})
		for _, did := range []string{"added", "removed"} {
			if !strings.Contains(trail, `"relying_party":"demo-town","data":{"change":"`+did+`"}`) || !strings.Contains(trail, `"actor":"operator:`) {
				t.Errorf("the audit trail lacks %q: %s", did, trail)
			}
		}
	})
}

func TestAMistakeInOneFileChangesNothing(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		bad := strings.NewReplacer("demo-town", "other", "https", "http").Replace(townFile)
		_, err := apply(t, at, false, townFile, bad)
		wants(t, err, "is http, so that anybody on the way reads citizens' codes; use https")
		if told, err := apply(t, at, true, townFile); err != nil || !strings.HasPrefix(told, "+ demo-town") {
			t.Errorf("half of it was applied: %v, %s", err, told)
		}
	})
}

func TestSimultaneousRegistrationsAllSucceed(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		const operators = 6
		if _, err := apply(t, at, false, townFile); err != nil { // makes keys and tables
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range operators {
			all.Go(func() {
				if _, err := apply(t, at, false, strings.ReplaceAll(townFile, "demo-town", fmt.Sprint("town-", i))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got := said(t, func(out *bytes.Buffer) error { return (&rpListCommand{at}).Run(t.Context(), out) })
		if n := strings.Count(got, "town-"); n < operators {
			t.Errorf("%d of %d are there: %s", n, operators, got)
		}
	})
}

func TestLoopbackRedirectsAreForTheSandboxOnly(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		loopback := strings.Replace(townFile, "https://town.example", "http://127.0.0.1:9999", 1)
		_, err := apply(t, at, false, loopback)
		wants(t, err, "allowed in the sandbox only")
		db := storetest.Open(t, at.Database)
		if err := db.Dedicate(t.Context(), store.Sandbox); err != nil {
			t.Fatal(err)
		}
		if _, err := apply(t, at, false, loopback); err != nil {
			t.Error(err)
		}
	})
}
