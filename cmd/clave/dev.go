package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"clave/broker/registry"
	"clave/internal/metrics"
	"clave/internal/throttle"
	"clave/keys"
	"clave/notify"
	"clave/notify/push"
	profiles "clave/providers/certificate/profile"
	"clave/providers/certificate/revocation"
	"clave/providers/certificate/trust"
	"clave/providers/permanente/password"
	"clave/sandbox"
	"clave/sandbox/authority"
	"clave/sandbox/sample"
	"clave/store"
	"clave/web/page"
	"clave/web/route"
)

// The sandbox's limits are out of the way: all its clients are on one machine.
const (
	sandboxBudget = 1_000_000_000 // messages an hour
	sandboxRate   = 100_000       // requests a second
	// sandboxPhoneLimit is how many messages a test citizen gets in a day: suites
	// log the same few in again and again.
	sandboxPhoneLimit = 1000
	sandboxStop       = 5 * time.Second

	sandboxMasterName = "master.key"
)

// devCommand runs the complete sandbox in one process, on loopback only.
type devCommand struct {
	Listen   string   `default:"127.0.0.1:8080" help:"Loopback address and port. The issuer is http://localhost:PORT."`
	Data     string   `default:"data" type:"path" help:"Folder for database, keys and inbox; made when missing."`
	Database string   `help:"sqlite:///path/file.db or postgres://…; default is a file in the data folder."`
	RP       []string `name:"rp" type:"existingfile" help:"More relying parties, as YAML."`
	Fresh    bool     `name:"fresh-names" help:"Ask for certificates at a fresh name below certificado.localhost each time, so that browsers ask again which one to show."`
	Rate     int      `hidden:"" help:"Requests a second of one address and as many at once, for the benchmark."`
	Profile  string   `hidden:"" type:"path" help:"Write where the processor's time goes to this file, for the benchmark."`
}

// Run starts the sandbox and returns when ctx ends.
func (c *devCommand) Run(ctx context.Context, log *slog.Logger, out io.Writer) (err error) {
	finish, err := profile(c.Profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, finish()) }()
	listener, port, err := c.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	inbox, err := sandbox.OpenInbox(filepath.Join(c.Data, "inbox.jsonl"), time.Now)
	if err != nil {
		return err
	}
	defer inbox.Close()
	if c.Database == "" {
		path, err := filepath.Abs(filepath.Join(c.Data, "clave.db"))
		if err != nil {
			return fmt.Errorf("naming the database: %w", err)
		}
		c.Database = "sqlite://" + path
	}
	training, err := filepath.Abs(filepath.Join(c.Data, "training.db"))
	if err != nil {
		return fmt.Errorf("naming the database of the training: %w", err)
	}
	master, err := c.master(c.Database)
	if err != nil {
		return err
	}
	issuer, home := "http://localhost:"+port, "http://127.0.0.1:"+port
	papers, mutual, err := c.certificates(listener.Addr().String(), issuer)
	if err != nil {
		return err
	}
	defer mutual.Listener.Close()
	in, err := assemble(ctx, settings{
		Certificates: mutual,
		Issuer:       issuer, DatabaseURL: c.Database, TrainingURL: "sqlite://" + training, Master: master, Sandbox: true, Handsfree: sandbox.HandsfreePath,
		Frame: sandboxFrame(log),
		Carriers: map[notify.Kind]notify.Carrier{
			notify.SMS: inbox, notify.Mail: inbox, notify.Push: inbox,
		},
		Letters: sandboxLetters(inbox), Permanente: &password.QueueOptions{}, Movil: &movilSettings{Pushes: sandboxPushes()},
		Budgets: []throttle.Limit{{Prefix: "sms:", Most: sandboxBudget}, {Prefix: "mail:", Most: sandboxBudget}}, Rate: c.rate(),
		Documents: issuer + "/docs", Metrics: metrics.New(version()), StopTimeout: sandboxStop, Log: log, Now: time.Now,
	})
	if err != nil {
		return err
	}
	defer in.db.Close()
	if err := sandbox.Seed(ctx, in.census, in.persons, time.Now); err != nil {
		return err
	}
	if err := in.seedPasswords(ctx); err != nil {
		return err
	}
	if err := in.phones().Seed(ctx, in.persons); err != nil {
		return err
	}
	if err := sandbox.SeedOffices(ctx, in.offices, time.Now); err != nil {
		return err
	}
	if err := c.seedStaff(ctx, in); err != nil {
		return err
	}
	samples, err := sample.Open(sample.Settings{Issuer: issuer, Home: home, Data: filepath.Join(c.Data, "samples"), Log: log, Now: time.Now})
	if err != nil {
		return err
	}
	if err := c.register(ctx, in, samples, port); err != nil {
		return err
	}
	in.routes = slices.Concat(in.routes, in.sandboxRoutes(inbox, papers, port), in.operations())
	product, err := in.handler()
	if err != nil {
		return err
	}
	services := mux.NewRouter()
	if err := route.Mount(services, samples.Routes(), route.Guards{Fail: in.engine.ErrorPage, Log: log, Sandbox: true}); err != nil {
		return fmt.Errorf("mounting the sample services: %w", err)
	}
	c.greet(out, issuer, home, mutual.Host)
	return in.serve(ctx, listener, route.Hosts(map[string]http.Handler{
		"localhost:" + port: product, "127.0.0.1:" + port: services,
	}))
}

