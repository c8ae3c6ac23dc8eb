package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clave/census"
	"clave/census/invitation"
	"clave/identity"
	"clave/notify/letter"
	"clave/store"
	"clave/web/lang"
)

// posting is an installation whose letters the print house has.
type posting struct {
	t       *testing.T
	at      place
	spool   string
	courier *letter.Courier
	service *invitation.Invitations
}

func newPosting(t *testing.T, at place) *posting {
	t.Helper()
	ctx := t.Context()
	a, err := at.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	p := &posting{t: t, at: at, spool: t.TempDir(), service: a.invitations()}
	spool, err := letter.OpenSpool(p.spool)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	p.courier = &letter.Courier{
		Batches: store.NewLetters(a.db, a.keys.Columns()), House: spool, Most: 10, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Renderer: letter.NewRenderer(texts, letter.Settings{Name: "Cl@ve", Sender: []string{"Ayuntamiento"}, Redeem: "https://clave.example/register/letter", Zone: time.UTC}),
	}
	return p
}

// request asks for a letter and hands it over.
func (p *posting) request(typed string) (number string) {
	p.t.Helper()
	document, err := identity.ParseDocument(typed)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.service.Request(p.t.Context(), document, "es"); err != nil {
		p.t.Fatal(err)
	}
	if err := p.courier.Round(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(p.spool, "*", "*.pdf"))
	if err != nil || len(files) != 1 {
		p.t.Fatalf("got %v, %v; want one letter", files, err)
	}
	number = strings.TrimSuffix(filepath.Base(files[0]), ".pdf")
	if err := os.RemoveAll(filepath.Dir(files[0])); err != nil {
		p.t.Fatal(err)
	}
	return number
}

func TestReturnedMailVoidsCodes(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		imports(t, at, write(t, "people.csv", strings.TrimSpace(census.Header())+"\n"+rowOne+rowTwo))
		p := newPosting(t, at)
		first, second := p.request("12345678Z"), p.request("99999999R")
		list := func(want ...string) {
			t.Helper()
			got := said(t, func(out *bytes.Buffer) error { return (&lettersListCommand{at}).Run(t.Context(), out) })
			for _, line := range want {
				if !strings.Contains(got, line) {
					t.Errorf("the list lacks %q: %s", line, got)
				}
			}
		}
		list("handed_over  2", "returned     0", "queued       0")

		returned := func(text string) (string, error) {
			var out bytes.Buffer
			err := (&lettersReturnedCommand{at, write(t, "returned.csv", text)}).Run(t.Context(), &out)
			return out.String(), err
		}
		unknown, wrong := letter.NewNumber(), []byte(first)
		wrong[0] = '0' + (wrong[0]-'0'+1)%10
		got, err := returned("letter,why\n" + first[:4] + "-" + first[4:] + ",moved away\n\n" + unknown + "\n" + string(wrong) + "\n")
		var status exitStatus
		if !errors.As(err, &status) || status.ExitCode() != someRejected {
			t.Errorf("got %v, want exit status %d", err, someRejected)
		}
		if want := "line 4: no letter that was handed over, or taken back before\nline 5: not the number of a letter\ntaken back 1, not known 2\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got, err := returned(`"` + second + `";"unknown"` + "\n"); err != nil || got != "taken back 1, not known 0\n" {
			t.Errorf("got %q, %v", got, err)
		}
		list("handed_over  0", "returned     2")
		if _, err := returned(first); err == nil {
			t.Error("a letter was taken back twice")
		}
		trail := said(t, func(out *bytes.Buffer) error {
			now := time.Now()
			return (&auditExportCommand{place: at, From: now.AddDate(0, 0, -1), To: now.AddDate(0, 0, 1)}).Run(t.Context(), out)
		})
		if strings.Count(trail, `"letter":"`+first+`","voided":true`) != 1 || !strings.Contains(trail, `"actor":"operator:`) {
			t.Errorf("the audit trail says %s", trail)
		}
	})
}

func TestTheLettersOfALostSpoolAreQueuedAgain(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		imports(t, at, write(t, "people.csv", strings.TrimSpace(census.Header())+"\n"+rowOne+rowTwo))
		p := newPosting(t, at)
		document, err := identity.ParseDocument("12345678Z")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.service.Request(t.Context(), document, "es"); err != nil {
			t.Fatal(err)
		}
		lost, err := p.courier.Batches.OpenBatch(context.Background(), "lost", time.Now(), 10)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.courier.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := said(t, func(out *bytes.Buffer) error { return (&lettersRequeueCommand{at, lost.ID}).Run(t.Context(), out) }); got != "its letters go into the next batch\n" {
			t.Errorf("got %q", got)
		}
		wants(t, (&lettersRequeueCommand{at, lost.ID}).Run(t.Context(), &bytes.Buffer{}), "is not open")
		if err := p.courier.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if files, err := filepath.Glob(filepath.Join(p.spool, "*", "*.pdf")); err != nil || len(files) != 1 {
			t.Errorf("got %v, %v", files, err)
		}
	})
}
