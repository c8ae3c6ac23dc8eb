package e2e

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"clave/test/fakes/smsc"

	"github.com/rogpeppe/go-internal/testscript"
)

// atOnce is how many conversations run at the same time: they mostly wait for a
// message, a commit or a process that starts.
const atOnce = "6"

// built is the folder with the binary.
var built string

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set(atOnce) // a constant number
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "clave-e2e-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stopEngines(), os.RemoveAll(dir)) }()
	built = filepath.Join(dir, "bin")
	if err := build(os.Getenv("CLAVE_TEST_BINARY")); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// build takes the binary that is to be tested, or makes it from the source.
func build(ready string) error {
	binary := filepath.Join(built, "clave")
	if ready != "" {
		if err := os.Mkdir(built, 0o700); err != nil {
			return err
		}
		return os.Symlink(ready, binary)
	}
	if out, err := exec.Command("go", "build", "-o", binary, "clave/cmd/clave").CombinedOutput(); err != nil {
		return fmt.Errorf("building the binary: %w\n%s", err, out)
	}
	return nil
}

func TestConversations(t *testing.T) {
	t.Parallel()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			centre := (&smsc.Server{SystemID: smppAccount, Password: smppPassword}).Start(t)
			testscript.Run(t, testscript.Params{
				Dir: "testdata", Cmds: commands(), RequireExplicitExec: true, RequireUniqueNames: true,
				Condition: func(word string) (bool, error) { return word == e.name, nil },
				Setup:     func(env *testscript.Env) error { return enter(env, e, centre) },
			})
		})
	}
}
