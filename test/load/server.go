package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// server is the product as a process of its own.
type server struct {
	issuer string
	cmd    *exec.Cmd
	log    string
	ended  chan error
}

// startServer runs `clave dev` on the database until stop, with more arguments.
func startServer(ctx context.Context, binary, folder, databaseURL string, parties []byte, more ...string) (*server, error) {
	file := filepath.Join(folder, "load.yaml")
	if err := os.WriteFile(file, parties, 0o600); err != nil {
		return nil, fmt.Errorf("writing the relying party: %w", err)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &server{issuer: fmt.Sprintf("http://localhost:%d", port), log: filepath.Join(folder, "server.log"), ended: make(chan error, 1)}
	out, err := os.Create(s.log)
	if err != nil {
		return nil, fmt.Errorf("making the server's log: %w", err)
	}
	defer out.Close()
	s.cmd = exec.Command(binary, "dev", "--listen", fmt.Sprintf("127.0.0.1:%d", port), "--data", folder, "--database", databaseURL, "--rp", file)
	s.cmd.Args = append(s.cmd.Args, more...)
	s.cmd.Stdout, s.cmd.Stderr = out, out
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return s, s.ready(ctx)
}

// ready waits until discovery is answered.
func (s *server) ready(ctx context.Context) error {
	client := http.Client{Timeout: time.Second}
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.issuer+"/.well-known/openid-configuration", nil)
		if err != nil {
			return err
		}
		if response, err := client.Do(r); err == nil {
			_ = response.Body.Close() // the status is enough
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-s.ended:
			text, _ := os.ReadFile(s.log) // what it said is a help, not a must
			return fmt.Errorf("the server ended at start: %w\n%s", errors.Join(err, errors.New("see its log")), text)
		case <-ctx.Done():
			return fmt.Errorf("waiting for the server: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the server in good order.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping the server: %w", err)
	}
	select {
	case err := <-s.ended:
		if err != nil {
			return fmt.Errorf("stopping the server: %w; its log is %s", err, s.log)
		}
		return nil
	case <-time.After(30 * time.Second):
		return errors.Join(errors.New("stopping the server: it did not end within 30 s"), s.cmd.Process.Kill())
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// build makes the binary as `go build ./cmd/clave` does.
func build(ctx context.Context, folder string) (string, error) {
	binary := filepath.Join(folder, "clave")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/clave").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building ./cmd/clave: %w\n%s", err, out)
	}
	return binary, nil
}
