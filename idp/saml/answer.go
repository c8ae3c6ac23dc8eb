package saml

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/internal/saml2"
	"clave/web/page"
)

// How long an assertion may be used, and from how long before it was made, since the
// clock of the service may be late. Our choice.
const (
	lifetime = 5 * time.Minute
	early    = time.Minute
)

// issued is what a response will say: the answer that the broker keeps, sealed. It is
// signed when it is given, outside of the transaction.
type issued struct {
	Response  string          `json:"r"`
	Assertion saml2.Assertion `json:"a"`
}

// Issue implements broker.Front.
func (f *Front) Issue(ctx context.Context, req broker.Request, out broker.Outcome) ([]byte, error) {
	t, err := decodeTicket(req.Return)
	if err != nil {
		return nil, err
	}
	now := f.Now()
	name := saml2.NameID{Value: out.Subject, Format: t.Format, NameQualifier: f.EntityID(), SPNameQualifier: t.Service}
	if t.Format == saml2.FormatTransient {
		name.Value = saml2.NewID()
	}
	said := saml2.Assertion{
		ID: saml2.NewID(), Issuer: f.EntityID(), IssueInstant: now, NameID: name,
		InResponseTo: t.Request, Recipient: t.ACS,
		NotBefore: now.Add(-early), NotOnOrAfter: now.Add(lifetime),
		Audiences:    []string{t.Service}, // no OneTimeUse: Shibboleth SP refuses what has it
		AuthnInstant: out.AuthTime, ClassRef: t.Class.answered(out.Level),
		SessionIndex: sessionIndex(out.Session, t.Service), SessionNotOnOrAfter: out.SessionEndsAt,
		Attributes: released(out.Attributes),
	}
	if err := f.partake(ctx, out, said); err != nil {
		return nil, err
	}
	answer, err := json.Marshal(issued{Response: saml2.NewID(), Assertion: said})
	if err != nil {
		return nil, fmt.Errorf("writing the answer of login %s: %w", out.Login, err)
	}
	return answer, nil
}

// sessionIndex names a session to one service, so that two cannot compare citizens by it.
func sessionIndex(session broker.SessionID, service string) string {
	if session == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("saml session index\x00" + string(session) + "\x00" + service))
	return "_" + base64.RawURLEncoding.EncodeToString(sum[:24])
}

// Reissue implements broker.Front. The answer stays as it is: services take an assertion
// by its ID once, so the same one again cannot be two logins, and another one could.
func (f *Front) Reissue(_ context.Context, _ broker.Request, answer []byte) ([]byte, error) {
	return answer, nil
}

// errServiceGone says that the registration changed while the citizen was on the way.
var errServiceGone = errors.New("the service, or its address for the answer, is no longer registered")

// Answer implements broker.Front. By HTTP-POST there is one way for the browser to leave.
func (f *Front) Answer(w http.ResponseWriter, r *http.Request, req broker.Request, answer []byte, _ broker.Via) {
	t, err := decodeTicket(req.Return)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	var said issued
	if err := json.Unmarshal(answer, &said); err != nil {
		f.fail(w, r, fmt.Errorf("reading the answer of login %s: %w", req.ID, err))
		return
	}
	f.send(w, r, t.target, saml2.Response{
		Header: saml2.Header{ID: said.Response}, Status: saml2.Status{Code: saml2.StatusSuccess}, Assertion: &said.Assertion,
	})
}

// Refuse implements broker.Front.
func (f *Front) Refuse(w http.ResponseWriter, r *http.Request, req broker.Request, reason broker.Reason, _ broker.Via) {
	t, err := decodeTicket(req.Return)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	if t.unasked() {
		f.sendHome(w, r, req)
		return
	}
	m := reason.Meaning()
	f.refuse(w, r, t.target, saml2.Ours(saml2.StatusPrefix+m.SAML, m.Text))
}

// Home implements broker.HomeTeller: the front page of the site to which the answer
// would go, if that is still registered.
func (f *Front) Home(req broker.Request) string {
	t, err := decodeTicket(req.Return)
	if err != nil {
		return ""
	}
	if _, err := f.registered(t.target); err != nil {
		return ""
	}
	u, err := url.Parse(t.ACS)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/"
}

// registered is the service of an answer, if its address is registered now.
func (f *Front) registered(to target) (*registry.SAMLService, error) {
	service, err := f.Parties.Snapshot().SAML(to.Service, f.Now())
	if err != nil {
		return nil, fmt.Errorf("answering a relying party: %w", err)
	}
	if _, ok := service.Answer(saml2.ACS{URL: to.ACS}); !ok {
		return nil, fmt.Errorf("answering relying party %s: %w", service.Party.ID, errServiceGone)
	}
	return service, nil
}

func (f *Front) refuse(w http.ResponseWriter, r *http.Request, to target, refused *saml2.Status) {
	f.send(w, r, to, saml2.Response{Header: saml2.Header{ID: saml2.NewID()}, Status: *refused})
}

// send posts a response to an address that is registered now. One signature stands on
// the response, and so on all of it; another on the assertion, where the service asks.
func (f *Front) send(w http.ResponseWriter, r *http.Request, to target, response saml2.Response) {
	service, err := f.registered(to)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	signer, err := f.signer(r.Context(), service.Registered)
	if err != nil {
		f.fail(w, r, fmt.Errorf("answering relying party %s: %w", service.Party.ID, err))
		return
	}
	response.Issuer, response.Destination, response.InResponseTo = f.EntityID(), to.ACS, to.Request
	response.IssueInstant = f.Now()
	by := saml2.Protection{Message: signer}
	if response.Assertion != nil {
		by.Encryption = service.Encryption
		if service.Metadata.WantsSignedAssertions {
			by.Assertion = signer
		}
	}
	message, err := response.Write(saml2.Prefixes{}, by)
	if err != nil {
		f.fail(w, r, fmt.Errorf("writing a response to relying party %s: %w", service.Party.ID, err))
		return
	}
	fields := []page.Hidden{{Name: saml2.FieldResponse, Value: saml2.PostValue(message)}}
	if to.RelayState != "" {
		fields = append(fields, page.Hidden{Name: saml2.FieldRelayState, Value: to.RelayState})
	}
	if err := f.Pages.Post(w, r, to.ACS, fields); err != nil {
		f.fail(w, r, fmt.Errorf("answering relying party %s: %w", service.Party.ID, err))
	}
}
