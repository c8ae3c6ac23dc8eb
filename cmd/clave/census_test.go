package main

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"clave/census"
	"clave/census/registrar"
	"clave/identity"
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

// Later rows about the two: one died, one has another number.
const (
	rowDead  = "99999999R,dni,Juan,Español,Español,1975-03-20,CAA000004,2022-02-01,2032-02-01,Calle 2,28001,Madrid,Madrid,ES,2026-01-15,\n"
	rowMoved = "00000000T,dni,Ana,Ejemplo,Prueba,1980-01-31,BAA000009,2026-01-01,2036-01-01,Calle 1,28001,Madrid,Madrid,ES,,12345678Z\n"
)

// registers registers the holder of a document at an office, as the desk would.
func registers(t *testing.T, at place, number, phone string) identity.PersonID {
	t.Helper()
	a, err := at.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	r, err := a.registrar()
	if err != nil {
		t.Fatal(err)
	}
	document, errDocument := identity.ParseDocument(number)
	claimed, errPhone := identity.ParseE164(phone)
	email, errEmail := identity.ParseEmail("somebody@correo.example")
	done, err := r.Register(t.Context(), registrar.Application{Document: document, Phone: claimed, Email: email}, registrar.By{
		Channel: identity.ByOffice, Officer: "OFFICER1", Office: "28-001", Language: "es", Conditions: "2026-11",
	})
	if err := errors.Join(err, errDocument, errPhone, errEmail); err != nil {
		t.Fatal(err)
	}
	return done.Person
}

func TestCensusImportTellsTheRegistrar(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		header := strings.TrimSpace(census.Header()) + "\n"
		imports(t, at, write(t, "people.csv", header+rowOne+rowTwo))
		ana, juan := registers(t, at, "12345678Z", "+34600000001"), registers(t, at, "99999999R", "+34600000002")
		if last, status := imports(t, at, write(t, "later.csv", header+rowDead+rowMoved)); status != 0 {
			t.Fatalf("got %q, %d", last, status)
		}
		shown := func(document string, reveal bool) string {
			show := censusShowCommand{place: at, Document: document, Reason: "a citizen called", Reveal: reveal}
			return said(t, func(out *bytes.Buffer) error { return show.Run(t.Context(), out) })
		}
		for _, tc := range []struct{ name, shown, want string }{
			{"the dead are dead", shown("99999999R", false), `(?s)person +` + string(juan) + `\nstate +deceased.*registered +registered +advanced +office +officer:OFFICER1 +28-001.*died +withdrawn +none +office +operator:`},
			{"the number is another one", shown("00000000T", false), `(?s)person +` + string(ana) + `\nstate +registered.*document_changed +registered +advanced`},
			{"nothing personal is shown", shown("00000000T", false), `RECEIPT\n`},
			{"the history holds both numbers", shown("00000000T", true), `(?s)12345678Z +\+34600000001 +somebody@correo.example\n.*00000000T +\+34600000001`},
			{"the old number is nobody's", shown("12345678Z", false), `state +unregistered`},
		} {
			if !regexp.MustCompile(tc.want).MatchString(tc.shown) || strings.Contains(tc.name, "nothing") && strings.Contains(tc.shown, "600000001") {
				t.Errorf("%s: got %s", tc.name, tc.shown)
			}
		}
		// The dead one's phone is free at once.
		registers(t, at, "12345678Z", "+34600000002")
	})
}
