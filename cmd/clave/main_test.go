package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clave/keys"
	"clave/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// eachPlace runs the test on an empty installation of each engine.
func eachPlace(t *testing.T, test func(t *testing.T, at place)) {
	t.Helper()
	for _, engine := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", storetest.SQLiteURL}, {"postgres", storetest.PostgresURL}} {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "master.key")
			if _, err := keys.CreateMasterFile(file); err != nil {
				t.Fatal(err)
			}
			test(t, place{Database: engine.url(t), Master: file})
		})
	}
}

// write makes a file in the test's folder.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// said runs a command and returns what it wrote.
func said(t *testing.T, run func(out *bytes.Buffer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return out.String()
}

// wants checks that a command fails with words of its error.
func wants(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v, want %q", err, words)
	}
}
