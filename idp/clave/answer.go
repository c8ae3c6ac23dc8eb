package clave

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"clave/broker"
	"clave/broker/logout"
	"clave/broker/registry"
	"clave/internal/saml2"
	"clave/web/page"
)

// How long an assertion may be used, as Cl@ve 2 has it, and from how long before it was
// made, since the clock of the service may be late, which is our choice: the Java kit is
// used without any tolerance.
const (
	lifetime = 15 * time.Minute
	early    = time.Minute
)

// issued is what a response will say: the answer that the broker keeps, sealed. It is
// signed when it is given, outside of the transaction.
type issued struct {
	Response  string          `json:"r"`
	Assertion saml2.Assertion `json:"a"`
}

var errNameless = errors.New("the service may no longer know the document number, which is the name in every answer")

// Issue implements broker.Front. The audience is the address of the service and the name
// the document number, as services of Cl@ve 2 compare them.
func (f *Front) Issue(ctx context.Context, req broker.Request, out broker.Outcome) ([]byte, error) {
	t, err := decodeTicket(req.Return)
	if err != nil {
		return nil, err
	}
	if out.Attributes.DocumentNumber == "" {
		return nil, fmt.Errorf("answering login %s: %w", out.Login, errNameless)
	}
	attributes, err := attributes(out, t.wishes)
	if err != nil {
		return nil, fmt.Errorf("answering login %s: %w", out.Login, err)
	}
	now := f.Now()
	answer, err := json.Marshal(issued{Response: saml2.NewID(), Assertion: saml2.Assertion{
		ID: saml2.NewID(), Issuer: f.Issuer, IssueInstant: now,
		NameID:       saml2.NameID{Value: out.Attributes.DocumentNumber, Format: t.Format, NameQualifier: f.Issuer},
		InResponseTo: t.Request, Recipient: t.ACS,
		NotBefore: now.Add(-early), NotOnOrAfter: now.Add(lifetime),
		Audiences: []string{t.ACS}, OneTimeUse: true,
		AuthnInstant: out.AuthTime, ClassRef: out.Level.URI(), Attributes: attributes,
	}})
	if err != nil {
		return nil, fmt.Errorf("writing the answer of login %s: %w", out.Login, err)
	}
	if out.Session == "" { // it stands apart, and leaves none
		return answer, nil
	}
	err = f.Participants.AddParticipant(ctx, logout.Participant{
		Session: out.Session, Front: Name, Service: t.Service, RelyingParty: out.RelyingParty, At: now, EndsAt: out.SessionEndsAt,
	})
	return answer, err
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
		Header:    saml2.Header{ID: said.Response, Consent: saml2.ConsentObtained},
		Status:    saml2.Status{Code: saml2.StatusSuccess, Message: saml2.StatusSuccess}, // some look at the message
		Assertion: &said.Assertion,
	})
}

// Refuse implements broker.Front.
func (f *Front) Refuse(w http.ResponseWriter, r *http.Request, req broker.Request, reason broker.Reason, _ broker.Via) {
	t, err := decodeTicket(req.Return)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	m := reason.Meaning()
	f.refuse(w, r, t.target, saml2.Ours(saml2.StatusPrefix+m.SAML, m.Text))
}

func (f *Front) refuse(w http.ResponseWriter, r *http.Request, to target, refused *saml2.Status) {
	f.send(w, r, to, saml2.Response{Header: saml2.Header{ID: saml2.NewID()}, Status: *refused})
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
func (f *Front) registered(to target) (*registry.DialectService, error) {
	service, err := f.Parties.Snapshot().Dialect(to.Service)
	if err != nil {
		return nil, fmt.Errorf("answering a relying party: %w", err)
	}
	if !service.AnswersAt(to.ACS) {
		return nil, fmt.Errorf("answering relying party %s: %w", service.Party.ID, errServiceGone)
	}
	return service, nil
}

// send posts a response to an address that is registered now. Only the response is
// signed, and so all of it.
func (f *Front) send(w http.ResponseWriter, r *http.Request, to target, response saml2.Response) {
	service, err := f.registered(to)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	signer, err := f.signer(r.Context(), service.Registered.Key(f.Now()))
	if err != nil {
		f.fail(w, r, fmt.Errorf("answering relying party %s: %w", service.Party.ID, err))
		return
	}
	response.Issuer, response.Destination, response.InResponseTo = f.Issuer, to.ACS, to.Request
	response.IssueInstant = f.Now()
	by := saml2.Protection{Message: signer}
	if response.Assertion != nil {
		by.Encryption = service.Encryption
	}
	message, err := response.Write(saml2.DialectPrefixes(), by)
	if err != nil {
		f.fail(w, r, fmt.Errorf("writing a response to relying party %s: %w", service.Party.ID, err))
		return
	}
	f.post(w, r, service, to.ACS, []string{saml2.FieldResponse}, message, to.RelayState)
}

// post sends a message, under each of the names, and the relay state that came with what
// it answers.
func (f *Front) post(w http.ResponseWriter, r *http.Request, service *registry.DialectService, to string, names []string, message []byte, relayState string) {
	var fields []page.Hidden
	for _, name := range names {
		fields = append(fields, page.Hidden{Name: name, Value: saml2.PostValue(message)})
	}
	if relayState != "" {
		fields = append(fields, page.Hidden{Name: saml2.FieldRelayState, Value: relayState})
	}
	if err := f.Pages.Post(w, r, to, fields); err != nil {
		f.fail(w, r, fmt.Errorf("answering relying party %s: %w", service.Party.ID, err))
	}
}
