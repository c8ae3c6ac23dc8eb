package safelogtest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"clave/internal/safelog/safelogtest"
)

// watched is a test that remembers how it failed.
type watched struct {
	testing.TB
	out    bytes.Buffer
	errors []string
}

func (w *watched) Helper()           {}
func (w *watched) Output() io.Writer { return &w.out }
func (w *watched) Errorf(format string, args ...any) {
	w.errors = append(w.errors, fmt.Sprintf(format, args...))
}

func TestALineWithAPersonalValueFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		log  func(w *watched)
		want int
	}{
		{"an innocent line passes", func(w *watched) { safelogtest.New(w, "12345678Z").Info("login opened", "login_id", "x") }, 0},
		{"a value fails", func(w *watched) { safelogtest.New(w, "12345678Z").Info("login opened", "person", "12345678Z") }, 1},
		{"a value in the message fails", func(w *watched) { safelogtest.New(w, "12345678Z").Info("login of 12345678Z") }, 1},
		{"a value in an error fails", func(w *watched) {
			safelogtest.New(w, "12345678Z").Error("x", "error", errors.New("finding 12345678z: none"))
		}, 1},
		{"a value at debug level fails", func(w *watched) { safelogtest.New(w, "12345678Z").Debug("12345678Z") }, 1},
		{"a value given to the logger before fails", func(w *watched) { safelogtest.New(w, "12345678Z").With("who", "12345678Z").Info("x") }, 1},
		{"an accented name fails", func(w *watched) { safelogtest.New(w, "Española").Info("x", "who", "ESPAÑOLA") }, 1},
		{"two values fail twice", func(w *watched) { safelogtest.New(w, "Carmen", "Española").Info("x", "who", "Carmen Española") }, 2},
		{"a program's log passes", func(w *watched) { safelogtest.Scan(w, []byte("a\nb\n"), "12345678Z") }, 0},
		{"a program's log fails", func(w *watched) { safelogtest.Scan(w, []byte("a\nwho=12345678Z\nb"), "12345678Z") }, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := &watched{TB: t}
			test.log(w)
			if len(w.errors) != test.want {
				t.Errorf("got %d failures, want %d: %s", len(w.errors), test.want, strings.Join(w.errors, "; "))
			}
		})
	}
}
