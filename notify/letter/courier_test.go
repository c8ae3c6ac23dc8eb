package letter_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/notify/letter"
	"clave/notify/letter/lettertest"
	"clave/web/lang"
)

// house is a courier with its spool and a print house that takes what it sees.
type house struct {
	t       *testing.T
	folder  string
	store   *lettertest.Memory
	courier *letter.Courier
	taken   map[string]int // by number: how often it was printed
	batches int
	logs    bytes.Buffer
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, folder: t.TempDir(), store: &lettertest.Memory{}, taken: map[string]int{}}
	h.courier = &letter.Courier{
		Batches: h.store, House: h.open(), Renderer: renderer(t, letter.Right), Every: time.Hour, Most: 3,
		Log: slog.New(slog.NewTextHandler(&h.logs, nil)), Now: lettertest.At,
	}
	return h
}

func (h *house) open() *letter.Spool {
	h.t.Helper()
	spool, err := letter.OpenSpool(h.folder)
	if err != nil {
		h.t.Fatal(err)
	}
	return spool
}

func (h *house) queue(n int) (numbers []string) {
	h.t.Helper()
	for range n {
		l := lettertest.Sample(letter.NewNumber(), secret)
		l.Language = string(lang.Spanish)
		if err := h.store.AddLetter(h.t.Context(), l); err != nil {
			h.t.Fatal(err)
		}
		numbers = append(numbers, l.Number)
	}
	return numbers
}

// take is the print house: it prints what the manifests say and moves the batches away.
func (h *house) take() {
	h.t.Helper()
	entries, err := os.ReadDir(h.folder)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		folder := filepath.Join(h.folder, e.Name())
		text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
		if err != nil {
			h.t.Fatalf("a batch without manifest is seen: %v", err)
		}
		var m letter.Manifest
		if err := json.Unmarshal(text, &m); err != nil {
			h.t.Fatal(err)
		}
		files, err := os.ReadDir(folder)
		if err != nil || m.Letters != len(m.Files) || len(files) != m.Letters+1 || m.Batch != e.Name() {
			h.t.Errorf("batch %s: the manifest counts %d letters and names %d, there are %d files, %v", e.Name(), m.Letters, len(m.Files), len(files), err)
		}
		for _, f := range m.Files {
			pdf, err := os.ReadFile(filepath.Join(folder, f.Name))
			if err != nil {
				h.t.Fatal(err)
			}
			sum := sha256.Sum256(pdf)
			if len(pdf) != f.Bytes || hex.EncodeToString(sum[:]) != f.SHA256 || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
				h.t.Errorf("%s is not what the manifest says", f.Name)
			}
			h.taken[f.Letter]++
		}
		h.batches++
		if err := os.RemoveAll(folder); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *house) printedOnce(numbers []string) {
	h.t.Helper()
	for _, number := range numbers {
		if got := h.taken[number]; got != 1 {
			h.t.Errorf("letter %s was printed %d times, want once", number, got)
		}
		if got := h.store.Inspect(number); got.State != letter.HandedOver || got.Code != "" {
			h.t.Errorf("letter %s is %s, and its code %q", number, got.State, got.Code)
		}
	}
	if len(h.taken) != len(numbers) {
		h.t.Errorf("%d letters were printed, want %d", len(h.taken), len(numbers))
	}
}

func TestLettersAreHandedOverInBatches(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	numbers := h.queue(7)
	if err := h.courier.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.take()
	h.printedOnce(numbers)
	if h.batches != 3 {
		t.Errorf("got %d batches of at most 3, want 3", h.batches)
	}
	if err := h.courier.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.take()
	h.printedOnce(numbers)
	if log := h.logs.String(); strings.Contains(log, secret) || strings.Contains(log, "EJEMPLO") || !strings.Contains(log, "letters=3") {
		t.Errorf("the log says %s", log)
	}
}

func TestFilesAreForTheGroupAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.queue(1)
	if err := h.courier.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(h.folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == h.folder {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o027 != 0 {
			t.Errorf("%s has the mode %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// crash is a node that dies at one of its steps.
type crash struct {
	letter.House
	letter.Batches
	at string
}

var errCrash = errors.New("the node died")

func (c *crash) step(name string) error {
	if c.at == name {
		return errCrash
	}
	return nil
}

func (c *crash) Stage(ctx context.Context, b letter.Batch, letters []letter.Printed) error {
	if c.at == "while staging" {
		return errors.Join(c.House.Stage(ctx, b, letters[:1]), errCrash)
	}
	return errors.Join(c.step("before staging"), c.House.Stage(ctx, b, letters), c.step("after staging"))
}

func (c *crash) BatchStaged(ctx context.Context, id string, now time.Time) (bool, error) {
	staged, err := c.Batches.BatchStaged(ctx, id, now)
	return staged, errors.Join(err, c.step("after the letters are marked"))
}

func (c *crash) Publish(ctx context.Context, id string) (bool, error) {
	if c.at == "before publishing" {
		return false, errCrash
	}
	moved, err := c.House.Publish(ctx, id)
	return moved, errors.Join(err, c.step("after publishing"))
}

func (c *crash) BatchPublished(ctx context.Context, id string, now time.Time) error {
	return errors.Join(c.Batches.BatchPublished(ctx, id, now), c.step("after the batch is marked"))
}

func TestANodeMayDieAnywhere(t *testing.T) {
	t.Parallel()
	for _, at := range []string{
		"before staging", "while staging", "after staging", "after the letters are marked", "before publishing", "after publishing",
		"after the batch is marked",
	} {
		for _, quick := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, the print house quick: %v", at, quick), func(t *testing.T) {
				t.Parallel()
				h := newHouse(t)
				numbers := h.queue(4)
				dying := *h.courier
				c := &crash{House: h.open(), Batches: h.store, at: at}
				dying.House, dying.Batches = c, c
				if err := dying.Round(t.Context()); !errors.Is(err, errCrash) {
					t.Fatalf("got %v", err)
				}
				if quick {
					h.take()
				}
				if err := h.courier.Round(t.Context()); err != nil {
					t.Fatal(err)
				}
				h.take()
				h.printedOnce(numbers)
			})
		}
	}
}

func TestABatchWhoseFilesAreGoneIsNotPrintedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.queue(2)
	dying := *h.courier
	c := &crash{House: h.open(), Batches: h.store, at: "before publishing"}
	dying.House, dying.Batches = c, c
	if err := dying.Round(t.Context()); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(h.folder, ".clave", "staging")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(h.folder, ".clave", "staging"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := h.courier.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.take()
	if len(h.taken) != 0 || !strings.Contains(h.logs.String(), "level=WARN") {
		t.Errorf("%d letters were printed; the operator was told %q", len(h.taken), h.logs.String())
	}
}

func TestNodesThatShareASpool(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	numbers := h.queue(10)
	var group sync.WaitGroup
	for range 4 {
		node := *h.courier
		node.House = h.open()
		node.Log = slog.New(slog.DiscardHandler)
		group.Go(func() {
			for {
				err := node.Round(t.Context())
				if err == nil {
					return
				}
				if !errors.Is(err, letter.ErrHeld) {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	h.take()
	h.printedOnce(numbers)
}

func TestASpoolKeepsItsName(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var names sync.Map
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			spool, err := letter.OpenSpool(folder)
			if err != nil {
				t.Error(err)
				return
			}
			names.Store(spool.Name(), true)
		})
	}
	group.Wait()
	count := 0
	names.Range(func(_, _ any) bool { count++; return true })
	if count != 1 {
		t.Errorf("got %d names, want one", count)
	}
	other, err := letter.OpenSpool(t.TempDir())
	if _, same := names.Load(other.Name()); err != nil || same {
		t.Errorf("another folder has the same name, %v", err)
	}
}

func TestASpoolThatCannotBe(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{file, filepath.Join(t.TempDir(), "missing")} {
		if _, err := letter.OpenSpool(folder); err == nil {
			t.Errorf("%s was opened", folder)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	numbers := h.queue(1)
	handed := make(chan struct{})
	h.courier.House = watched{h.courier.House, handed}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.courier.Run(ctx)
	}()
	<-handed
	cancel()
	<-done
	h.take()
	h.printedOnce(numbers)
}

// watched tells when a batch is published.
type watched struct {
	letter.House
	handed chan struct{}
}

func (w watched) Publish(ctx context.Context, id string) (bool, error) {
	defer close(w.handed)
	return w.House.Publish(ctx, id)
}
