package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"clave/broker"
	"clave/conf"
	"clave/idp/oidc"
	"clave/internal/metrics"
	"clave/internal/safelog"
	"clave/internal/throttle"
	"clave/keys"
	"clave/notify"
	"clave/notify/mail"
	"clave/notify/push"
	"clave/notify/sms"
	"clave/providers/certificate/revocation"
	"clave/providers/certificate/trust"
	"clave/providers/permanente/password"
	"clave/web/page"
	"clave/web/route"
)

// serveCommand is `clave serve`: the real thing.
type serveCommand struct {
	Config string `default:"/etc/clave/clave.yaml" env:"CLAVE_CONFIG" help:"Settings of the installation."`
}

// Run serves until ctx ends. The log goes to out.
func (c *serveCommand) Run(ctx context.Context, out io.Writer) error {
	settings, err := conf.Load(c.Config, os.Getenv, time.Now())
	if err != nil {
		return err
	}
	log, err := newLog(out, settings.Log)
	if err != nil {
		return err
	}
	n := &service{conf: settings, log: log}
	return n.run(ctx)
}

// service is a node that serves by its settings.
type service struct {
	conf     *conf.Config
	log      *slog.Logger
	in       *installation
	receipts *notify.Receipts // nil when the carrier takes none
	smpp     *sms.SMPP
}

func (s *service) run(ctx context.Context) error {
	listener, err := s.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	built, err := s.settings()
	if err != nil {
		return err
	}
	if s.conf.Operations.Listen != "" {
		if built.Operations, err = net.Listen("tcp", s.conf.Operations.Listen); err != nil {
			return fmt.Errorf("listening for operations: %w", err)
		}
		defer built.Operations.Close()
		s.log.Info("answering operators", "listen", built.Operations.Addr().String())
	}
	if built.Certificates, err = s.certificates(); err != nil {
		return err
	}
	if built.Letters, err = s.letters(); err != nil {
		return err
	}
	if c := built.Certificates; c != nil {
		defer c.Listener.Close()
		s.log.Info("asking for certificates", "host", c.Host, "listen", c.Listener.Addr().String(), "behind_proxy", c.Gate != nil)
	}
	if s.in, err = assemble(ctx, built); err != nil {
		return err
	}
	defer s.in.db.Close()
	if err := s.carry(); err != nil {
		return err
	}
	s.in.routes = append(s.in.routes, s.in.home()...)
	product, err := s.in.handler()
	if err != nil {
		return err
	}
	s.log.Info("serving", "issuer", s.conf.Server.Issuer, "version", version(), "listen", listener.Addr().String())
	return s.in.serve(ctx, listener, route.Hosts(map[string]http.Handler{s.conf.Server.Host(): product}))
}

// listen opens the address, with TLS when there is a certificate.
func (s *service) listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", s.conf.Server.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	if s.conf.Server.Certificate == "" {
		return listener, nil
	}
	pair, err := newRenewed(s.conf.Server.Certificate, s.conf.Server.PrivateKey, s.log, time.Now)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: pair.get, NextProtos: []string{"h2", "http/1.1"},
	}), nil
}

// certificates opens the host of the certificates; nil where the method is off.
func (s *service) certificates() (*certificates, error) {
	c := s.conf.Certificate
	if c.Host == "" {
		return nil, nil
	}
	authorities, err := trust.Open(c.Authorities, time.Now())
	if err != nil {
		return nil, fmt.Errorf("reading the authorities: %w", err)
	}
	gate, err := s.gate(c.Proxy)
	if err != nil {
		return nil, err
	}
	var server func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	if gate == nil {
		pair, err := newRenewed(c.ServerCertificate, c.ServerKey, s.log, time.Now)
		if err != nil {
			return nil, err
		}
		server = pair.get
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening for certificates: %w", err)
	}
	return &certificates{
		Host: c.Host, Listener: listener, Server: server, Gate: gate, Highest: c.HighestVersion(), Trust: authorities, Live: authorities, List: c.TrustedList, Table: c.Table(),
		Revocation: revocation.Options{Fallback: c.Fallback(), Now: time.Now},
		Employees:  c.PublicEmployees, AcceptUnchecked: c.WhenUnchecked == "accept",
	}, nil
}

