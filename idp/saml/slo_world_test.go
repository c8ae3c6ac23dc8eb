package saml_test

import (
	"context"
	"crypto"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"clave/broker"
	"clave/broker/logout"
	"clave/broker/registry"
	"clave/identity"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
	"clave/keys"
)

const (
	slo     = issuer + "/saml/slo"
	sloAt   = "https://town.example/saml/slo"
	sloBack = "https://town.example/saml/slo/back"
	village = "https://village.example/saml"
)

// leaving is the page by which the browser leaves by an address.
var leaving = regexp.MustCompile(`<a class="button" href="([^"]*)"`)

// fakeLogouts keeps what it is given.
type fakeLogouts struct {
	started []logout.After
	told    []visit
}

type visit struct {
	id      logout.ID
	service string
	result  logout.Result
}

func (l *fakeLogouts) Start(w http.ResponseWriter, r *http.Request, after logout.After) {
	l.started = append(l.started, after)
	http.Redirect(w, r, "/logout/one", http.StatusSeeOther)
}

func (l *fakeLogouts) Told(w http.ResponseWriter, r *http.Request, id logout.ID, service string, result logout.Result) {
	l.told = append(l.told, visit{id, service, result})
	http.Redirect(w, r, "/logout/"+string(id), http.StatusSeeOther)
}

// seats are the browser's session and who takes part in sessions.
type seats struct {
	session broker.SessionID // of the browser; empty for none
	all     []logout.Participant
}

func (s *seats) AddParticipant(_ context.Context, p logout.Participant) error {
	s.all = slices.DeleteFunc(s.all, func(old logout.Participant) bool {
		return old.Session == p.Session && old.Front == p.Front && old.Service == p.Service
	})
	s.all = append(s.all, p)
	return nil
}

func (s *seats) Participants(_ context.Context, session broker.SessionID) ([]logout.Participant, error) {
	return slices.DeleteFunc(slices.Clone(s.all), func(p logout.Participant) bool { return p.Session != session }), nil
}

func (s *seats) CurrentSession(*http.Request) (*broker.Session, error) {
	if s.session == "" {
		return nil, nil
	}
	return &broker.Session{ID: s.session}, nil
}

// sloService stands in metadata.
func sloService(binding string, more ...string) string {
	return `<md:SingleLogoutService Binding="` + binding + `" Location="` + sloAt + `"` + strings.Join(more, "") + `/>`
}

// ordered puts single logout services where the schema wants them.
func ordered(logouts string) string {
	return strings.Replace(metadata(""), "<md:AssertionConsumerService", logouts+"<md:AssertionConsumerService", 1)
}

// villager is another relying party, with a key of its own.
func villager(logouts string) *registry.RelyingParty {
	text := strings.NewReplacer(service+`"`, village+`"`, "https://town.example/", "https://village.example/",
		base64.StdEncoding.EncodeToString(shared().service.Certificate.Raw), base64.StdEncoding.EncodeToString(shared().other.Certificate.Raw),
	).Replace(ordered(logouts))
	return &registry.RelyingParty{
		ID: "village", Name: registry.Names{"es": "Aldea"}, Sector: "village", MinimumLevel: identity.Low, Attributes: identity.AllAttributes(),
		SAML: []registry.SAMLProvider{{EntityID: village, Metadata: text}},
	}
}

// loggedIn is a world in which the browser's session has a login at the town, which can
// be told of logouts by the bindings.
func (w *world) loggedIn(logouts string) given {
	w.t.Helper()
	w.register(town(ordered(logouts)), villager(logouts))
	w.redirect(w.request(), townSigner())
	said := w.finish(w.opened())
	w.seats.session = "session-1"
	w.broker.opened = nil
	return given{
		name: saml2.NameID{
			Value: said.at("Assertion/Subject/NameID"), Format: said.at("Assertion/Subject/NameID@Format"),
			NameQualifier: said.at("Assertion/Subject/NameID@NameQualifier"), SPNameQualifier: said.at("Assertion/Subject/NameID@SPNameQualifier"),
		},
		session: said.at("Assertion/AuthnStatement@SessionIndex"),
	}
}

// given is what the town knows of the session.
type given struct {
	name    saml2.NameID
	session string
}

// goodbye is a good request for a logout, changed.
func (w *world) goodbye(g given, change ...func(*saml2.LogoutRequest)) saml2.LogoutRequest {
	r := saml2.LogoutRequest{
		Header: saml2.Header{ID: saml2.NewID(), Issuer: service, Destination: slo, IssueInstant: w.clock.Now()},
		NameID: g.name, SessionIndexes: []string{g.session},
	}
	for _, f := range change {
		f(&r)
	}
	return r
}

// writes is what requests and answers of logouts have in common.
type writes interface {
	Write(saml2.Prefixes, *xmlsig.Signer) ([]byte, error)
}

func (w *world) written(m writes, s *xmlsig.Signer) []byte {
	w.t.Helper()
	message, err := m.Write(saml2.Prefixes{}, s)
	if err != nil {
		w.t.Fatal(err)
	}
	return message
}

func fieldOf(m writes) string {
	if _, is := m.(saml2.LogoutResponse); is {
		return saml2.FieldResponse
	}
	return saml2.FieldRequest
}

