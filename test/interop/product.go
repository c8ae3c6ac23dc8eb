package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// product is `clave dev` as a process of its own, with data of its own.
type product struct {
	issuer, binary, folder string
	process                *process
	web                    *http.Client
}

// startProduct builds the binary if there is none yet, and runs it.
func startProduct(ctx context.Context, binary, folder string) (*product, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	if binary == "" {
		binary = filepath.Join(folder, "clave-binary")
		fmt.Println("building clave")
		if _, err := output(ctx, "go", "build", "-o", binary, "clave/cmd/clave"); err != nil {
			return nil, err
		}
	}
	binary, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	address, err := free()
	if err != nil {
		return nil, err
	}
	_, port, _ := strings.Cut(address, ":")
	p := &product{issuer: "http://localhost:" + port, binary: binary, folder: folder, web: &http.Client{Timeout: 30 * time.Second}}
	ready := func() bool {
		_, err := p.read(ctx, "/saml/metadata")
		return err == nil
	}
	p.process, err = startProcess(ctx, folder, ready, nil, binary, "dev", "--listen", address, "--data", folder)
	return p, err
}

// read is what stands at an address of ours.
func (p *product) read(ctx context.Context, path string) ([]byte, error) {
	return read(ctx, p.web, p.issuer+path)
}

// takes tells whether services send their requests to the address.
func (p *product) takes(address string) bool {
	return strings.HasPrefix(address, p.issuer+"/saml/sso") || strings.HasPrefix(address, p.issuer+"/Proxy2/ServiceProvider")
}

// register makes a relying party known, by the operator's command.
func (p *product) register(ctx context.Context, file string) error {
	_, err := output(ctx, p.binary, "rp", "apply", "--database", "sqlite://"+filepath.Join(p.folder, "clave.db"), file)
	return err
}

// citizen is one of the sandbox.
type citizen struct {
	Document      string `json:"document"`
	GivenName     string `json:"given_name"`
	FirstSurname  string `json:"first_surname"`
	SecondSurname string `json:"second_surname"`
	BirthDate     string `json:"birth_date"`
	State         string `json:"state"`
	Level         string `json:"level"`
}

// citizen finds a test citizen.
func (p *product) citizen(ctx context.Context, document string) (citizen, error) {
	text, err := p.read(ctx, "/dev/citizens.json")
	if err != nil {
		return citizen{}, err
	}
	var all []citizen
	if err := json.Unmarshal(text, &all); err != nil {
		return citizen{}, fmt.Errorf("reading the citizens: %w", err)
	}
	for _, c := range all {
		if c.Document == document {
			return c, nil
		}
	}
	return citizen{}, fmt.Errorf("the sandbox has no citizen %s", document)
}
