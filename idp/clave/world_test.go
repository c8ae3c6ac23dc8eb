package clave_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"html"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/broker"
	"clave/broker/logout"
	"clave/broker/logout/logouttest"
	"clave/broker/registry"
	"clave/identity"
	"clave/idp/clave"
	"clave/internal/clocktest"
	"clave/internal/inbound/inboundtest"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
	"clave/keys"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/route"

	"github.com/beevik/etree"
	"github.com/gorilla/mux"
)

const (
	issuer   = "https://clave.example"
	address  = issuer + "/Proxy2/ServiceProvider"
	provider = "P2807900B_L01280796;Town"
	acs      = "https://town.example/clave/acs"
	second   = "https://town.example/clave/second"
	goodbye  = "https://town.example/clave/logout"
)

// fixtures are keys that all worlds share: making RSA keys takes long.
type fixtures struct{ ours, next, town, other keys.SigningKey }

var shared = sync.OnceValue(func() fixtures {
	var made [4]keys.SigningKey
	for i, id := range []string{"0000000a", "0000000b", "town", "other"} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: id},
			NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			panic(err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			panic(err)
		}
		made[i] = keys.SigningKey{ID: id, Alg: keys.RS256, Signer: key, Certificate: certificate}
	}
	return fixtures{made[0], made[1], made[2], made[3]}
})

// ring has one key that signs and, when they are there, a next and a retired one.
type ring struct {
	mu            sync.Mutex
	active        *keys.SigningKey
	next, retired *keys.SigningKey
}

func (r *ring) Active(alg string) (keys.SigningKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active == nil || alg != keys.RS256 {
		return keys.SigningKey{}, keys.ErrNoKey
	}
	return *r.active, nil
}

func (r *ring) Kept(id string) (keys.SigningKey, error) {
	for _, k := range []*keys.SigningKey{r.active, r.retired} {
		if k != nil && k.ID == id {
			return *k, nil
		}
	}
	return keys.SigningKey{}, keys.ErrNoKey
}

func (r *ring) Published() []keys.PublicKey {
	var all []keys.PublicKey
	for state, k := range map[keys.State]*keys.SigningKey{keys.Retired: r.retired, keys.Active: r.active, keys.Next: r.next} {
		if k != nil {
			all = append(all, keys.PublicKey{ID: k.ID, Alg: k.Alg, State: state, Key: k.Signer.Public(), Certificate: k.Certificate})
		}
	}
	return all
}

func (r *ring) Ensure(context.Context, ...string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active == nil {
		ours := shared().ours
		r.active = &ours
	}
	return nil
}

// world is a front with a broker that does what the test says.
type world struct {
	t       testing.TB
	front   *clave.Front
	handler http.Handler
	ring    *ring
	parties *parties
	broker  *fakeBroker
	logouts *fakeLogouts
	took    *logouttest.Memory // part in sessions
	clock   *clocktest.Clock
}

type parties struct {
	current atomic.Pointer[registry.Snapshot]
}

func (p *parties) Snapshot() *registry.Snapshot { return p.current.Load() }

// fakeBroker keeps the requests that it is given, and has the session that is said.
type fakeBroker struct {
	opened  []broker.Request
	session *broker.Session
}

func (b *fakeBroker) Open(w http.ResponseWriter, r *http.Request, req broker.Request) {
	req.ID = "login"
	b.opened = append(b.opened, req)
	http.Redirect(w, r, "/login/login", http.StatusSeeOther)
}

func (b *fakeBroker) CurrentSession(*http.Request) (*broker.Session, error) { return b.session, nil }

// fakeLogouts keeps what it is asked for.
type fakeLogouts struct{ started []logout.After }

func (l *fakeLogouts) Start(w http.ResponseWriter, r *http.Request, after logout.After) {
	l.started = append(l.started, after)
	http.Redirect(w, r, "/logout/one", http.StatusSeeOther)
}