// partBy brings a message about a logout by a binding.
func (w *world) partBy(binding string, m writes, s *xmlsig.Signer) *http.Response {
	w.t.Helper()
	if binding == saml2.BindingPost {
		return w.postForm(url.Values{fieldOf(m): {saml2.PostValue(w.written(m, s))}, saml2.FieldRelayState: {"state-2"}}, slo)
	}
	return w.get(w.partingAddress(m, s))
}

func (w *world) partingAddress(m writes, s *xmlsig.Signer) string {
	w.t.Helper()
	address, err := saml2.RedirectURL(slo, fieldOf(m), w.written(m, nil), "state-2", s)
	if err != nil {
		w.t.Fatal(err)
	}
	return address
}

// resumed follows a POST to the GET that goes on with it.
func (w *world) resumed(got *http.Response) *http.Response {
	w.t.Helper()
	where := got.Header.Get("Location")
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(where, "/saml/slo/resume?handle=") {
		w.t.Fatalf("answered %d %s", got.StatusCode, where)
	}
	if len(w.logouts.started) > 0 {
		w.t.Fatal("a logout was started without our cookies")
	}
	return w.get(issuer + where)
}

// started is the one logout that was started, after a request by the binding.
func (w *world) started(binding string, m writes, s *xmlsig.Signer) logout.After {
	w.t.Helper()
	got := w.partBy(binding, m, s)
	if binding == saml2.BindingPost {
		got = w.resumed(got)
	}
	if len(w.logouts.started) != 1 || got.Header.Get("Location") != "/logout/one" {
		w.t.Fatalf("%d logouts were started, answered %d %s", len(w.logouts.started), got.StatusCode, got.Header.Get("Location"))
	}
	return w.logouts.started[0]
}

// loggedOut is what the browser gets when the logout is over.
func (w *world) loggedOut(after logout.After, complete bool, via broker.Via) *http.Response {
	recorder := httptest.NewRecorder()
	w.front.LoggedOut(recorder, httptest.NewRequest(http.MethodGet, issuer+"/logout/one/done", nil), after.State, complete, via)
	return recorder.Result()
}

// sent is a message of ours as it reaches a service.
type sent struct {
	binding, target string
	in              *saml2.Incoming
	terms           saml2.Terms
}

// sent reads what the browser is sent off with.
func (w *world) sent(got *http.Response) sent {
	w.t.Helper()
	ours, err := w.ring.SAML().Active(keys.RS256)
	if err != nil {
		w.t.Fatal(err)
	}
	s := sent{binding: saml2.BindingRedirect, target: got.Header.Get("Location")}
	body, err := io.ReadAll(got.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	fields := url.Values{}
	for _, f := range hidden.FindAllSubmatch(body, -1) {
		fields.Add(html.UnescapeString(string(f[1])), html.UnescapeString(string(f[2])))
	}
	for _, f := range action.FindAllSubmatch(body, -1) {
		if target := html.UnescapeString(string(f[1])); strings.HasPrefix(target, "https://") {
			s.binding, s.target = saml2.BindingPost, target
		}
	}
	if found := leaving.FindSubmatch(body); s.target == "" && found != nil {
		s.target = html.UnescapeString(string(found[1]))
	}
	both := []string{saml2.FieldRequest, saml2.FieldResponse}
	if s.binding == saml2.BindingPost {
		if csp := got.Header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "form-action 'self' "+s.target) {
			w.t.Errorf("the form may not go to %s: %s", s.target, csp)
		}
		s.in, err = saml2.ReadPost(fields, saml2.MessageLimits(), both...)
	} else {
		var query string
		s.target, query, _ = strings.Cut(s.target, "?")
		s.in, err = saml2.ReadRedirect(query, saml2.MessageLimits(), both...)
	}
	if err != nil {
		w.t.Fatalf("answered %d %s: %v\n%s", got.StatusCode, s.target, err, body)
	}
	s.terms = saml2.Terms{
		Keys: []crypto.PublicKey{ours.Signer.Public()}, Issuer: entity, Destinations: []string{s.target}, Now: w.clock.Now(),
	}
	return s
}

// answer is our answer to a request, with the status it wants to be looked at.
func (w *world) answer(got *http.Response) (sent, *saml2.LogoutResponse) {
	w.t.Helper()
	s := w.sent(got)
	response, err := s.in.LogoutResponse(s.terms)
	if err != nil || !response.Signed {
		w.t.Fatalf("the answer is not taken: %v", err)
	}
	return s, response
}

// news is our request to a service.
func (w *world) news(got *http.Response) (sent, *saml2.LogoutRequest) {
	w.t.Helper()
	s := w.sent(got)
	request, err := s.in.LogoutRequest(s.terms)
	if err != nil || !request.Signed {
		w.t.Fatalf("the request is not taken: %v", err)
	}
	return s, request
}

// tell is what the browser gets when a service has to be told.
func (w *world) tell(id logout.ID, p logout.Participant) *http.Response {
	recorder := httptest.NewRecorder()
	w.front.Tell(recorder, httptest.NewRequest(http.MethodGet, issuer+"/logout/one/next", nil), id, p)
	return recorder.Result()
}

// nothingEnds checks that no logout went on.
func (w *world) nothingEnds() {
	w.t.Helper()
	if len(w.logouts.started) != 0 || len(w.logouts.told) != 0 {
		w.t.Errorf("started %v, told %v", w.logouts.started, w.logouts.told)
	}
}
