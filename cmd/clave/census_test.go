package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"clave/census"
)

const (
	rowOne = "12345678Z,dni,Ana,Ejemplo,Prueba,1980-01-31,BAA000001,2020-01-01,2030-01-01,Calle 1,28001,Madrid,Madrid,ES,,\n"
	rowTwo = "99999999R,dni,Juan,Español,Español,1975-03-20,CAA000004,2022-02-01,2032-02-01,Calle 2,28001,Madrid,Madrid,ES,,\n"
	rowBad = "12345678A,dni,Eva,Mala,,1980-01-31,BAA000001,2020-01-01,2030-01-01,Calle 1,28001,Madrid,Madrid,ES,,\n"
)

// imports runs an import and tells its last line and exit status.
func imports(t *testing.T, at place, file string) (last string, status int) {
	t.Helper()
	var out bytes.Buffer
	err := (&censusImportCommand{place: at, File: file}).Run(t.Context(), &out)
	var exit exitStatus
	switch {
	case errors.As(err, &exit):
		status = exit.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[len(lines)-1], status
}

func TestCensusImport(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		header := strings.TrimSpace(census.Header()) + "\n"
		for _, tc := range []struct {
			name, text, last string
			status           int
			rejects          bool
		}{
			{"good rows are imported", header + rowOne + rowTwo, "imported 2, replaced 0, rejected 0", 0, false},
			{"bad rows are put aside", header + rowOne + rowBad, "imported 1, replaced 1, rejected 1", 3, true},
			{"bad rows alone are a failure", header + rowBad, "imported 0, replaced 0, rejected 1", 1, true},
			{"no rows are a failure", header, "imported 0, replaced 0, rejected 0", 1, false},
		} {
			file := write(t, "people.csv", tc.text)
			if last, status := imports(t, at, file); last != tc.last || status != tc.status {
				t.Errorf("%s: got %q, %d", tc.name, last, status)
			}
			info, err := os.Stat(file + ".rejects.csv")
			if (err == nil) != tc.rejects || tc.rejects && info.Mode().Perm() != 0o600 {
				t.Errorf("%s: rejects: %v", tc.name, err)
			}
			if _, err := os.Stat(file + ".rejects.csv.part"); err == nil {
				t.Errorf("%s: an unfinished file was left", tc.name)
			}
		}
		show := censusShowCommand{place: at, Document: "99999999-r", Reason: "a citizen called"}
		shown := said(t, func(out *bytes.Buffer) error { return show.Run(t.Context(), out) })
		if !strings.Contains(shown, "state     unregistered\n") || strings.Contains(shown, "Juan") || strings.Contains(shown, "99999999") {
			t.Errorf("without --reveal: got %s", shown)
		}
		show.Reveal = true
		shown = said(t, func(out *bytes.Buffer) error { return show.Run(t.Context(), out) })
		if !strings.Contains(shown, "given_name      Juan\n") || !strings.Contains(shown, "address         Calle 2\n") {
			t.Errorf("with --reveal: got %s", shown)
		}
		wants(t, (&censusShowCommand{place: at, Document: "00000000T", Reason: "a citizen called"}).Run(t.Context(), &bytes.Buffer{}), "does not hold")
	})
}

func TestAFailedImportLeavesNothing(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		file := write(t, "people.csv", "document,kind\n"+rowOne+rowBad)
		err := (&censusImportCommand{place: at, File: file}).Run(t.Context(), &bytes.Buffer{})
		if err == nil || errors.As(err, &exitStatus{}) {
			t.Errorf("got %v", err)
		}
		for _, name := range []string{".rejects.csv", ".rejects.csv.part"} {
			if _, err := os.Stat(file + name); err == nil {
				t.Errorf("%s was left", name)
			}
		}
	})
}