// greet says what to open, and where to point services.
func (c *devCommand) greet(out io.Writer, issuer, home, certificates string) {
	database := "URL" // that of PostgreSQL may have a password in it
	if _, sqlite := sqlitePath(c.Database); sqlite {
		database = c.Database
	}
	fmt.Fprintf(out, `
Cl@ve sandbox

  Open          %[1]s
  Sample RP     %[2]s/town
  All samples   %[2]s
  Citizens      %[1]s/dev/citizens
  Inbox         %[1]s/dev/inbox
  Discovery     %[1]s/.well-known/openid-configuration
  Officers      %[1]s/staff
  Certificates  %[3]s (see %[1]s/dev/certificates)

Services that speak SAML 2.0 or Cl@ve 2 keep their kit; change in its settings:

  SAML metadata and entityID       %[1]s/saml/metadata
  Cl@ve 2 address, login + logout  %[1]s/Proxy2/ServiceProvider
  Cl@ve 2 certificate, for a file  %[1]s/dev/clave.pem
  Cl@ve 2 certificates, fetched    %[1]s/Proxy2/Certificates
  Register yours                   clave rp apply FILE --database %[4]s (docs/move-to-clave.md)

`, issuer, home, certificates, database)
}

// rate is how much one address may ask: all there is, unless it is to be measured.
func (c *devCommand) rate() throttle.Rate {
	n := cmp.Or(c.Rate, sandboxRate)
	return throttle.Rate{PerSecond: float64(n), Burst: n}
}

// seedPasswords gives test citizens what they need for Cl@ve Permanente.
func (in *installation) seedPasswords(ctx context.Context) error {
	columns, index := in.keys.Columns(), in.keys.Index()
	kept := store.NewPasswords(in.db, columns)
	return sandbox.Passwords{
		Tx: in.db.Tx, Accounts: kept, Activations: kept, Codes: in.keys.Activation(),
		Issue: store.NewRegistrar(in.db, columns, index).KeepActivation,
	}.Seed(ctx, in.persons, in.Now)
}

// seedStaff gives each role at the console to one of the citizens.
func (c *devCommand) seedStaff(ctx context.Context, in *installation) error {
	who, err := operator()
	if err != nil {
		return err
	}
	return sandbox.SeedStaff(ctx, store.NewStaff(in.db, in.keys.Columns()), rosterOf(in.db, in.keys, in.trail, in.Now), who)
}

// sandboxRoutes are what the sandbox has beside the product.
func (in *installation) sandboxRoutes(inbox *sandbox.Inbox, papers *sandbox.Certificates, port string) []route.Route {
	papers.Engine = in.engine
	phones := in.phones()
	pages := sandbox.NewPages(in.engine, inbox, in.persons, papers, phones, in.installed(), port)
	handsfree := &sandbox.Handsfree{
		Broker: in.broker, PIN: in.pin, Permanente: in.permanente, Phones: phones, Certificate: in.certificate, Certificates: papers, Register: in.persons,
		Inbox: inbox, Now: in.Now, Engine: in.engine,
	}
	kits := &sandbox.Kits{Clave: in.keys.Clave(), SAML: in.keys.SAML(), Engine: in.engine}
	return slices.Concat(pages.Routes(), papers.Routes(), handsfree.Routes(), kits.Routes())
}

