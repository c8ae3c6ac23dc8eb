package moviltest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"clave/audit/audittest"
	"clave/broker"
	"clave/broker/registry"
	"clave/census/pair"
	"clave/census/pair/pairtest"
	"clave/identity"
	"clave/internal/clocktest"
	"clave/internal/safelog/safelogtest"
	"clave/internal/tally"
	"clave/keys/keystest"
	"clave/notify"
	"clave/notify/notifytest"
	"clave/notify/push"
	"clave/providers/movil"
	"clave/providers/movil/passkey"
	"clave/providers/providertest"
	"clave/sandbox/phone"
	"clave/web/lang"
	"clave/web/page"
)

// Issuer is where the method's pages are.
const Issuer = "https://clave.example"

// Stores are what the method keeps things in.
type Stores struct {
	Tx          func(ctx context.Context, fn func(ctx context.Context) error) error
	Tallies     tally.Store
	Devices     movil.Devices
	Activations movil.Activations
	Requests    movil.Requests
	// Forget forgets all devices of a person, as the registrar does.
	Forget func(ctx context.Context, person identity.PersonID) error
}

// World is the method with everything around it.
type World struct {
	*movil.Provider
	Citizens *Citizens
	Clock    *clocktest.Clock
	Outbox   *notifytest.Outbox
	Trail    *audittest.Trail
	Log      *safelogtest.Log
	Stores   Stores

	broker *providertest.Broker
	owned  map[identity.PersonID]Owned
}

// Owned is a phone that is an activated device.
type Owned struct {
	*phone.Phone
	movil.Device
}

// New returns a world over stores in memory, without pages.
func New(t testing.TB) (*World, *Memory) {
	t.Helper()
	return inMemory(t, false)
}

// NewWithPages is New with pages, whose parsing takes a while.
func NewWithPages(t testing.TB) (*World, *Memory) {
	t.Helper()
	return inMemory(t, true)
}

func inMemory(t testing.TB, withPages bool) (*World, *Memory) {
	t.Helper()
	m, clock := NewMemory(), clocktest.Noon()
	var pages *page.Engine
	if withPages {
		pages = page.New(texts(t), page.Frame{Now: clock.Now, Zone: time.UTC})
		pages.Compare(func(err error) { t.Error(err) })
	}
	return Over(t, clock, Stores{m.Tx, m, m, m, m, m.ForgetDevices}, pages), m
}

