package e2e

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// node is a process of the binary. What it says goes to a file in its folder and
// outlives restarts.
type node struct {
	number   int
	port     string
	data     string
	database string
	origin   string   // under which browsers know it
	args     []string // after the binary's name
	// environment is added to ours.
	environment []string

	cmd   *exec.Cmd
	ended chan error
}

// sandboxed makes it a node of the sandbox.
func (n *node) sandboxed(flags []string) *node {
	n.origin = "http://localhost:" + n.port
	n.args = append([]string{"dev", "--listen", n.address(), "--data", n.data, "--database", n.database}, flags...)
	return n
}

// address is where the node listens: each has a loopback address of its own, so
// that all of them have the issuer's port.
func (n *node) address() string { return "127.0.0." + strconv.Itoa(n.number+1) + ":" + n.port }

func (n *node) log() string { return filepath.Join(n.data, "node.log") }

func (n *node) running() bool { return n.cmd != nil }

// start starts the process and waits until it answers.
func (n *node) start() error {
	if n.running() {
		return fmt.Errorf("node %d runs already", n.number)
	}
	if err := os.MkdirAll(n.data, 0o700); err != nil {
		return err
	}
	log, err := os.OpenFile(n.log(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(built, "clave"), n.args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), n.environment...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	n.cmd, n.ended = cmd, make(chan error, 1)
	go func() { n.ended <- cmd.Wait() }()
	return eventually(quick, n.answers)
}

// answers asks the node itself, and not the balancer.
func (n *node) answers() error {
	select {
	case err := <-n.ended:
		n.ended <- err
		said, _ := os.ReadFile(n.log()) // what it said is a help, not a must
		return hopeless{fmt.Errorf("node %d ended: %w\n%s", n.number, err, said)}
	default:
	}
	_, err := n.get("/.well-known/openid-configuration")
	return err
}

// get asks the node for something that needs no browser.
func (n *node) get(path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, n.origin+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := clientOf(map[string]string{r.URL.Host: n.address()}).Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: status %d: %s", path, answer.StatusCode, body)
	}
	return body, err
}

// kill ends the process as a power cut does.
func (n *node) kill() error { return n.end(syscall.SIGKILL) }

// stop asks the process to end, and wants it to end well.
func (n *node) stop() error {
	err := n.end(syscall.SIGTERM)
	if err != nil {
		return fmt.Errorf("node %d did not stop well: %w", n.number, err)
	}
	return nil
}

func (n *node) end(how syscall.Signal) error {
	if !n.running() {
		return fmt.Errorf("node %d does not run", n.number)
	}
	if err := n.cmd.Process.Signal(how); err != nil {
		return err
	}
	err := <-n.ended
	n.cmd = nil
	var exit *exec.ExitError
	if errors.As(err, &exit) && how == syscall.SIGKILL && strings.Contains(exit.Error(), "killed") {
		return nil
	}
	return err
}

// clientOf has no cookies, follows nothing and keeps no connection, so that the
// balancer decides about every request. It finds some hosts at other addresses.
func clientOf(addresses map[string]string) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{RootCAs: authority().pool, MinVersion: tls.VersionTLS12},
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				for host, at := range addresses {
					if address == host || address == host+":443" {
						address = at
					}
				}
				return new(net.Dialer).DialContext(ctx, network, address)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       patience,
	}
}
