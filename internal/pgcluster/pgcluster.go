// Package pgcluster starts a throwaway PostgreSQL cluster for tests and
// benchmarks: its own data folder, a unix socket, no network, a user that is
// not root.
package pgcluster

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"syscall"
)

// Cluster is a running PostgreSQL server.
type Cluster struct {
	// URL connects as the superuser to the database "postgres".
	URL string
	// PID is the postmaster's process.
	PID  int
	dir  string
	bin  string
	as   *syscall.Credential
	logs string
}

// Start makes and starts a cluster under the system's temporary folder.
// settings are lines of postgresql.conf, such as "fsync = off".
func Start(settings ...string) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "clave-pg-")
	if err != nil {
		return nil, fmt.Errorf("making the cluster's folder: %w", err)
	}
	c := &Cluster{dir: dir, bin: bin, logs: filepath.Join(dir, "log")}
	if err := c.become(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.start(settings); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return c, nil
}

func (c *Cluster) start(settings []string) error {
	data := filepath.Join(c.dir, "data")
	if _, err := c.Tool("initdb", "-D", data, "-U", "clave", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("opening postgresql.conf: %w", err)
	}
	fmt.Fprintf(f, "\nlisten_addresses = ''\nunix_socket_directories = '%s'\nmax_connections = 300\n", c.dir)
	for _, s := range settings {
		fmt.Fprintln(f, s)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing postgresql.conf: %w", err)
	}
	if _, err := c.Tool("pg_ctl", "-D", data, "-l", c.logs, "-w", "-t", "60", "start"); err != nil {
		return err
	}
	pid, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return fmt.Errorf("reading the postmaster's pid: %w", err)
	}
	first, _, _ := bytes.Cut(pid, []byte("\n"))
	if c.PID, err = strconv.Atoi(string(first)); err != nil {
		return fmt.Errorf("reading the postmaster's pid: %w", err)
	}
	c.URL = "postgres://clave@/postgres?host=" + c.dir
	return nil
}

// Stop ends the server at once and removes its data.
func (c *Cluster) Stop() error {
	_, err := c.Tool("pg_ctl", "-D", filepath.Join(c.dir, "data"), "-m", "immediate", "-w", "stop")
	return errors.Join(err, os.RemoveAll(c.dir))
}

// become chooses the user that runs the server: PostgreSQL refuses root.
func (c *Cluster) become() error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return fmt.Errorf("finding a user other than root for PostgreSQL: %w", err)
		}
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32) // a number on every unix
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chmod(c.dir, 0o700); err != nil {
		return fmt.Errorf("preparing the cluster's folder: %w", err)
	}
	if err := os.Chown(c.dir, int(uid), int(gid)); err != nil {
		return fmt.Errorf("preparing the cluster's folder: %w", err)
	}
	return nil
}

// Tool runs one of PostgreSQL's programs in the cluster's folder, where "data"
// is its data, and returns what it prints.
func (c *Cluster) Tool(name string, args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	out, err := os.CreateTemp("", "clave-pg-out-") // pg_ctl's child would hold a pipe open
	if err != nil {
		return "", fmt.Errorf("running %s: %w", name, err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	text, reading := os.ReadFile(out.Name())
	if err != nil {
		return "", fmt.Errorf("running %s: %w: %s", name, err, text)
	}
	if reading != nil {
		return "", fmt.Errorf("running %s: %w", name, reading)
	}
	return string(text), nil
}

// binaries finds the folder that holds initdb: the newest Debian one, or PATH.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		sort.Strings(found)
		return filepath.Dir(found[len(found)-1]), nil
	}
	p, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("no PostgreSQL server is installed; on Debian: apt-get install postgresql")
	}
	return filepath.Dir(p), nil
}
