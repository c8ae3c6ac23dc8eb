package samples

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"clave/test/product"
)

// atOnce is how many tests run at a time: each waits for the sandbox most of it.
const atOnce = 4

// lab is the sandbox that all tests share; TestMain starts it.
var lab struct {
	issuer, services string // origins
	stop             func() error
}

func TestMain(m *testing.M) {
	product.Main(m, atOnce, setUp, func() error {
		if lab.stop == nil {
			return nil
		}
		return lab.stop()
	})
}

func setUp(s product.Stage) error {
	log, err := os.Create(filepath.Join(s.Dir, "log"))
	if err != nil {
		return err
	}
	cmd := exec.Command(s.Binary, "dev", "--listen", "127.0.0.1:0", "--data", filepath.Join(s.Dir, "data"))
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lab.stop = func() error {
		err := cmd.Process.Signal(syscall.SIGTERM)
		return errors.Join(err, cmd.Wait(), log.Close())
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "Open "); ok {
			lab.issuer = strings.TrimSpace(address)
			lab.services = strings.Replace(lab.issuer, "localhost", "127.0.0.1", 1)
			go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the process
			return nil
		}
	}
	said, err := os.ReadFile(log.Name())
	return errors.Join(err, fmt.Errorf("the sandbox did not start:\n%s", said))
}
