package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"clave/census/office"
)

const (
	officeOne = "O1,Oficina Uno,Calle 1,28001,Madrid,Madrid,,,,,\n"
	officeTwo = "O2,Oficina Dos,Calle 2,33201,Gijón,Asturias,L-V 9-14,Registro,https://cita.example/2,43.5,-5.6\n"
	officeBad = "O3,Oficina Tres,Calle 3,280,Madrid,Madrid,,,,,\n"
)

func TestOfficeImportReplacesTheDirectory(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		list := func(query string) string {
			t.Helper()
			return said(t, func(out *bytes.Buffer) error {
				return (&officeListCommand{place: at, Query: query}).Run(t.Context(), out)
			})
		}
		wants(t, (&officeListCommand{place: at}).Run(t.Context(), &bytes.Buffer{}), "clave office import FILE")
		for _, tc := range []struct {
			name, rows, last, listed string
			status                   int
			rejects                  bool
		}{
			{"good rows are imported", officeOne + officeTwo, "imported 2 in the place of 0, rejected 0", "O1 O2", 0, false},
			{"bad rows are put aside, and what is missing is gone", officeTwo + officeBad, "imported 1 in the place of 2, rejected 1", "O2", 3, true},
			{"bad rows alone replace nothing", officeBad, "", "O2", 1, true},
			{"no rows replace nothing", "", "", "O2", 1, false},
		} {
			file := write(t, "offices.csv", office.Header()+"\n"+tc.rows)
			var out bytes.Buffer
			err := (&officeImportCommand{place: at, File: file}).Run(t.Context(), &out)
			var exit exitStatus
			if err != nil && !errors.As(err, &exit) {
				t.Fatalf("%s: %v", tc.name, err)
			}
			if err != nil && exit.ExitCode() != tc.status || err == nil && tc.status != 0 || !strings.Contains(out.String(), tc.last) {
				t.Errorf("%s: got %v, %s", tc.name, err, out.String())
			}
			if _, err := os.Stat(file + ".rejects.csv"); (err == nil) != tc.rejects {
				t.Errorf("%s: rejects: %v", tc.name, err)
			}
			var codes []string
			for line := range strings.Lines(list("")) {
				codes = append(codes, strings.Fields(line)[0])
			}
			if got := strings.Join(codes, " "); got != tc.listed {
				t.Errorf("%s: the directory holds %s", tc.name, got)
			}
		}
		if got := list("gijon"); !strings.HasPrefix(got, "O2  33201  Gijón  Asturias  Oficina Dos") {
			t.Errorf("got %s", got)
		}
		wants(t, (&officeListCommand{place: at, Query: "28001"}).Run(t.Context(), &bytes.Buffer{}), "no office")
	})
}

func TestAFileThatIsNoDirectoryReplacesNothing(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		if err := (&officeImportCommand{place: at, File: write(t, "o.csv", office.Header()+"\n"+officeOne)}).Run(t.Context(), &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		file := write(t, "offices.csv", office.Header()+"\n"+officeBad+"O4,\"Oficina\n")
		err := (&officeImportCommand{place: at, File: file}).Run(t.Context(), &bytes.Buffer{})
		wants(t, err, "reading the offices")
		for _, name := range []string{".rejects.csv", ".rejects.csv.part"} {
			if _, err := os.Stat(file + name); err == nil {
				t.Errorf("%s was left", name)
			}
		}
		got := said(t, func(out *bytes.Buffer) error { return (&officeListCommand{place: at}).Run(t.Context(), out) })
		if !strings.HasPrefix(got, "O1") {
			t.Errorf("the directory is now %s", got)
		}
	})
}
