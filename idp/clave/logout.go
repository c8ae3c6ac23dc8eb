package clave

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"clave/broker"
	"clave/broker/logout"
	"clave/broker/registry"
	"clave/internal/inbound"
	"clave/internal/saml2"
)

// logoutIssuer is who answers logouts, word for word.
// Source: the public integration kits of Cl@ve 2.
const logoutIssuer = "Cl@ve"

// The older names of the fields of logouts, which the module of RedIRIS still has. It may
// send the same message under both, as Cl@ve does. Source: that module; public traces of
// its logouts.
const (
	oldLogoutRequest  = "samlRequestLogout"
	oldLogoutResponse = "samlResponseLogout"
)

// inOneField takes out a message that is there under both names, when it is the same.
func inOneField(form url.Values) {
	if old, ok := form[oldLogoutRequest]; ok && slices.Equal(old, form[saml2.FieldLogoutRequest]) {
		delete(form, saml2.FieldLogoutRequest)
	}
}

// farewell is a service's request for a logout, proven to be its own.
type farewell struct {
	// Service is the provider name's key, To the registered address for the answer.
	Service string `json:"s"`
	To      string `json:"a"`
	// ID is that of the request; RelayState came along.
	ID         string `json:"i"`
	RelayState string `json:"t,omitempty"`
	// Old: it came under the older name of the field.
	Old bool `json:"o,omitempty"`

	issued time.Time
}

// receiveLogout checks a request for a logout. It names the service and not the citizen:
// whose session ends is said by the browser, which comes back with our cookies.
func (f *Front) receiveLogout(w http.ResponseWriter, r *http.Request, in *saml2.Incoming) {
	asked, m, refused := f.proveLogout(in, f.Now())
	if m == "" && refused == nil {
		err := f.spend(r, "dialect logout", asked.Service, saml2.Header{ID: asked.ID, IssueInstant: asked.issued})
		switch {
		case errors.Is(err, inbound.ErrSeen):
			m = mistakeReplayed
		case err != nil:
			f.fail(w, r, err)
			return
		}
	}
	switch {
	case m != "":
		f.showMistake(w, r, m)
	case refused != nil:
		f.Log.InfoContext(r.Context(), "logout refused", "path", r.URL.Path, "reason", refused.Message)
		f.answerLogout(w, r, *asked, *refused)
	default:
		if err := f.way(pathLogout).Later(w, r, asked); err != nil {
			f.fail(w, r, err)
		}
	}
}

// proveLogout finds out who asks for a logout, whether they do, and where the answer may
// be sent: Issuer is the address.
func (f *Front) proveLogout(in *saml2.Incoming, now time.Time) (asked *farewell, m mistake, refused *saml2.Status) {
	claims := in.Claims()
	services, m := f.leaving(claims)
	if m != "" {
		return nil, m, nil
	}
	var service *registry.DialectService
	var request *saml2.LogoutRequest
	var err error
	for _, service = range services {
		if request, err = in.LogoutRequest(f.terms(service, now)); !errors.Is(err, saml2.ErrSignature) {
			break
		}
	}
	asked = &farewell{
		Service: registry.ProviderKey(service.Registered.ProviderName),
		To:      claims.Issuer, ID: claims.ID, RelayState: in.RelayState, Old: in.Field == oldLogoutRequest,
	}
	if err != nil {
		if m := unproven(err); m != "" {
			return nil, m, nil
		}
		refused = untaken(err)
	} else {
		if is(request.NameID.Value, service) != is(claims.Name, service) {
			return nil, mistakeSignature, nil
		}
		asked.To, asked.ID, asked.issued = request.Issuer, request.ID, request.IssueInstant
	}
	if !service.LogsOutAt(asked.To) {
		return nil, mistakeLogout, nil
	}
	return asked, "", refused
}