func texts(t testing.TB) *lang.Texts {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// Over returns a world over the stores; the pages may be nil.
func Over(t testing.TB, clock *clocktest.Clock, stores Stores, pages *page.Engine) *World {
	t.Helper()
	composer, err := notify.NewComposer(texts(t), "clave.example", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	passkeys, err := passkey.New(Issuer)
	if err != nil {
		t.Fatal(err)
	}
	ring := keystest.Fixed(t)
	w := &World{
		Citizens: NewCitizens(), Clock: clock, Log: &safelogtest.Log{}, Stores: stores,
		Outbox: &notifytest.Outbox{OnCommit: providertest.OnCommit}, Trail: &audittest.Trail{OnCommit: providertest.OnCommit},
		broker: providertest.NewBroker(identity.Movil, clock.Now, stores.Tx), owned: map[identity.PersonID]Owned{},
	}
	log := slog.New(slog.NewJSONHandler(w.Log, nil))
	pairs := pair.New(pair.Config{
		Tx: w.broker, Register: pairtest.Register{Candidates: w.Citizens, Tallies: stores.Tallies}, Tallies: stores.Tallies,
		Trail: w.Trail, Log: log, Now: clock.Now,
	})
	w.Provider = movil.New(movil.Config{
		Broker: w.broker, Ways: w.broker, Parties: parties{}, Register: w.Citizens, Pairs: pairs, Tallies: stores.Tallies,
		Devices: stores.Devices, Activations: stores.Activations, Requests: stores.Requests, Passkeys: passkeys, Trail: w.Trail,
		Codes: ring.PIN(), Handles: ring.Index(), Outbox: w.Outbox, Pushes: &push.Settings{Contact: "mailto:ayuda@clave.example"}, Composer: composer, Notices: movil.NewNotices(texts(t), "060"),
		Budget: open{}, Cookies: ring.Cookies(), Pages: pages, PhoneLimit: 10, Log: log, Now: clock.Now,
	})
	return w
}

// open is a budget without end.
type open struct{}

// Allow implements movil.Budget.
func (open) Allow(string) bool { return true }

// parties are the one that there is.
type parties struct{}

// Snapshot implements movil.Parties.
func (parties) Snapshot() *registry.Snapshot {
	return registry.NewSnapshot(1, []*registry.RelyingParty{providertest.Party()})
}

// Broker implements providertest.Subject.
func (w *World) Broker() *providertest.Broker { return w.broker }

// Person is the id of a sample citizen.
func (w *World) Person(number string) identity.PersonID {
	w.Citizens.mu.Lock()
	defer w.Citizens.mu.Unlock()
	return w.Citizens.held[Document(number)].PersonID
}

// Phone is a new phone in software whose browser is at the issuer.
func Phone() *phone.Phone { return phone.New(Issuer) }

// Proven is an activation under way of a sample citizen, whose code was right.
func (w *World) Proven(t testing.TB, number string) (token string) {
	t.Helper()
	token, err := w.StartActivation(t.Context(), Pair(number), "en")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ProveActivation(t.Context(), token, w.Outbox.Code(t)); err != nil {
		t.Fatal(err)
	}
	return token
}

// Made is what a phone makes for an activation.
func (w *World) Made(t testing.TB, token string, p *phone.Phone) movil.NewDevice {
	t.Helper()
	options, challenge, err := w.Creation(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	response, err := p.Create(options)
	if err != nil {
		t.Fatal(err)
	}
	return movil.NewDevice{Response: response, Key: p.Key(), Signature: p.Sign(challenge), Name: "My phone", Language: "en"}
}

// Give makes a phone a device of a sample citizen, all the way.
func (w *World) Give(t testing.TB, number string, p *phone.Phone) Owned {
	t.Helper()
	token := w.Proven(t, number)
	d, err := w.Activate(t.Context(), token, w.Made(t, token, p))
	if err != nil {
		t.Fatal(err)
	}
	return Owned{p, d}
}

// Owned is the phone of a sample citizen; the first time, one is activated.
func (w *World) Owned(t testing.TB, number string) Owned {
	t.Helper()
	person := w.Person(number)
	if _, ok := w.owned[person]; !ok {
		w.owned[person] = w.Give(t, number, Phone())
	}
	return w.owned[person]
}

// Signed is what a device signs to approve a request.
func (w *World) Signed(t testing.TB, by Owned, id movil.RequestID) movil.Signed {
	t.Helper()
	options, challenge, err := w.ApproveOptions(t.Context(), by.Device, id)
	if err != nil {
		t.Fatal(err)
	}
	response, err := by.Get(options)
	if err != nil {
		t.Fatal(err)
	}
	return movil.Signed{Response: response, Signature: by.Sign(challenge)}
}

// Persons implements providertest.Subject.
func (w *World) Persons() []identity.PersonID {
	return []identity.PersonID{w.Person(Advanced), w.Person(Second)}
}

// Begin implements providertest.Subject: the citizen's phone reads the QR and signs,
// and has not sent it yet.
func (w *World) Begin(t testing.TB, l *broker.Login, person identity.PersonID) string {
	t.Helper()
	for _, number := range []string{Advanced, Second} {
		if w.Person(number) != person {
			continue
		}
		by := w.Owned(t, number)
		r, err := w.AskByQR(t.Context(), w.broker.Again(l), movil.Place{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Claim(t.Context(), by.Device, r.Handle(w.Clock.Now())); err != nil {
			t.Fatal(err)
		}
		answer, err := json.Marshal(w.Signed(t, by, r.ID))
		if err != nil {
			t.Fatal(err)
		}
		return string(answer)
	}
	t.Fatalf("%s is no sample citizen", person)
	return ""
}

// Wrong implements providertest.Subject: another signature of the device key.
func (w *World) Wrong(answer string) string {
	var signed movil.Signed
	if err := json.Unmarshal([]byte(answer), &signed); err != nil {
		panic(err)
	}
	signed.Signature[0] ^= 1
	wrong, err := json.Marshal(signed)
	if err != nil {
		panic(err)
	}
	return string(wrong)
}

// Finish implements providertest.Subject: the phone sends what it signed, for the
// request of the login, and the browser comes for it.
func (w *World) Finish(t testing.TB, l *broker.Login, answer string) error {
	r, err := w.Watch(t.Context(), l)
	if err != nil {
		return refused(err)
	}
	var signed movil.Signed
	if err := json.Unmarshal([]byte(answer), &signed); err != nil {
		signed = movil.Signed{Response: json.RawMessage(`{}`)}
	}
	if by, ok := w.owned[r.Person]; ok {
		if err := w.Approve(t.Context(), by.Device, r.ID, signed); refused(err) != nil {
			return err
		}
	}
	return refused(w.Provider.Finish(t.Context(), l))
}

// refused takes away what is an answer and no mistake.
func refused(err error) error {
	var denied *movil.Denied
	if errors.As(err, &denied) {
		return nil
	}
	return err
}

// Pass implements providertest.Subject.
func (w *World) Pass(d time.Duration) { w.Clock.Pass(d) }

// Lives implements providertest.Subject.
func (w *World) Lives() time.Duration { return movil.RequestLifetime }
