package browser

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Each test has a sandbox of its own, and each sandbox keys, citizens and passwords.
// One makes them; the others get a copy of what it left.

// makeModel starts a sandbox on a new data folder and lets it end.
func makeModel(folder string) error {
	cmd := exec.Command(lab.binary, "dev", "--listen", "127.0.0.1:0", "--data", folder)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	address := openedAt(out)
	err = errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait())
	if address == "" || err != nil {
		return fmt.Errorf("the sandbox did not start and end: %w\n%s", err, said.String())
	}
	return nil
}

// openedAt waits until a sandbox says its address; empty when it ends before.
func openedAt(out io.Reader) string {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "Open "); ok {
			return strings.TrimSpace(address)
		}
	}
	return ""
}

// dataFolder gives a copy of the model.
func dataFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "data")
	err := filepath.WalkDir(lab.model, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		copied := folder + strings.TrimPrefix(path, lab.model)
		if entry.IsDir() {
			return os.Mkdir(copied, 0o700)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(copied, content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}