// leaving are the services of which a request for a logout may be: the one that NameID
// names by its provider name. Some kits name the citizen there, as all others speaking
// SAML do; they are found by the address for the answer. Keys decide whose it is.
// Source: the official integration kit for PHP, 3.0.1, whose logout is SimpleSAMLphp's
// with another Issuer.
func (f *Front) leaving(claims saml2.Claims) ([]*registry.DialectService, mistake) {
	service, m := f.named(claims.Name)
	if m == "" {
		return []*registry.DialectService{service}, ""
	}
	if m == mistakeUnknown && !registry.ProviderShaped(claims.Name) {
		if all := f.Parties.Snapshot().DialectLeaving(claims.Issuer); len(all) > 0 {
			return all, ""
		}
	}
	return nil, m
}

// resumeLogout ends the session of this browser: at once where it logged in to the
// service that asks, and otherwise when the citizen says so. Else any service could log
// people out of all others.
func (f *Front) resumeLogout(w http.ResponseWriter, r *http.Request) {
	var asked farewell
	if !f.resumed(w, r, pathLogout, &asked) {
		return
	}
	service, err := f.Parties.Snapshot().Dialect(asked.Service)
	if err != nil {
		f.fail(w, r, fmt.Errorf("logging out for a relying party: %w", err))
		return
	}
	takesPart, err := f.takesPart(r, asked.Service)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	state, err := json.Marshal(asked)
	if err != nil {
		f.fail(w, r, fmt.Errorf("writing the state of a logout: %w", err))
		return
	}
	f.Logouts.Start(w, r, logout.After{
		Front: Name, Service: asked.Service, RelyingParty: service.Party.ID, State: state, Proven: takesPart,
	})
}

// takesPart tells whether the browser's session got the service a login.
func (f *Front) takesPart(r *http.Request, service string) (bool, error) {
	session, err := f.Broker.CurrentSession(r)
	if err != nil || session == nil {
		return false, err
	}
	all, err := f.Participants.Participants(r.Context(), session.ID)
	if err != nil {
		return false, fmt.Errorf("reading who took part in session %s: %w", session.ID, err)
	}
	return slices.ContainsFunc(all, func(p logout.Participant) bool { return p.Front == Name && p.Service == service }), nil
}

// LoggedOut implements logout.Asker.
func (f *Front) LoggedOut(w http.ResponseWriter, r *http.Request, state []byte, complete bool, _ broker.Via) {
	var asked farewell
	if err := json.Unmarshal(state, &asked); err != nil {
		f.fail(w, r, fmt.Errorf("reading the state of a logout: %w", err))
		return
	}
	status := saml2.Status{Code: saml2.StatusSuccess, Message: saml2.StatusSuccess}
	if !complete {
		status.Second, status.Message = saml2.StatusPartialLogout, partly
	}
	f.answerLogout(w, r, asked, status)
}

// partly is the sentence for a logout that did not reach everybody. The first code is
// success all the same: the service that asks is logged out.
const partly = "another service did not confirm its logout, or the citizen stays logged in at Cl@ve"

// answerLogout posts the answer to an address that is registered now.
func (f *Front) answerLogout(w http.ResponseWriter, r *http.Request, asked farewell, status saml2.Status) {
	service, err := f.Parties.Snapshot().Dialect(asked.Service)
	if err == nil && !service.LogsOutAt(asked.To) {
		err = errServiceGone
	}
	if err != nil {
		f.fail(w, r, fmt.Errorf("answering a logout: %w", err))
		return
	}
	signer, err := f.signer(r.Context(), service.Registered.Key(f.Now()))
	if err != nil {
		f.fail(w, r, fmt.Errorf("answering a logout of relying party %s: %w", service.Party.ID, err))
		return
	}
	message, err := saml2.LogoutResponse{
		Header:       saml2.Header{ID: saml2.NewID(), Issuer: logoutIssuer, Destination: asked.To, IssueInstant: f.Now()},
		InResponseTo: asked.ID, Status: status,
	}.Write(saml2.DialectPrefixes(), signer)
	if err != nil {
		f.fail(w, r, fmt.Errorf("writing the answer to a logout of relying party %s: %w", service.Party.ID, err))
		return
	}
	fields := []string{saml2.FieldLogoutResponse}
	if asked.Old {
		fields = append(fields, oldLogoutResponse)
	}
	f.post(w, f.around(r, service), service, asked.To, fields, message, asked.RelayState)
}
