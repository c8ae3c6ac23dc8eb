package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"clave/keys"
	"clave/store/storetest"
)

func TestACommandAboutANewSQLiteDatabaseMakesItsMasterKeyBesideIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "clave.db")
	at := place{Database: "sqlite://" + path}
	for range 2 { // the second time the key is found
		said(t, func(out *bytes.Buffer) error { return (&rpListCommand{at}).Run(t.Context(), out) })
	}
	info, err := os.Stat(path + ".key")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", err, info)
	}
}

func TestTheSandboxsMasterKeyIsFoundBesideItsDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := keys.CreateMasterFile(filepath.Join(dir, sandboxMasterName)); err != nil {
		t.Fatal(err)
	}
	at := place{Database: "sqlite://" + filepath.Join(dir, "clave.db")}
	said(t, func(out *bytes.Buffer) error { return (&rpListCommand{at}).Run(t.Context(), out) })
	if _, err := os.Stat(filepath.Join(dir, "clave.db.key")); err == nil {
		t.Error("a second key was made")
	}
}

func TestNoKeyIsLeftBesideADatabaseThatHasAnother(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "clave.db")
	other := filepath.Join(t.TempDir(), "other.key")
	if _, err := keys.CreateMasterFile(other); err != nil {
		t.Fatal(err)
	}
	at := place{Database: "sqlite://" + path}
	right := at
	right.Master = other
	said(t, func(out *bytes.Buffer) error { return (&rpListCommand{right}).Run(t.Context(), out) })
	wants(t, (&rpListCommand{at}).Run(t.Context(), &bytes.Buffer{}), "--master")
	if _, err := os.Stat(path + ".key"); err == nil {
		t.Error("a wrong key was left")
	}
}

func TestAPlaceHasToBeNamed(t *testing.T) {
	t.Parallel()
	wants(t, (&rpListCommand{}).Run(t.Context(), &bytes.Buffer{}), "which installation?")
	wants(t, (&rpListCommand{place{Database: storetest.PostgresURL(t)}}).Run(t.Context(), &bytes.Buffer{}), "which master key?")
}

func TestNewMasterNeverReplacesAKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "master.key")
	told := said(t, func(out *bytes.Buffer) error { return (&keysNewMasterCommand{file}).Run(out) })
	if !strings.Contains(told, "keep a copy") {
		t.Errorf("got %s", told)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, (&keysNewMasterCommand{file}).Run(&bytes.Buffer{}), "is not replaced")
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the key changed, %v", err)
	}
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		told := said(t, func(out *bytes.Buffer) error {
			return (&keysRotateCommand{place: at, Use: "oidc"}).Run(t.Context(), out)
		})
		if !strings.HasPrefix(told, "oidc ES256 key ") || !strings.Contains(told, " takes over at ") {
			t.Errorf("got %s", told)
		}
		listed := said(t, func(out *bytes.Buffer) error { return (&keysListCommand{at}).Run(t.Context(), out) })
		if len(regexp.MustCompile(`oidc +ES256`).FindAllString(listed, -1)) != 2 || strings.Count(listed, "next") != 1 {
			t.Errorf("got %s", listed)
		}
	})
}

func TestTheKeyOfAnExplicitSandboxDatabaseIsBesideItToo(t *testing.T) {
	t.Parallel()
	data, path := t.TempDir(), filepath.Join(t.TempDir(), "clave.db")
	c := devCommand{Data: data}
	one, err := c.master("sqlite://" + path)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(data, sandboxMasterName), path + ".key"} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != fs.FileMode(0o600) {
			t.Errorf("%v, %v", err, info)
		}
	}
	two, err := (&devCommand{Data: t.TempDir()}).master("sqlite://" + path)
	if err != nil || one == nil || two == nil {
		t.Error(err)
	}
}
