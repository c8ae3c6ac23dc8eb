// Package product gives tests the binary of the product: the one that
// CLAVE_TEST_BINARY names, or one that is built from the source.
package product

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Stage is where a package's tests play.
type Stage struct {
	// Dir is a folder that is removed at the end.
	Dir string
	// Binary is the product, named clave.
	Binary string
}

// Main runs a package's tests between setUp and tearDown, and atOnce of them at a
// time unless -parallel says otherwise. It ends the process.
func Main(m *testing.M, atOnce int, setUp func(Stage) error, tearDown func() error) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set(strconv.Itoa(atOnce)) // a number
	}
	code, err := run(m, setUp, tearDown)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M, setUp func(Stage) error, tearDown func() error) (code int, err error) {
	dir, err := os.MkdirTemp("", "clave-test-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, tearDown(), os.RemoveAll(dir)) }()
	binary, err := build(filepath.Join(dir, "bin"), os.Getenv("CLAVE_TEST_BINARY"))
	if err != nil {
		return 1, err
	}
	if err := setUp(Stage{dir, binary}); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// build puts a ready binary into the folder, or makes it from the source.
func build(dir, ready string) (string, error) {
	binary := filepath.Join(dir, "clave")
	if ready != "" {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return "", err
		}
		return binary, os.Symlink(ready, binary)
	}
	if out, err := exec.Command("go", "build", "-o", binary, "clave/cmd/clave").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the binary: %w\n%s", err, out)
	}
	return binary, nil
}
