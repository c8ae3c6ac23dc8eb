package keys_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"clave/keys"
)

func TestNewMasterRefuses(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string][]byte{
		"nothing": nil, "a short key": make([]byte, 16), "a long key": bytes.Repeat([]byte("x"), 33), "zeros": make([]byte, 32),
	} {
		if _, err := keys.NewMaster(secret); err == nil {
			t.Errorf("%s is a master key", name)
		}
	}
}

func TestMasterPrintsNothing(t *testing.T) {
	t.Parallel()
	master, err := keys.NewMaster(bytes.Repeat([]byte("secret!!"), 4))
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%v %+v %#v %s %x %d", master, master, master, master, master, master)
	if strings.Contains(got, "secret!!") || strings.ReplaceAll(strings.ReplaceAll(got, "(master key)", ""), " ", "") != "" {
		t.Errorf("got %s", got)
	}
}

func TestMasterFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	if _, err := keys.ReadMasterFile(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "clave keys new-master") {
		t.Errorf("no file: got %v, want the remedy", err)
	}
	if _, err := keys.CreateMasterFile(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want mode 0600", info, err)
	}
	if _, err := keys.ReadMasterFile(path); err != nil {
		t.Error(err)
	}
	before, _ := os.ReadFile(path)
	if _, err := keys.CreateMasterFile(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating over a file: got %v, want fs.ErrExist", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("an existing master key was replaced")
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d files are left, want the key alone", len(left))
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.ReadMasterFile(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that a group reads: got %v, want the remedy", err)
	}
}

func TestMasterFileCreatedByManyAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			_, err := keys.CreateMasterFile(path)
			if errors.Is(err, fs.ErrExist) {
				_, err = keys.ReadMasterFile(path) // whole, never half a file
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestMasterFileRefuses(t *testing.T) {
	t.Parallel()
	good := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32))
	for _, test := range []struct{ name, text string }{
		{"an empty file", ""},
		{"half a key", good[:20]},
		{"hexadecimal", strings.Repeat("ab", 32)},
		{"two keys", good + "\n" + good},
		{"a key with rubbish", good + "x"},
		{"a large file", strings.Repeat(good, 100)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "master.key")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := keys.ReadMasterFile(path)
			if err == nil {
				t.Fatal("it is a master key")
			}
			if len(test.text) > 8 && strings.Contains(err.Error(), test.text[:8]) {
				t.Errorf("the error repeats the secret: %v", err)
			}
		})
	}
	if _, err := keys.ReadMasterFile(t.TempDir()); err == nil {
		t.Error("a folder is a master key")
	}
	if _, err := keys.CreateMasterFile(filepath.Join(t.TempDir(), "absent", "master.key")); err == nil {
		t.Error("a key was created in a folder that does not exist")
	}
}

func FuzzParseMaster(f *testing.F) {
	f.Add(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32)))
	f.Add("\n")
	f.Fuzz(func(t *testing.T, text string) {
		master, err := keys.ParseMaster(text)
		if (err == nil) != (master != nil) {
			t.Errorf("got %v, %v", master, err)
		}
	})
}
