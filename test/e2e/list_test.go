package e2e

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	issuing "clave/sandbox/authority"
	"clave/test/fakes/host"
	"clave/test/fakes/trustedlist"
)

// publisher is the host of a trusted list, and who signs it.
type publisher struct {
	host   *host.Server
	signer *trustedlist.Signer
}

// list publishes one with the authority of the tests, or sets how its host behaves.
// From the first one on, nodes that are served trust that list and no files.
func list(w *world, args []string) error {
	if w.list == nil {
		signer, err := trustedlist.NewSigner(time.Now())
		if err != nil {
			return err
		}
		w.list = &publisher{host.New(trustedlist.Host()), signer}
		if err := os.MkdirAll(w.dir, 0o700); err != nil {
			return err
		}
		if err := errors.Join(os.WriteFile(w.listHost(), w.list.host.PEM, 0o600), os.WriteFile(w.listSigner(), signer.PEM(), 0o600)); err != nil {
			return err
		}
	}
	switch len(args) {
	case 1:
		manner := host.Manner(args[0])
		if manner == "well" {
			manner = ""
		}
		w.list.host.Behave(manner)
		return nil
	case 2:
		status := map[string]string{"granted": trustedlist.Granted, "withdrawn": trustedlist.Withdrawn}[args[1]]
		sequence, err := strconv.Atoi(args[0])
		if err != nil || status == "" {
			break
		}
		now := time.Now()
		data, err := w.list.signer.Sign(trustedlist.List{
			Sequence: sequence, Issued: now.Add(-time.Minute), NextUpdate: now.AddDate(0, 5, 0),
			Services: []trustedlist.Service{{
				Provider: "Prestador de Ejemplo", Name: "AC de Ejemplo", Certificates: []*x509.Certificate{w.ca.Issuer}, Status: status, Since: now.AddDate(-1, 0, 0),
			}},
		})
		if err != nil {
			return err
		}
		w.list.host.Publish(data)
		return nil
	}
	return errors.New("usage: list NUMBER granted|withdrawn, or list MANNER; well is as it should be")
}

// listHost and listSigner are files with the certificates of the host and of the signer.
func (w *world) listHost() string   { return filepath.Join(w.dir, "list-host.pem") }
func (w *world) listSigner() string { return filepath.Join(w.dir, "list-signer.pem") }

// authorities are the settings that say whom nodes trust.
func (w *world) authorities(file string) string {
	if w.list == nil {
		return "authorities: [" + file + "]"
	}
	return fmt.Sprintf("trusted_list: {address: %q, signers: [%s]}", w.list.host.URL, w.listSigner())
}

// hangup tells a node to look for changed authorities now.
func hangup(n *node) error {
	if !n.running() {
		return fmt.Errorf("node %d does not run", n.number)
	}
	return n.cmd.Process.Signal(syscall.SIGHUP)
}

// trust replaces the file of the authorities of the node in use while it runs, and waits
// until the node has looked at it.
func trust(w *world, args []string) error {
	text := map[string][]byte{"ours": append(w.ca.RootPEM(), w.ca.IssuerPEM()...), "broken": []byte("half a file")}
	if len(args) != 1 || args[0] != "another" && text[args[0]] == nil {
		return errors.New("usage: trusts ours|another|broken")
	}
	if args[0] == "another" {
		another, err := issuing.New(time.Now(), issuing.Addresses{})
		if err != nil {
			return err
		}
		text["another"] = another.RootPEM()
	}
	n, err := w.node(w.inUse)
	if err != nil {
		return err
	}
	looked := func() int {
		log, _ := os.ReadFile(n.log()) // it is there, or has nothing to say
		return bytes.Count(log, []byte(`"authorities read again"`)) + bytes.Count(log, []byte(`"authorities not read again`))
	}
	before := looked()
	if err := os.WriteFile(filepath.Join(n.data, "authorities.pem"), text[args[0]], 0o600); err != nil {
		return err
	}
	if err := hangup(n); err != nil {
		return err
	}
	return eventually(quick, func() error {
		if looked() == before {
			return errors.New("the node has not looked at its authorities")
		}
		return nil
	})
}

// trustsList waits until the node in use has taken the list of a number.
func trustsList(w *world, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: listed NUMBER")
	}
	n, err := w.node(w.inUse)
	if err != nil {
		return err
	}
	return eventually(quick, func() error {
		metrics, err := n.metrics()
		if err == nil && !bytes.Contains(metrics, []byte("\nclave_trusted_list_sequence "+args[0]+"\n")) {
			err = fmt.Errorf("the node does not have list %s", args[0])
		}
		return err
	})
}
