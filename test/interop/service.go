package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// world is what a peer finds: our product, and a folder for itself.
type world struct {
	clave     *product
	places    places
	folder    string
	key       string // file of the peer's key
	processes []*process
	// told is what a walk saw beside what it checked.
	told []string
	kept int // messages in the folder
}

// service is a peer that runs.
type service struct {
	// metadata is the address of its own; registration, in their place, the lines of who
	// has none. Both are empty for who is no service.
	metadata, registration string
	// home is a page that needs a login, and then shows what the application sees, a
	// name and a value on each line.
	home string
	// silent is a page that asks for a login without pages; high one that demands the
	// highest level. Either may be empty where the peer cannot say it.
	silent, high string
	// classic is a page that asks for a password, as if levels were not invented.
	classic string
	// posted is a page whose request goes by HTTP-POST.
	posted string
	// logout is a link that logs out everywhere.
	logout string
	// seen are the names under which the application sees what we say.
	seen seen
}

// seen is how an application's page says what it sees.
type seen struct {
	// nameID is the name of the line with it.
	nameID string
	// namesDocument: it is the number of the citizen's document.
	namesDocument bool
	// transient: the peer asks for names that are new each time.
	transient bool
	// context finds the class of the authentication context.
	context func(values map[string]string) string
	// attribute is the name of the line for a friendly name of ours.
	attribute func(friendlyName string) string
	// also are lines that a login with Cl@ve PIN has besides.
	also map[string]string
}

// line is what stands in a line of its own.
func line(name string) func(map[string]string) string {
	return func(values map[string]string) string { return values[name] }
}

// cookieAt is the name of the cookie for a session of an application. Browsers tell
// hosts apart, and not ports.
func cookieAt(address string) string {
	return "session-" + address[strings.LastIndexByte(address, ':')+1:]
}

// write puts a file into the folder and gives its path.
func (w *world) write(name, text string) (string, error) {
	path := filepath.Join(w.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// run starts a process of the peer; it ends with the world.
func (w *world) run(ctx context.Context, ready func() bool, environment []string, name string, arguments ...string) error {
	p, err := startProcess(ctx, w.folder, ready, environment, name, arguments...)
	if err == nil {
		w.processes = append(w.processes, p)
	}
	return err
}

// stop ends what was started, the last first.
func (w *world) stop() {
	for _, p := range slices.Backward(w.processes) {
		if err := p.stop(); err != nil {
			fmt.Println(" ", err)
		}
	}
}

// ours writes our metadata into a file and gives its path.
func (w *world) ours(ctx context.Context) (string, error) {
	text, err := w.clave.read(ctx, "/saml/metadata")
	if err != nil {
		return "", err
	}
	return w.write("clave.xml", string(text))
}

// keyPair makes a key with a certificate, in files of the folder.
func (w *world) keyPair(name string) (key, certificate string, err error) {
	private, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		return "", "", fmt.Errorf("making a key: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "interop " + name}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return "", "", fmt.Errorf("making a certificate: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", fmt.Errorf("writing a key: %w", err)
	}
	key, err1 := w.write(name+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})))
	certificate, err2 := w.write(name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	w.key = key
	return key, certificate, errors.Join(err1, err2)
}

// registered is how long a running node may take to know a new registration.
const registered = 10 * time.Second

// register makes the peer a relying party, by the metadata that it wrote.
func (w *world) register(ctx context.Context, p peer, s *service) error {
	how := s.registration
	if how == "" {
		text, err := read(ctx, w.clave.web, s.metadata)
		if err != nil {
			return fmt.Errorf("fetching its metadata: %w", err)
		}
		if _, err := w.write("peer.xml", string(text)); err != nil {
			return err
		}
		how = "  saml:\n    - metadata_file: peer.xml\n"
	}
	file, err := w.write("party.yaml", `- id: interop-`+p.name+`
  name: {es: Servicio `+p.name+`, en: Service `+p.name+`}
  organisation: {nif: P2807900B, dir3: L01280796}
  sector: interop-`+p.name+`
  minimum_level: low
  minimum_registration: basic
  methods: [pin, certificate]
  sso: silent
  attributes: [given_name, family_name, first_surname, second_surname, birthdate, document_number, document_kind]
`+how)
	if err != nil {
		return err
	}
	if err := w.clave.register(ctx, file); err != nil {
		return err
	}
	return w.known(ctx, s)
}

// known waits until the running node knows the service: until then a request of it ends
// on a page of ours.
func (w *world) known(ctx context.Context, s *service) error {
	for deadline := time.Now().Add(registered); ; {
		b, err := newBrowser(w.clave, "test:"+nobody)
		if err != nil {
			return err
		}
		p, err := b.open(ctx, s.home)
		switch {
		case err == nil && !w.clave.takes(p.at.String()):
			return nil
		case time.Now().After(deadline):
			return errors.Join(err, fmt.Errorf("requests are not taken: %s", p.says()))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
	}
}
