package saml_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"html"
	"io"
	"log/slog"
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
	"clave/broker/registry"
	"clave/identity"
	"clave/idp/saml"
	"clave/internal/clocktest"
	"clave/internal/inbound/inboundtest"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
	"clave/keys"
	"clave/keys/keystest"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/route"

	"github.com/beevik/etree"
	"github.com/gorilla/mux"
)

const (
	issuer  = "https://clave.example"
	entity  = issuer + "/saml/metadata"
	sso     = issuer + "/saml/sso"
	service = "https://town.example/saml"
	acs     = "https://town.example/saml/acs"
	second  = "https://town.example/saml/second"
)

// fixtures are keys that all worlds share: making RSA keys takes long.
type fixtures struct {
	store   *keystest.Memory
	service keys.SigningKey // the town's
	other   keys.SigningKey // of nobody who is registered
}

// shared makes them once. The town signs with a key of a ring of its own.
var shared = sync.OnceValue(func() fixtures {
	ring := func() (*keystest.Memory, *keys.Keyring) {
		t := fatal{}
		store := keystest.FixedStore(t)
		ring, err := keys.OpenWith(context.Background(), store, keystest.FixedMaster(t), clocktest.Noon().Now, keys.Options{CertifiedRSABits: 2048})
		if err == nil {
			err = ring.SAML().Ensure(context.Background(), keys.RS256, keys.ES256)
		}
		if err != nil {
			panic(err)
		}
		return store, ring
	}
	ours, _ := ring()
	_, theirs := ring()
	town, err := theirs.SAML().Active(keys.RS256)
	if err != nil {
		panic(err)
	}
	other, err := theirs.SAML().Active(keys.ES256)
	if err != nil {
		panic(err)
	}
	return fixtures{ours, town, other}
})

// fatal is a testing.TB for what is made outside of a test.
type fatal struct{ testing.TB }

func (fatal) Helper()                      {}
func (fatal) Fatal(args ...any)            { panic(args) }
func (fatal) Fatalf(f string, args ...any) { panic(f) }

// world is a front with a broker that does what the test says.
type world struct {
	t       testing.TB
	front   *saml.Front
	handler http.Handler
	ring    *keys.Keyring
	parties *parties
	broker  *fakeBroker
	once    *inboundtest.Memory
	clock   *clocktest.Clock
	// logouts and seats are what single logout meets.
	logouts *fakeLogouts
	seats   *seats
}

type parties struct {
	current atomic.Pointer[registry.Snapshot]
}

func (p *parties) Snapshot() *registry.Snapshot { return p.current.Load() }

// fakeBroker keeps the requests that it is given.
type fakeBroker struct{ opened []broker.Request }