// certificates opens the host of the certificates beside the sandbox's own address,
// with the authority of the data folder.
func (c *devCommand) certificates(address, issuer string) (*sandbox.Certificates, *certificates, error) {
	ca, err := authority.Open(c.Data, time.Now(), sandbox.Addresses(issuer))
	if err != nil {
		return nil, nil, err
	}
	own, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the sandbox's address: %w", err)
	}
	server, err := ca.Server(time.Now(), own, "127.0.0.1", "::1", "localhost", "*.certificado.localhost")
	if err != nil {
		return nil, nil, err
	}
	listener, port, err := beside(address)
	if err != nil {
		return nil, nil, err
	}
	if c.Fresh {
		own = "*.certificado.localhost"
	}
	mutual := &certificates{
		Host: "https://" + net.JoinHostPort(own, port), Listener: listener, Highest: tls.VersionTLS13,
		Server: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return server, nil },
		Trust:  trust.New(ca.Root, ca.Issuer), Table: profiles.Default().For(authority.Organisation),
		Revocation: revocation.Options{
			// For certificates that a browser imported when the sandbox had another port.
			Fallback: []revocation.Responder{{Organisation: authority.Organisation, Address: ca.Issuer.OCSPServer[0]}},
			Loopback: true, Now: time.Now,
		},
	}
	return &sandbox.Certificates{CA: ca, Host: mutual.Host, Now: time.Now}, mutual, nil
}

// listen opens the address; it takes loopback only, because the sandbox has
// secrets that everybody knows.
func (c *devCommand) listen() (net.Listener, string, error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return nil, "", fmt.Errorf("reading --listen: %w", err)
	}
	ip, err := netip.ParseAddr(host)
	if host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, "", fmt.Errorf("--listen %s: the sandbox listens on loopback only, as in 127.0.0.1:8080", c.Listen)
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, "", fmt.Errorf("listening: %w; choose another port with --listen 127.0.0.1:8081", err)
	}
	if port == "0" {
		_, port, err = net.SplitHostPort(listener.Addr().String())
		if err != nil {
			return nil, "", errors.Join(err, listener.Close())
		}
	}
	return listener, port, nil
}

// master reads the master key, or makes it: the one beside a SQLite database, as
// the operator's commands know it, or that of the data folder.
func (c *devCommand) master(database string) (*keys.Master, error) {
	file := filepath.Join(c.Data, sandboxMasterName)
	path, sqlite := sqlitePath(database)
	if sqlite {
		if master, err := keys.ReadMasterFile(path + ".key"); !errors.Is(err, fs.ErrNotExist) {
			return master, err
		}
	}
	master, err := keys.ReadMasterFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		master, err = keys.CreateMasterFile(file)
	}
	if err != nil {
		return nil, err
	}
	if sqlite && filepath.Dir(path) != filepath.Dir(file) {
		// So that `clave rp apply --database …` finds it as well.
		return master, copyMaster(file, path+".key")
	}
	return master, nil
}

func copyMaster(from, to string) error {
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("putting the master key beside the database: %w", err)
	}
	return nil
}

// register makes the sandbox's relying parties known, and those of --rp.
func (c *devCommand) register(ctx context.Context, in *installation, samples *sample.Samples, port string) error {
	rules := registry.Rules{Sandbox: true, Now: time.Now()}
	files, err := readParties(c.RP, rules)
	if err != nil {
		return err
	}
	rules.ReadFile = samples.File
	files = append([]*registry.File{registry.Read("sandbox/parties.yaml", sandbox.Parties(port), rules)}, files...)
	who, err := operator()
	if err != nil {
		return err
	}
	a := access{db: in.db, keys: in.keys, trail: in.trail, actor: who, now: in.Now}
	_, _, err = a.changeParties(ctx, func(current registry.Register) (registry.Change, error) {
		return registry.Prepare(current, in.Now(), files...)
	})
	if err != nil {
		return err
	}
	return in.parties.Refresh(ctx)
}

// sandboxPushes lets browsers subscribe as they would; what is pushed comes to the inbox.
func sandboxPushes() *push.Settings {
	return &push.Settings{Contact: "mailto:ayuda@clave.example", Loopback: true}
}

// sandboxFrame is what the sandbox's pages say about who runs it.
func sandboxFrame(log *slog.Logger) page.Frame {
	zone, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		zone = time.UTC // a machine without time zones
	}
	return page.Frame{
		Responsible: "Cl@ve sandbox", Telephone: "060", Mailbox: "ayuda@clave.example", Zone: zone, Now: time.Now, Log: log,
	}
}
