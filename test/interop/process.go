package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// startWait is how long a process has to begin listening; the slowest reads a virtual
// machine first.
const startWait = 30 * time.Second

// process is a program that ends when this one does.
type process struct {
	name  string
	cmd   *exec.Cmd
	said  string // file of what it wrote
	ended chan error
}

// startProcess runs a program and waits until it is ready, which is told by asking. What
// it writes is in the folder.
func startProcess(ctx context.Context, folder string, ready func() bool, environment []string, name string, arguments ...string) (*process, error) {
	p := &process{name: filepath.Base(name), said: filepath.Join(folder, filepath.Base(name)+".log"), ended: make(chan error, 1)}
	out, err := os.Create(p.said)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.name, err)
	}
	defer out.Close()
	p.cmd = exec.Command(name, arguments...)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = out, out, folder
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.name, err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	for deadline := time.After(startWait); !ready(); {
		select {
		case err := <-p.ended:
			p.ended <- err
			return nil, fmt.Errorf("%s ended at start (%v) and said: %s", p.name, err, p.words())
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), p.stop())
		case <-deadline:
			return nil, errors.Join(fmt.Errorf("%s is not ready after %s\n%s", p.name, startWait, p.words()), p.stop())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return p, nil
}

// words are the last ones that it wrote.
func (p *process) words() []byte {
	text, err := os.ReadFile(p.said)
	if err != nil {
		return []byte(err.Error())
	}
	const most = 4000
	return bytes.TrimSpace(text[max(0, len(text)-most):])
}

// stop ends it, in good order if it can. How it ended does not matter.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-p.ended:
		return nil
	case <-time.After(10 * time.Second):
		return errors.Join(fmt.Errorf("%s did not end within 10 s", p.name), p.cmd.Process.Kill())
	}
}

// exists tells whether there is a file, such as a socket: shibd may crash when somebody
// connects to it and leaves without a word.
func exists(path string) func() bool {
	return func() bool {
		_, err := os.Stat(path)
		return err == nil
	}
}

// listens tells whether somebody does at the address.
func listens(address string) func() bool {
	return func() bool {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		_ = connection.Close() // nothing was sent
		return true
	}
}

// free is an address where nobody listens.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// output is what a program prints, without spaces around.
func output(ctx context.Context, name string, arguments ...string) (string, error) {
	text, err := exec.CommandContext(ctx, name, arguments...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("running %s: %w\n%s", filepath.Base(name), err, bytes.TrimSpace(text))
	}
	return string(bytes.TrimSpace(text)), nil
}

// debianVersion is that of an installed package; empty when it is not.
func debianVersion(ctx context.Context, name string) string {
	text, err := output(ctx, "dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", name)
	if version, found := bytes.CutPrefix([]byte(text), []byte("installed ")); err == nil && found {
		return string(version)
	}
	return ""
}