func (b *fakeBroker) Open(w http.ResponseWriter, r *http.Request, req broker.Request) {
	req.ID = "login"
	b.opened = append(b.opened, req)
	http.Redirect(w, r, "/login/login", http.StatusSeeOther)
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

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, parties: &parties{}, broker: &fakeBroker{}, clock: clocktest.Noon(), logouts: &fakeLogouts{}, seats: &seats{}, once: inboundtest.NewMemory()}
	store := &keystest.Memory{}
	records, err := shared().store.Keys(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := store.AddKey(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	w.ring, err = keys.OpenWith(context.Background(), store, keystest.FixedMaster(t), w.clock.Now, keys.Options{CertifiedRSABits: 2048})
	if err != nil {
		t.Fatal(err)
	}
	w.register(town(metadata("")))
	pages := enginePages()
	w.front, err = saml.New(saml.Config{
		Issuer: issuer, Parties: w.parties, Signers: w.ring.SAML(), Broker: w.broker, Pages: pages, Log: quiet(), Now: w.clock.Now,
		Once:    w.once,
		Logouts: w.logouts, Participants: w.seats, Sessions: w.seats, Cookies: w.ring.Cookies(),
	})
	if err != nil {
		t.Fatal(err)
	}
	router := mux.NewRouter()
	open := func(next http.Handler) http.Handler { return next }
	err = route.Mount(router, w.front.Routes(), route.Guards{
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

// metadata are the town's; more goes behind its addresses.
func metadata(more string, attributes ...string) string {
	certificate := base64.StdEncoding.EncodeToString(shared().service.Certificate.Raw)
	return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="` + service + `">` +
		`<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"` + strings.Join(attributes, "") + `>` +
		`<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + certificate + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
		`<md:AssertionConsumerService Binding="` + saml2.BindingPost + `" Location="` + acs + `" index="1" isDefault="true"/>` +
		`<md:AssertionConsumerService Binding="` + saml2.BindingPost + `" Location="` + second + `" index="2"/>` +
		more + `</md:SPSSODescriptor></md:EntityDescriptor>`
}

// town is a relying party with a SAML service.
func town(metadata string, change ...func(*registry.RelyingParty)) *registry.RelyingParty {
	p := &registry.RelyingParty{
		ID: "town", Name: registry.Names{"es": "Ayuntamiento de Ejemplo"}, Sector: "town", MinimumLevel: identity.Low,
		Attributes: identity.AllAttributes(),
		SAML:       []registry.SAMLProvider{{EntityID: service, Metadata: metadata}},
	}
	for _, f := range change {
		f(p)
	}
	return p
}

func unsignedTaken(p *registry.RelyingParty) { p.SAML[0].UnsignedRequestsACS = acs }

// request is a good one, changed.
func (w *world) request(change ...func(*saml2.AuthnRequest)) saml2.AuthnRequest {
	r := saml2.AuthnRequest{
		Header: saml2.Header{ID: saml2.NewID(), Issuer: service, Destination: sso, IssueInstant: w.clock.Now()},
		ACS:    saml2.ACS{URL: acs, Binding: saml2.BindingPost},
	}
	for _, f := range change {
		f(&r)
	}
	return r
}

func signerOf(k keys.SigningKey) *xmlsig.Signer {
	method := xmlsig.RSASHA256
	if k.Alg == keys.ES256 {
		method = xmlsig.ECDSASHA256
	}
	return &xmlsig.Signer{Key: k.Signer, Method: method, Certificate: k.Certificate}
}

func townSigner() *xmlsig.Signer { return signerOf(shared().service) }

func (w *world) do(r *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	return recorder.Result()
}

func (w *world) get(address string) *http.Response {
	return w.do(httptest.NewRequest(http.MethodGet, address, nil))
}

// address is where a request by HTTP-Redirect takes the browser.
func (w *world) address(r saml2.AuthnRequest, s *xmlsig.Signer) string {
	w.t.Helper()
	message, err := r.Write(saml2.Prefixes{}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	address, err := saml2.RedirectURL(sso, saml2.FieldRequest, message, "state-1", s)
	if err != nil {
		w.t.Fatal(err)
	}
	return address
}

func (w *world) redirect(r saml2.AuthnRequest, s *xmlsig.Signer) *http.Response {
	w.t.Helper()
	return w.get(w.address(r, s))
}

// post is a request by a form that a page of the service sends.
func (w *world) post(r saml2.AuthnRequest, s *xmlsig.Signer) *http.Response {
	w.t.Helper()
	message, err := r.Write(saml2.Prefixes{}, s)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.postForm(url.Values{saml2.FieldRequest: {saml2.PostValue(message)}, saml2.FieldRelayState: {"state-1"}}, sso)
}

func (w *world) postForm(form url.Values, address string) *http.Response {
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://town.example")
	return w.do(r)
}

// opened is the one request that the broker got.
func (w *world) opened() broker.Request {
	w.t.Helper()
	if len(w.broker.opened) != 1 {
		w.t.Fatalf("the broker was given %d requests, want 1", len(w.broker.opened))
	}
	return w.broker.opened[0]
}

func outcome(req broker.Request) broker.Outcome {
	return broker.Outcome{
		Login: req.ID, Session: "session-1", RelyingParty: req.RelyingParty, Person: "person-1", Subject: "pairwise-1",
		Level: identity.Substantial, Method: identity.PIN, AuthTime: time.Date(2026, 11, 21, 11, 59, 0, 0, time.UTC),
		SessionEndsAt: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Registration: identity.Advanced, Channel: identity.ByOffice,
		Attributes: identity.Attributes{
			GivenName: "Ana", FamilyName: "García Ruiz", FirstSurname: "García", SecondSurname: "Ruiz",
			BirthDate: identity.Date{Year: 1980, Month: 2, Day: 3}, DocumentNumber: "12345678Z", DocumentKind: identity.DNI,
		}.Only(req.Attributes),
	}
}

// finish walks from the request to the answer, as a citizen who succeeds.
func (w *world) finish(req broker.Request, change ...func(*broker.Outcome)) said {
	w.t.Helper()
	return w.said(w.answered(req, change...))
}

// answered is what the browser of a citizen who succeeds gets.
func (w *world) answered(req broker.Request, change ...func(*broker.Outcome)) *http.Response {
	w.t.Helper()
	out := outcome(req)
	for _, f := range change {
		f(&out)
	}
	answer, err := w.front.Issue(context.Background(), req, out)
	if err != nil {
		w.t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	w.front.Answer(recorder, httptest.NewRequest(http.MethodGet, issuer+"/login/login", nil), req, answer, broker.ByPage)
	return recorder.Result()
}

// said is a response as the service gets it.
type said struct {
	Target, RelayState string
	Response           *etree.Element // as the signature covers it
}

var (
	action = regexp.MustCompile(`<form[^>]* action="([^"]*)"`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// said reads the page that posts a response, and checks the signature.
func (w *world) said(got *http.Response) said {
	w.t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	found := action.FindAllSubmatch(body, -1)
	var s said
	for _, f := range found {
		if target := html.UnescapeString(string(f[1])); strings.HasPrefix(target, "https://") {
			s.Target = target
		}
	}
	fields := url.Values{}
	for _, f := range hidden.FindAllSubmatch(body, -1) {
		fields.Add(html.UnescapeString(string(f[1])), html.UnescapeString(string(f[2])))
	}
	if got.StatusCode != http.StatusOK || s.Target == "" || len(fields[saml2.FieldResponse]) != 1 {
		w.t.Fatalf("status %d, no response is posted: %s", got.StatusCode, body)
	}
	s.RelayState = fields.Get(saml2.FieldRelayState)
	text, err := base64.StdEncoding.DecodeString(fields.Get(saml2.FieldResponse))
	if err != nil {
		w.t.Fatal(err)
	}
	d, err := xmlsig.Parse(text, saml2.MessageLimits())
	if err != nil {
		w.t.Fatal(err)
	}
	ours, err := w.ring.SAML().Active(keys.RS256)
	if err != nil {
		w.t.Fatal(err)
	}
	signed, err := d.Verify(nil, xmlsig.Trust{Keys: []crypto.PublicKey{ours.Signer.Public()}})
	if err != nil {
		w.t.Fatal(err)
	}
	s.Response = signed.Element
	return s
}

// at is the text of the one element at a path of local names, or the value of its
// attribute behind @; empty when it is not there.
func (s said) at(path string) string {
	path, attribute, _ := strings.Cut(path, "@")
	el := s.Response
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

// attributes are those of the assertion by name.
func (s said) attributes() map[string]string {
	all := map[string]string{}
	for _, el := range s.Response.FindElements("./Assertion/AttributeStatement/Attribute") {
		all[el.SelectAttrValue("FriendlyName", "")] = el.ChildElements()[0].Text()
	}
	return all
}

// wantMistake checks that a page tells of a mistake, leads nowhere, and nothing was opened.
func (w *world) wantMistake(got *http.Response, code string) {
	w.t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if got.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), `<span class="code">`+code+`</span>`) {
		w.t.Errorf("answered %d, want a page with %s", got.StatusCode, code)
	}
	if got.Header.Get("Location") != "" || strings.Contains(string(body), "http-equiv=\"refresh\"") || strings.Contains(string(body), `name="SAMLResponse"`) ||
		strings.Contains(string(body), "evil.example") || strings.Contains(string(body), "town.example") {
		w.t.Error("the page leads somewhere")
	}
	if len(w.broker.opened) != 0 {
		w.t.Error("a login was opened")
	}
}

// wantRefusal checks an error response to the service's default address.
func (w *world) wantRefusal(got *http.Response, top, second string) said {
	w.t.Helper()
	s := w.said(got)
	const prefix = "urn:oasis:names:tc:SAML:2.0:status:"
	code, more := strings.TrimPrefix(s.at("Status/StatusCode@Value"), prefix), strings.TrimPrefix(s.at("Status/StatusCode/StatusCode@Value"), prefix)
	if code != top || more != second {
		w.t.Errorf("status %s %s (%s), want %s %s", code, more, s.at("Status/StatusMessage"), top, second)
	}
	if s.Target != acs || s.at("@Destination") != acs || s.at("Status/StatusMessage") == "" || s.at("Assertion@ID") != "" {
		w.t.Errorf("target %s, message %q, assertion %q", s.Target, s.at("Status/StatusMessage"), s.at("Assertion@ID"))
	}
	return s
}

// refused is what the browser gets when the broker refuses.
func (w *world) refused(req broker.Request, reason broker.Reason) *http.Response {
	recorder := httptest.NewRecorder()
	w.front.Refuse(recorder, httptest.NewRequest(http.MethodGet, issuer+"/login/login", nil), req, reason, broker.ByPage)
	return recorder.Result()
}

var toldCertificate = regexp.MustCompile(`<ds:X509Certificate>([^<]*)</ds:X509Certificate>`)

// signedWith is the serial number of the certificate in an answer.
func (w *world) signedWith(req broker.Request) string {
	w.t.Helper()
	text := w.posted(w.refused(req, broker.Cancelled))
	found := toldCertificate.FindSubmatch(text)
	if found == nil {
		w.t.Fatalf("no certificate in %s", text)
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(found[1])), ""))
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.SerialNumber.String()
}

// posted is the text of a response that a page posts.
func (w *world) posted(got *http.Response) []byte {
	w.t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range hidden.FindAllSubmatch(body, -1) {
		if string(f[1]) != saml2.FieldResponse {
			continue
		}
		text, err := base64.StdEncoding.DecodeString(html.UnescapeString(string(f[2])))
		if err != nil {
			w.t.Fatal(err)
		}
		return text
	}
	w.t.Fatal("no response")
	return nil
}
