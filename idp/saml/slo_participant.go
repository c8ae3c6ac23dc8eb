package saml

import (
	"context"
	"encoding/json"
	"fmt"

	"clave/broker"
	"clave/broker/logout"
	"clave/internal/saml2"
)

// given is what a service was told of a session: how its assertion named the citizen
// and the session. Logouts name both in the same way.
type given struct {
	Name    saml2.NameID `json:"n"`
	Session string       `json:"x"`
}

// partake remembers that a service takes part in a session, inside the transaction that
// finishes the login. A login that stands apart has no session.
func (f *Front) partake(ctx context.Context, out broker.Outcome, said saml2.Assertion) error {
	if out.Session == "" {
		return nil
	}
	told, err := json.Marshal(given{said.NameID, said.SessionIndex})
	if err != nil {
		return fmt.Errorf("writing what the service of login %s knows: %w", out.Login, err)
	}
	err = f.Participants.AddParticipant(ctx, logout.Participant{
		Session: out.Session, Front: Name, Service: said.Audiences[0], RelyingParty: out.RelyingParty, Told: told,
		At: said.IssueInstant, EndsAt: out.SessionEndsAt,
	})
	if err != nil {
		return fmt.Errorf("remembering the service of login %s: %w", out.Login, err)
	}
	return nil
}

// given is what a service was told of a session; nil when it takes no part in it.
func (f *Front) given(ctx context.Context, session broker.SessionID, service string) (*given, error) {
	all, err := f.Participants.Participants(ctx, session)
	if err != nil {
		return nil, fmt.Errorf("reading the services of session %s: %w", session, err)
	}
	for _, p := range all {
		if p.Front == Name && p.Service == service {
			return givenTo(p)
		}
	}
	return nil, nil
}

func givenTo(p logout.Participant) (*given, error) {
	var g given
	if err := json.Unmarshal(p.Told, &g); err != nil || g.Name.Value == "" {
		return nil, fmt.Errorf("reading what relying party %s knows of session %s: it is nothing", p.RelyingParty, p.Session)
	}
	return &g, nil
}