// settings turns the operator's words into what an installation is made from.
func (s *service) settings() (settings, error) {
	master, err := keys.ReadMasterFile(s.conf.Keys.MasterFile)
	if err != nil {
		return settings{}, err
	}
	proxies := make([]string, len(s.conf.Server.TrustedProxies))
	for i, network := range s.conf.Server.TrustedProxies {
		proxies[i] = network.String()
	}
	clients, err := throttle.NewClients(proxies, throttle.ProxyHeader(s.conf.Server.ProxyHeader))
	if err != nil {
		return settings{}, err
	}
	limits, last := s.conf.Limits, s.conf.Lifetimes
	var passwords *password.QueueOptions
	if p := s.conf.Permanente; p.Enabled {
		passwords = &password.QueueOptions{Workers: p.Workers, Waiting: p.Waiting, Patience: p.Patience}
	}
	var devices *movilSettings
	if m := s.conf.Movil; m.Enabled {
		devices = &movilSettings{RefuseSynced: m.RefusesSynced(), Pushes: m.Push.Settings(s.conf.Server.Issuer)}
	}
	return settings{
		Issuer: s.conf.Server.Issuer, DatabaseURL: s.conf.Database.URL, TrainingURL: s.conf.Database.TrainingURL, Connections: s.conf.Database.Connections, Master: master, Durable: true,
		Frame: frameOf(s.conf.Page, s.log), Carriers: map[notify.Kind]notify.Carrier{},
		Budgets: budgets(limits), Rate: throttle.Rate{PerSecond: float64(limits.RequestsPerSecond), Burst: limits.RequestsBurst},
		Login:      broker.Lifetimes{Login: last.Login, SessionIdle: last.SessionIdle, Session: last.Session},
		Tokens:     oidc.Lifetimes{Code: last.Code, AccessToken: last.AccessToken, IDToken: last.IDToken, Offline: last.Offline},
		AuditKeep:  time.Duration(s.conf.Audit.KeepDays) * 24 * time.Hour,
		Permanente: passwords, Movil: devices,
		Clients: clients, Documents: s.conf.OIDC.Documentation, Policy: s.conf.OIDC.Policy, Terms: s.conf.OIDC.Terms,
		Metrics: metrics.New(version()), DrainDelay: s.conf.Server.DrainDelay, StopTimeout: s.conf.Server.StopTimeout,
		Log: s.log, Now: time.Now,
	}, nil
}

// carry opens the ways for messages. The map of carriers is the one that the
// deliverer reads when it starts.
func (s *service) carry() error {
	if s.conf.Mail.Address != "" {
		server, err := s.conf.Mail.Settings()
		if err != nil {
			return fmt.Errorf("reading the mail settings: %w", err)
		}
		if s.in.Carriers[notify.Mail], err = mail.NewSMTP(server, time.Now); err != nil {
			return err
		}
	}
	if m := s.in.Movil; m != nil && m.Pushes != nil {
		waker, err := push.New(*m.Pushes, s.in.keys.Push(), s.in.movil, time.Now)
		if err != nil {
			return err
		}
		s.in.Carriers[notify.Push] = waker
	}
	switch s.conf.SMS.Carrier {
	case "gateway":
		gateway, err := sms.NewGateway(s.conf.SMS.Gateway.Settings(), time.Now)
		if err != nil {
			return err
		}
		s.in.Carriers[notify.SMS] = gateway
	default:
		connection, err := s.conf.SMS.SMPP.Settings()
		if err != nil {
			return fmt.Errorf("reading the SMPP settings: %w", err)
		}
		s.receipts = notify.NewReceipts(s.in.db.Outbox(), s.log, 0)
		if s.smpp, err = sms.NewSMPP(connection, s.receipts.Add, s.log, time.Now); err != nil {
			return err
		}
		s.in.Carriers[notify.SMS] = s.smpp
		s.in.links = append(s.in.links, s.smpp.Run, s.receipts.Run)
	}
	return nil
}

// budgets are the limits of messages an hour, by the keys that pin.Budget and
// registration.Budget say.
func budgets(l conf.Limits) []throttle.Limit {
	limits := []throttle.Limit{
		{Prefix: "sms:country:", Most: int64(l.SMSAbroad)},
		{Prefix: "sms:country:34", Most: int64(l.SMSHome)},
		{Prefix: "sms:rp:", Most: int64(l.SMSRelyingParty)},
		{Prefix: "mail:", Most: int64(l.MailCodes)},
	}
	for code, most := range l.SMSCountries {
		limits = append(limits, throttle.Limit{Prefix: "sms:country:" + code, Most: int64(most)})
	}
	return limits
}

func frameOf(p conf.Page, log *slog.Logger) page.Frame {
	return page.Frame{
		Name: p.Name, Responsible: p.Responsible, TaxNumber: p.TaxNumber, Address: p.Address, Telephone: p.Telephone,
		TelephoneHours: p.TelephoneHours, Mailbox: p.Mailbox, OfficeSearch: p.OfficeSearch, DataProtection: p.DataProtection,
		DataProtectionNotice: p.DataProtectionNotice, Accessibility: page.Accessibility(p.Accessibility),
		Zone: p.Zone(), Secure: true, Now: time.Now, Log: log,
	}
}

func newLog(out io.Writer, l conf.Log) (*slog.Logger, error) {
	format, err := safelog.ParseFormat(l.Format)
	if err != nil {
		return nil, err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		return nil, fmt.Errorf("reading log.level: %w", err)
	}
	return safelog.New(out, format, level), nil
}