// enginePages is one engine for all worlds: it never changes, and takes long to make.
var enginePages = sync.OnceValue(func() *page.Engine {
	texts, err := lang.Load()
	if err != nil {
		panic(err)
	}
	return page.New(texts, page.Frame{Secure: true, Log: quiet()})
})

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newWorld(t testing.TB, change ...func(*clave.Config)) *world {
	t.Helper()
	ours := shared().ours
	w := &world{
		t: t, ring: &ring{active: &ours}, parties: &parties{}, broker: &fakeBroker{}, logouts: &fakeLogouts{},
		took: logouttest.NewMemory(), clock: clocktest.Noon(),
	}
	w.register(town())
	pages := enginePages()
	c := clave.Config{
		Issuer: issuer, Parties: w.parties, Signers: w.ring, Broker: w.broker, Participants: w.took, Logouts: w.logouts,
		Once:  inboundtest.NewMemory(),
		Pages: pages, Log: quiet(), Now: w.clock.Now,
	}
	for _, f := range change {
		f(&c)
	}
	w.front = clave.New(c)
	router := mux.NewRouter()
	open := func(next http.Handler) http.Handler { return next }
	err := route.Mount(router, w.front.Routes(), route.Guards{
		RelyingParty: open, Fail: pages.ErrorPage, Log: quiet(), Secure: true, Origins: []string{issuer},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.handler = router
	return w
}

func (w *world) register(all ...*registry.RelyingParty) {
	w.parties.current.Store(registry.NewSnapshot(1, all))
}

func registered(k keys.SigningKey) string {
	return base64.StdEncoding.EncodeToString(k.Certificate.Raw)
}

// town is a relying party with a service of the dialect.
func town(change ...func(*registry.RelyingParty)) *registry.RelyingParty {
	p := &registry.RelyingParty{
		ID: "town", Name: registry.Names{"es": "Ayuntamiento de Ejemplo"}, Sector: "town", MinimumLevel: identity.Low,
		Attributes: identity.AllAttributes(), Methods: identity.Methods(),
		Clave: []registry.ClaveService{{
			ProviderName: provider, ACS: []string{acs, second}, Logout: []string{goodbye, acs},
			Certificates: []string{registered(shared().town)},
		}},
	}
	for _, f := range change {
		f(p)
	}
	return p
}

// neighbour is another relying party, with a key of its own.
func neighbour() *registry.RelyingParty {
	return &registry.RelyingParty{
		ID: "neighbour", Name: registry.Names{"es": "Vecino"}, Sector: "neighbour", MinimumLevel: identity.Low,
		Attributes: identity.AllAttributes(), Methods: identity.Methods(),
		Clave: []registry.ClaveService{{
			ProviderName: "P0800000B_L01080193;Neighbour", ACS: []string{"https://neighbour.example/acs"},
			Logout: []string{"https://neighbour.example/logout"}, Certificates: []string{registered(shared().other)},
		}},
	}
}

func (w *world) do(r *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	return recorder.Result()
}

func (w *world) get(address string) *http.Response {
	return w.do(httptest.NewRequest(http.MethodGet, address, nil))
}

func (w *world) postForm(form url.Values, address string) *http.Response {
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://town.example")
	return w.do(r)
}

// send is a message in a form of the service's.
func (w *world) send(field, message string) *http.Response {
	return w.postForm(url.Values{field: {saml2.PostValue([]byte(message))}, saml2.FieldRelayState: {"state-1"}}, address)
}

// login sends a request and follows to the broker.
func (w *world) login(message string) broker.Request {
	w.t.Helper()
	w.follow(w.send(saml2.FieldRequest, message), "/Proxy2/ServiceProvider/login?handle=")
	return w.opened()
}

// follow goes on by GET, where our cookies come along.
func (w *world) follow(got *http.Response, prefix string) *http.Response {
	w.t.Helper()
	where := got.Header.Get("Location")
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(where, prefix) {
		body, _ := io.ReadAll(got.Body)
		w.t.Fatalf("answered %d %s: %s", got.StatusCode, where, integratorText.FindString(string(body)))
	}
	return w.get(issuer + where)
}

var integratorText = regexp.MustCompile(`(?s)<span class="code">.*?</details>`)

// opened is the one request that the broker got.
func (w *world) opened() broker.Request {
	w.t.Helper()
	if len(w.broker.opened) != 1 {
		w.t.Fatalf("the broker was given %d requests, want 1", len(w.broker.opened))
	}
	return w.broker.opened[0]
}

func outcome(req broker.Request, change ...func(*broker.Outcome)) broker.Outcome {
	out := broker.Outcome{
		Login: req.ID, Session: "session-1", RelyingParty: req.RelyingParty, Person: "person-1", Subject: "pairwise-1",
		Level: identity.Substantial, Method: identity.PIN, AuthTime: time.Date(2026, 11, 21, 11, 59, 0, 0, time.UTC),
		SessionEndsAt: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Registration: identity.Advanced, Channel: identity.ByOffice,
		Attributes: identity.Attributes{
			GivenName: "Ana", FamilyName: "García Ruiz", FirstSurname: "García", SecondSurname: "Ruiz",
			BirthDate: identity.Date{Year: 1980, Month: 2, Day: 3}, DocumentNumber: "12345678Z", DocumentKind: identity.DNI,
		}.Only(req.Attributes),
	}
	for _, f := range change {
		f(&out)
	}
	return out
}

// byCertificate is an outcome with a certificate.
func byCertificate(out *broker.Outcome) {
	out.Method = identity.Certificate
	out.Certificate = &broker.Certificate{
		Issuer: "CN=AC Usuarios,OU=Ejemplo,O=Autoridad de Ejemplo,C=ES", Serial: "123456789012345678901234567890",
		NotBefore: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC), NotAfter: time.Date(2029, 1, 2, 3, 4, 5, 0, time.UTC),
		Policy: "1.3.6.1.4.1.5734.3.10.1", Qualified: true,
	}
}

// finish walks from the request to the answer, as a citizen who succeeds.
func (w *world) finish(req broker.Request, change ...func(*broker.Outcome)) said {
	w.t.Helper()
	answer, err := w.front.Issue(context.Background(), req, outcome(req, change...))
	if err != nil {
		w.t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	w.front.Answer(recorder, httptest.NewRequest(http.MethodGet, issuer+"/login/login", nil), req, answer, broker.ByPage)
	return w.said(recorder.Result(), saml2.FieldResponse)
}

// refused is what the browser gets when the broker refuses.
func (w *world) refused(req broker.Request, reason broker.Reason) *http.Response {
	recorder := httptest.NewRecorder()
	w.front.Refuse(recorder, httptest.NewRequest(http.MethodGet, issuer+"/login/login", nil), req, reason, broker.ByPage)
	return recorder.Result()
}

// said is a message as the service gets it.
type said struct {
	Target, RelayState, Text string
	Message                  *etree.Element // as the signature covers it
}

var (
	action = regexp.MustCompile(`<form[^>]* action="([^"]*)"`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// said reads the page that posts a message, and checks the signature with the active key.
func (w *world) said(got *http.Response, field string) said {
	w.t.Helper()
	ours, err := w.ring.Active(keys.RS256)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.saidBy(got, field, ours)
}

func (w *world) saidBy(got *http.Response, field string, key keys.SigningKey) said {
	w.t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var s said
	for _, f := range action.FindAllSubmatch(body, -1) {
		if target := html.UnescapeString(string(f[1])); strings.HasPrefix(target, "https://") {
			s.Target = target
		}
	}
	fields := url.Values{}
	for _, f := range hidden.FindAllSubmatch(body, -1) {
		fields.Add(html.UnescapeString(string(f[1])), html.UnescapeString(string(f[2])))
	}
	if got.StatusCode != http.StatusOK || s.Target == "" || len(fields[field]) != 1 {
		w.t.Fatalf("status %d, no %s is posted: %s", got.StatusCode, field, integratorText.Find(body))
	}
	s.RelayState = fields.Get(saml2.FieldRelayState)
	text, err := base64.StdEncoding.DecodeString(fields.Get(field))
	if err != nil {
		w.t.Fatal(err)
	}
	s.Text = string(text)
	d, err := xmlsig.Parse(text, saml2.MessageLimits())
	if err != nil {
		w.t.Fatal(err)
	}
	signed, err := d.Verify(nil, xmlsig.Trust{Keys: []crypto.PublicKey{key.Signer.Public()}})
	if err != nil {
		w.t.Fatal(err)
	}
	s.Message = signed.Element
	return s
}

// at is the text of the last element at a path of local names, or the value of its
// attribute behind @; empty when it is not there.
func (s said) at(path string) string {
	path, attribute, _ := strings.Cut(path, "@")
	el := s.Message
	for _, name := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' }) {
		var next *etree.Element
		for _, child := range el.ChildElements() {
			if child.Tag == name {
				next = child
			}
		}
		if el = next; el == nil {
			return ""
		}
	}
	if attribute != "" {
		return el.SelectAttrValue(attribute, "")
	}
	return el.Text()
}

// attributes are those of the assertion, by friendly name.
func (s said) attributes() map[string]string {
	all := map[string]string{}
	for _, el := range s.Message.FindElements("./Assertion/AttributeStatement/Attribute") {
		all[el.SelectAttrValue("FriendlyName", "")] = el.ChildElements()[0].Text()
	}
	return all
}

// wantMistake checks that a page tells of a mistake, leads nowhere, and nothing happened.
func (w *world) wantMistake(got *http.Response, code string) {
	w.t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if got.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), `<span class="code">`+code+`</span>`) {
		w.t.Errorf("answered %d, want a page with %s, got %s", got.StatusCode, code, integratorText.Find(body))
	}
	if got.Header.Get("Location") != "" || strings.Contains(string(body), "http-equiv=\"refresh\"") || strings.Contains(string(body), "SAMLResponse") ||
		strings.Contains(string(body), "evil.example") || strings.Contains(string(body), "town.example") {
		w.t.Error("the page leads somewhere")
	}
	if len(w.broker.opened)+len(w.logouts.started) != 0 {
		w.t.Error("it was taken")
	}
}

// wantRefusal checks an error response.
func (w *world) wantRefusal(got *http.Response, top, second string) said {
	w.t.Helper()
	s := w.said(got, saml2.FieldResponse)
	const prefix = "urn:oasis:names:tc:SAML:2.0:status:"
	code, more := strings.TrimPrefix(s.at("Status/StatusCode@Value"), prefix), strings.TrimPrefix(s.at("Status/StatusCode/StatusCode@Value"), prefix)
	if code != top || more != second {
		w.t.Errorf("status %s %s (%s), want %s %s", code, more, s.at("Status/StatusMessage"), top, second)
	}
	if s.Target != acs || s.at("@Destination") != acs || s.at("Status/StatusMessage") == "" || s.at("Assertion@ID") != "" || s.RelayState != "state-1" {
		w.t.Errorf("target %s, message %q, state %q", s.Target, s.at("Status/StatusMessage"), s.RelayState)
	}
	if len(w.broker.opened) != 0 {
		w.t.Error("a login was opened")
	}
	return s
}
