package e2e

import (
	"path/filepath"
	"testing"
	"time"

	"clave/test/fakes/ca"
	"clave/test/fakes/smsc"
	"clave/test/product"

	"github.com/rogpeppe/go-internal/testscript"
)

// atOnce is how many conversations run at the same time: they mostly wait for a
// message, a commit or a process that starts.
const atOnce = 6

// built is the folder with the binary.
var built string

func TestMain(m *testing.M) { product.Main(m, atOnce, setUp, stopEngines) }

func setUp(s product.Stage) error {
	built = filepath.Dir(s.Binary)
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
				Setup: func(env *testscript.Env) error {
					return enter(env, e, centre, ca.StartAs(t, "http://authority.example", time.Now))
				},
			})
		})
	}
}
