// Package safelogtest gives tests a logger that fails them when a value that no
// log may hold gets into a line.
package safelogtest

import (
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"clave/internal/safelog"
)

// shortest is the least length of a forbidden value: shorter ones are found in
// random ids by chance.
const shortest = 4

// New returns a logger that writes to the test's output all levels, and fails the
// test on a line with any of the forbidden values: documents, names, phones,
// addresses, codes of the sample citizens. Upper and lower case do not matter.
func New(t testing.TB, forbidden ...string) *slog.Logger {
	t.Helper()
	return safelog.New(&guard{t: t, out: t.Output(), forbidden: folded(t, forbidden)}, safelog.Text, slog.LevelDebug)
}

// Scan fails the test if what a program logged holds any of the forbidden values.
func Scan(t testing.TB, logged []byte, forbidden ...string) {
	t.Helper()
	g := &guard{t: t, out: io.Discard, forbidden: folded(t, forbidden)}
	for line := range strings.Lines(string(logged)) {
		_, _ = g.Write([]byte(line)) // io.Discard takes everything
	}
}

// folded prepares values to be searched for.
func folded(t testing.TB, values []string) []string {
	t.Helper()
	out := make([]string, 0, len(values))
	for _, v := range values {
		if len(v) < shortest {
			t.Fatalf("forbidden value %q is too short to be told from chance: want %d bytes or more", v, shortest)
		}
		out = append(out, strings.ToLower(v))
	}
	return out
}

// guard looks at each line on its way. slog writes one line for each Write.
type guard struct {
	t         testing.TB
	mu        sync.Mutex
	out       io.Writer
	forbidden []string
}

// Write checks and passes on one line.
func (g *guard) Write(line []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	folded := strings.ToLower(string(line))
	for _, v := range g.forbidden {
		if strings.Contains(folded, v) {
			g.t.Errorf("the log holds %q, which is personal or secret: %s", v, line)
		}
	}
	return g.out.Write(line)
}
