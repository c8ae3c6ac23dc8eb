package broker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"clave/audit"
	"clave/broker/registry"
	"clave/identity"
	"clave/internal/onetime"
	"clave/web/route"
)

// Tx runs fn in one transaction that travels in its context.
func (b *Broker) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	return b.Config.Tx.Tx(ctx, fn)
}

// Begin makes sure that the login has a row and names the person, and holds the
// row: while nothing is proven yet, another document may be tried. A provider
// calls it first in the transaction that stores its challenge. ErrEnded when the
// login is over; the error may come with the transaction's next question.
func (b *Broker) Begin(ctx context.Context, l *Login, person identity.PersonID) error {
	row := b.newRow(l)
	row.Person = person
	if err := b.Logins.AddLogin(ctx, row); err != nil {
		return fmt.Errorf("beginning login %s: %w", row.ID, err)
	}
	l.Row = row
	return nil
}

// Hold holds the login and its person until the transaction in ctx ends, for
// evidence that may be coming. ask holds what the provider's proof depends on, and
// what is asked here travels with its question. ErrEnded when the login is over; a
// login without a row is left to ask.
func (b *Broker) Hold(ctx context.Context, l *Login, ask func() error) error {
	if err := b.Logins.HoldLogin(ctx, l.Request.ID); err != nil {
		return fmt.Errorf("holding login %s: %w", l.Request.ID, err)
	}
	if err := ask(); err != nil {
		return err
	}
	row, err := b.Logins.Login(ctx, l.Request.ID)
	switch {
	case errors.Is(err, ErrNoLogin):
		return nil
	case err != nil:
		return fmt.Errorf("holding login %s: %w", l.Request.ID, err)
	case row.over():
		return ErrEnded
	}
	return nil
}

func (b *Broker) newRow(l *Login) Row {
	return Row{
		ID: l.Request.ID, RelyingParty: l.Party.ID,
		OpenedAt: l.Request.OpenedAt, ExpiresAt: l.Request.Deadline,
	}
}

// Succeed takes evidence from a provider, inside the transaction in which it
// spent its secret: it reads the person's standing again, renews the session
// and, where nothing is left to ask, finishes the login. ErrOtherPerson and
// ErrEnded leave nothing behind. Evidence that does not meet the demand ends
// the login with its reason, which is no error.
func (b *Broker) Succeed(ctx context.Context, l *Login, ev Evidence) error {
	row, err := b.Logins.Login(ctx, l.Request.ID)
	if err != nil {
		return fmt.Errorf("reading login %s: %w", l.Request.ID, err)
	}
	if row.over() {
		return ErrEnded
	}
	if row.Person != ev.Person {
		return ErrOtherPerson
	}
	st, err := b.Register.Standing(ctx, ev.Person)
	if err != nil {
		return fmt.Errorf("reading the standing for login %s: %w", row.ID, err)
	}
	demand := b.Demand(l)
	if why := demand.Meets(ev, st); why != "" {
		return b.end(ctx, l, row, why)
	}
	if l.Request.Subject != "" && b.subject(l.Party, st.Person) != l.Request.Subject {
		return b.end(ctx, l, row, OtherSubject)
	}
	if l.Language != "" && l.Language != st.Language {
		if err := b.Register.SetLanguage(ctx, st.Person, l.Language); err != nil {
			return fmt.Errorf("remembering the language for login %s: %w", row.ID, err)
		}
	}
	ev.Login = l.Request.ID
	session, err := b.renew(ctx, l, ev, st)
	if err != nil {
		return fmt.Errorf("renewing the session for login %s: %w", row.ID, err)
	}
	row.State.Evidence = &ev
	row.Session, row.State.SessionToken = session.ID, session.token
	l.Row = row
	step := Next(Situation{
		Request: l.Request, Demand: demand, Row: row, Session: &session.Session, Standing: &st,
		Subject: b.subject(l.Party, st.Person), NoHands: b.noHands(l), Now: b.Now(),
	})
	if step.Kind == Finish {
		return b.finish(ctx, l, session.Session, st, ev)
	}
	if err := b.Sessions.SaveSession(ctx, session.Session); err != nil {
		return fmt.Errorf("saving the session of login %s: %w", row.ID, err)
	}
	return b.Logins.SaveLogin(ctx, row)
}

// renewed is a session with the token that the browser is to get.
type renewed struct {
	Session
	token string
}

// renew gives the evidence to the browser's session when it belongs to the
// same person, and otherwise ends that one and starts another. The token is
// new either way, so that nobody can have fixed it. A login that stands apart has a
// session without id, which lasts as long as the transaction: the browser's own, and
// whose it is, are not looked at.
func (b *Broker) renew(ctx context.Context, l *Login, ev Evidence, st Standing) (renewed, error) {
	now := b.Now()
	if l.Party.SSO == registry.SSOApart {
		passing := begin("", ev.Person, now, b.Lifetimes)
		passing.add(ev)
		return renewed{Session: *passing}, nil
	}
	token := onetime.NewToken()
	s, err := b.sessionOf(ctx, l.browser.token)
	if err != nil {
		return renewed{}, err
	}
	if s != nil && s.Person != ev.Person {
		if err := b.endSession(ctx, *s, "other_person"); err != nil {
			return renewed{}, err
		}
		s = nil
	}
	if s == nil {
		s = begin(SessionID(onetime.NewID()), ev.Person, now, b.Lifetimes)
	}
	s.TokenHash = onetime.Hash(token)
	s.seen(now, b.Lifetimes)
	s.State.Name = st.Identity.GivenName + " " + st.Identity.FirstSurname
	s.add(ev)
	return renewed{*s, token}, nil
}

