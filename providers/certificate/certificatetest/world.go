// Package certificatetest is the method certificate with everything around it: an
// authority with responder and lists, stores in memory or others, a clock.
package certificatetest

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"clave/audit/audittest"
	"clave/broker"
	"clave/identity"
	"clave/internal/clocktest"
	"clave/internal/onetime"
	"clave/internal/safelog/safelogtest"
	"clave/keys/keystest"
	"clave/providers/certificate"
	"clave/providers/certificate/profile"
	"clave/providers/certificate/revocation"
	"clave/providers/certificate/trust"
	"clave/providers/providertest"
	"clave/sandbox/authority"
	"clave/test/fakes/ca"
	"clave/web/lang"
	"clave/web/page"
)

// Stores are what the method keeps things in.
type Stores struct {
	Tx            func(ctx context.Context, fn func(ctx context.Context) error) error
	Presentations certificate.Presentations
	Persons       certificate.Persons
}

// World is the method with everything around it.
type World struct {
	*certificate.Provider
	CA    *ca.Server
	Clock *clocktest.Clock
	Trail *audittest.Trail
	Log   *safelogtest.Log

	broker *providertest.Broker
	stores Stores
}

// The people of the tests.
var (
	Juan  = authority.Holder{Document: "99999972C", GivenName: "JUAN", FirstSurname: "ESPAÑOL", SecondSurname: "DE LA MUESTRA"}
	Maria = authority.Holder{Document: "X1234567L", GivenName: "MARÍA", FirstSurname: "EJEMPLO"}
)

// Host and Issuer are the origins.
const (
	Host   = "https://certificado.clave.example"
	Issuer = "https://clave.example"
)

// New returns a world over stores in memory; change may alter the settings.
func New(t testing.TB, change ...func(*certificate.Config)) (*World, *Memory) {
	t.Helper()
	m := NewMemory()
	return Over(t, clocktest.Noon(), Stores{m.Tx, m, m}, change...), m
}

// WithRSA is New with an authority whose own keys are RSA.
func WithRSA(t testing.TB) *World {
	t.Helper()
	m, clock := NewMemory(), clocktest.Noon()
	return around(t, ca.StartRSA(t, clock.Now), clock, Stores{m.Tx, m, m})
}

// WithPages gives the world pages, whose parsing takes a while.
func WithPages(t testing.TB, clock func() time.Time) func(*certificate.Config) {
	t.Helper()
	texts, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return func(c *certificate.Config) { c.Pages = page.New(texts, page.Frame{Now: clock}) }
}

// loaded are the texts, which do not change and take a while to read.
var loaded = sync.OnceValues(lang.Load)

// Over returns a world over the stores.
func Over(t testing.TB, clock *clocktest.Clock, stores Stores, change ...func(*certificate.Config)) *World {
	t.Helper()
	return around(t, ca.Start(t, clock.Now), clock, stores, change...)
}

func around(t testing.TB, authorities *ca.Server, clock *clocktest.Clock, stores Stores, change ...func(*certificate.Config)) *World {
	t.Helper()
	w := &World{CA: authorities, Clock: clock, Log: &safelogtest.Log{}, stores: stores, Trail: &audittest.Trail{OnCommit: providertest.OnCommit}}
	w.broker = providertest.NewBroker(identity.Certificate, clock.Now, stores.Tx)
	config := certificate.Config{
		Broker: w.broker, Ways: w.broker, Persons: stores.Persons, Presentations: stores.Presentations,
		Trust: trust.New(w.CA.Root, w.CA.Issuer), Table: profile.Default().For(authority.Organisation),
		Revocation: revocation.New(revocation.Options{Loopback: true, Now: clock.Now}),
		Trail:      w.Trail, Sealer: keystest.Fixed(t).Cookies(), Jar: broker.CookieJar{Secure: true}, Issuer: Issuer, Host: Host,
		Log: slog.New(slog.NewJSONHandler(w.Log, nil)), Now: clock.Now,
	}
	for _, c := range change {
		c(&config)
	}
	w.Provider = certificate.New(config)
	return w
}

// Broker implements providertest.Subject.
func (w *World) Broker() *providertest.Broker { return w.broker }

// Persons implements providertest.Subject.
func (w *World) Persons() []identity.PersonID {
	var all []identity.PersonID
	for _, h := range []authority.Holder{Juan, Maria} {
		all = append(all, w.Person(h))
	}
	return all
}

// Person is the id of one of the people.
func (w *World) Person(h authority.Holder) identity.PersonID {
	document, err := identity.ParseDocument(h.Document)
	if err != nil {
		panic(err) // ours
	}
	var id identity.PersonID
	err = w.stores.Tx(context.Background(), func(ctx context.Context) (err error) {
		id, _, err = w.stores.Persons.Ensure(ctx, identity.Person{
			Document: document, GivenName: h.GivenName, FirstSurname: h.FirstSurname, SecondSurname: h.SecondSurname,
		}, "es")
		return err
	})
	if err != nil {
		panic(err) // a database that is gone
	}
	return id
}

// Begin implements providertest.Subject.
func (w *World) Begin(t testing.TB, l *broker.Login, person identity.PersonID) string {
	t.Helper()
	for _, h := range []authority.Holder{Juan, Maria} {
		if w.Person(h) == person {
			return w.Show(t, l, w.CA.Good(t, authority.Citizen, h).Chain)
		}
	}
	t.Fatalf("%s is nobody of ours", person)
	return ""
}

// Show shows certificates for a login and gives the ticket.
func (w *World) Show(t testing.TB, l *broker.Login, chain []*x509.Certificate) string {
	t.Helper()
	login, ticket, err := w.Present(t.Context(), w.Handle(l), chain)
	if err != nil || login != l.Request.ID {
		t.Fatalf("presenting a certificate: %v, for login %s", err, login)
	}
	return ticket
}

// Wrong implements providertest.Subject.
func (w *World) Wrong(string) string { return onetime.NewToken() }

// Finish implements providertest.Subject.
func (w *World) Finish(t testing.TB, l *broker.Login, answer string) error {
	err := w.Accept(t.Context(), l, answer)
	var denied *certificate.Denied
	if errors.As(err, &denied) {
		return nil
	}
	return err
}

// Pass implements providertest.Subject.
func (w *World) Pass(d time.Duration) { w.Clock.Pass(d) }

// Lives implements providertest.Subject.
func (w *World) Lives() time.Duration { return certificate.TicketLifetime }