// finish makes the answer: the outcome is frozen, the front stores what the
// relying party will redeem, and login, session and audit event go into the
// same transaction. The caller holds the login's row.
func (b *Broker) finish(ctx context.Context, l *Login, s Session, st Standing, ev Evidence) error {
	front, ok := b.fronts[l.Request.Front]
	if !ok {
		return fmt.Errorf("finishing login %s: front %s is not wired", l.Request.ID, l.Request.Front)
	}
	now := b.Now()
	out := b.outcome(l, s, st, ev)
	answer, err := front.Issue(ctx, l.Request, out)
	if err != nil {
		return fmt.Errorf("issuing the answer of login %s: %w", l.Request.ID, err)
	}
	s.seen(now, b.Lifetimes)
	s.inform(l.Party.ID)
	if s.ID != "" {
		if err := b.Sessions.SaveSession(ctx, s); err != nil {
			return fmt.Errorf("saving the session of login %s: %w", l.Request.ID, err)
		}
	}
	fresh := l.Row.State.Evidence != nil
	add := !l.Row.Begun()
	if add {
		l.Row = b.newRow(l)
	}
	l.Row.Person, l.Row.Session, l.Row.FinishedAt = st.Person, s.ID, now
	l.Row.State.Evidence, l.Row.State.Answer = &ev, answer
	l.Row.State.ByForm = l.browser.form
	save := b.Logins.SaveLogin
	if add {
		save = b.Logins.AddLogin
	}
	if err := save(ctx, l.Row); err != nil {
		return fmt.Errorf("saving login %s: %w", l.Request.ID, err)
	}
	return b.Trail.Record(ctx, audit.Event{
		Actor: audit.Citizen, Person: st.Person, RelyingParty: l.Party.ID, Login: string(l.Request.ID),
		Data: audit.LoginFinished{Method: ev.Method, Level: out.Level, Registration: out.Registration, Fresh: fresh},
	})
}

func (b *Broker) outcome(l *Login, s Session, st Standing, ev Evidence) Outcome {
	var released []identity.Attribute
	for _, a := range l.Request.Attributes {
		if slices.Contains(l.Party.Attributes, a) {
			released = append(released, a)
		}
	}
	var certificate *Certificate
	if l.Request.Certificate {
		certificate = ev.Certificate
	}
	return Outcome{
		Login: l.Request.ID, Session: s.ID, SessionEndsAt: s.EndsAt, RelyingParty: l.Party.ID, Person: st.Person,
		Subject: b.subject(l.Party, st.Person), Level: Reached(ev, st.Registration), Method: ev.Method,
		Factors: ev.Factors, AuthTime: ev.At, Registration: st.Registration, Channel: st.Channel,
		Attributes: st.Identity.Attributes().Only(released), Certificate: certificate,
	}
}

// End ends the login with a reason, inside a transaction. A login that has
// ended already stays as it is.
func (b *Broker) End(ctx context.Context, l *Login, reason Reason) error {
	row, err := b.Logins.Login(ctx, l.Request.ID)
	if errors.Is(err, ErrNoLogin) {
		row = b.newRow(l)
		if err := b.Logins.AddLogin(ctx, row); err != nil {
			return fmt.Errorf("ending login %s: %w", row.ID, err)
		}
	} else if err != nil {
		return fmt.Errorf("ending login %s: %w", l.Request.ID, err)
	}
	if row.Reason != "" || row.Finished() {
		l.Row = row
		return nil
	}
	return b.end(ctx, l, row, reason)
}

func (b *Broker) end(ctx context.Context, l *Login, row Row, reason Reason) error {
	row, err := b.refused(ctx, row, reason)
	if err == nil {
		l.Row = row
	}
	return err
}

// refused writes that a login ended with a reason.
func (b *Broker) refused(ctx context.Context, row Row, reason Reason) (Row, error) {
	row.Reason, row.FinishedAt = reason, b.Now()
	if err := b.Logins.SaveLogin(ctx, row); err != nil {
		return Row{}, fmt.Errorf("ending login %s: %w", row.ID, err)
	}
	return row, b.Trail.Record(ctx, audit.Event{
		Actor: audit.Citizen, Person: row.Person, RelyingParty: row.RelyingParty, Login: string(row.ID),
		Data: audit.LoginRefused{Reason: string(reason)},
	})
}

// EndOf is End for who refuses a login elsewhere than in its browser: row names the
// login, its relying party and its times, and becomes the login's where there is none
// yet. A login that is over stays as it is.
func (b *Broker) EndOf(ctx context.Context, row Row, reason Reason) error {
	held, err := b.Logins.Login(ctx, row.ID)
	switch {
	case errors.Is(err, ErrNoLogin):
		if err := b.Logins.AddLogin(ctx, row); err != nil {
			return fmt.Errorf("ending login %s: %w", row.ID, err)
		}
		held = row
	case err != nil:
		return fmt.Errorf("ending login %s: %w", row.ID, err)
	}
	if held.over() {
		return nil
	}
	_, err = b.refused(ctx, held, reason)
	return err
}

// Return sends the browser to the dispatcher: the end of every step.
func (b *Broker) Return(w http.ResponseWriter, r *http.Request, l *Login) {
	route.SeeOther(w, l.Request.path())
}
