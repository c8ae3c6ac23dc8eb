package broker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"clave/identity"
	"clave/web/route"
)

// Routes are the dispatcher, the broker's own steps and the session's pages.
func (b *Broker) Routes() []route.Route {
	return []route.Route{
		{Method: http.MethodGet, Path: "/login/{id}", Access: route.Login, Handler: b.next},
		{Method: http.MethodGet, Path: "/login/{id}/inform", Access: route.Login, Handler: b.showInform},
		{Method: http.MethodPost, Path: "/login/{id}/inform", Access: route.Login, Handler: b.informed},
		{Method: http.MethodPost, Path: "/login/{id}/other", Access: route.Login, Handler: b.other},
		{Method: http.MethodPost, Path: "/login/{id}/leave", Access: route.Login, Handler: b.leave},
		{Method: http.MethodPost, Path: "/login/{id}/extend", Access: route.Login, Handler: b.extend},
		{Method: http.MethodGet, Path: "/login/{id}/help/register", Access: route.Login, Handler: b.goOut},
		{Method: http.MethodGet, Path: "/login/{id}/help/phone", Access: route.Login, Handler: b.goOut},
		{Method: http.MethodGet, Path: "/login/{id}/help/password", Access: route.Login, Handler: b.goOut},
		{Method: http.MethodGet, Path: "/login/{id}/help/device", Access: route.Login, Handler: b.goOut},
		{Method: http.MethodGet, Path: "/login/{id}/help/level", Access: route.Login, Handler: b.goOut},
		{Method: http.MethodPost, Path: "/session/stay", Access: route.Public, Handler: b.stay},
	}
}

func (b *Broker) next(w http.ResponseWriter, r *http.Request) { b.dispatch(w, r, From(r.Context())) }

// Proceed goes on with a login without a page in between, where no form was
// sent: the sandbox's login without hands ends with it.
func (b *Broker) Proceed(w http.ResponseWriter, r *http.Request, l *Login) { b.dispatch(w, r, l) }

// dispatch takes the next step of a login. It is the one place that does.
func (b *Broker) dispatch(w http.ResponseWriter, r *http.Request, l *Login) {
	ctx := r.Context()
	s, err := b.situation(ctx, l)
	if err != nil {
		b.fail(w, r, err)
		return
	}
	step := Next(s)
	if step.Kind == Finish {
		if err := b.finishNow(ctx, l, Finish); err != nil {
			b.fail(w, r, err)
			return
		}
		if s, err = b.situation(ctx, l); err != nil {
			b.fail(w, r, err)
			return
		}
		step = Next(s)
	}
	switch step.Kind {
	case Answer:
		b.answer(w, r, l)
	case Refuse:
		b.refuse(w, r, l, step.Reason)
	case Over:
		b.showOver(w, r, l)
	case Start:
		route.SeeOther(w, l.Request.methodPath(step.Method))
	case Handsfree:
		route.SeeOther(w, l.Request.path()+"/"+b.Handsfree)
	case Choose:
		b.showChooser(w, r, l, step.Methods)
	case Inform:
		b.giveSession(w, l)
		b.Began(w, r, l)
		route.SeeOther(w, l.Request.path()+"/inform")
	case Finish:
		b.fail(w, r, fmt.Errorf("login %s: finishing left it unfinished", l.Request.ID))
	}
}

// situation reads what the next step depends on.
func (b *Broker) situation(ctx context.Context, l *Login) (Situation, error) {
	s := Situation{Request: l.Request, Demand: b.Demand(l), Row: l.Row, NoHands: b.noHands(l), Now: b.Now()}
	if l.Row.Finished() || l.Row.Reason != "" {
		return s, nil
	}
	session, err := b.ownSession(ctx, l)
	if err != nil {
		return s, err
	}
	s.Session = session
	person := identity.PersonID("")
	switch {
	case l.Row.State.Evidence != nil:
		person = l.Row.State.Evidence.Person
	case session != nil:
		person = session.Person
	}
	if person == "" {
		return s, nil
	}
	st, err := b.Register.Standing(ctx, person)
	if errors.Is(err, ErrNoPerson) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("reading the standing for login %s: %w", l.Request.ID, err)
	}
	s.Standing, s.Subject = &st, b.subject(l.Party, person)
	return s, nil
}

// finishNow finishes a login that rests on evidence which is there already. It
// decides again inside the transaction, on rows that it holds: unless the next step
// is one of due, somebody else was quicker or something changed, and the dispatcher
// looks again.
func (b *Broker) finishNow(ctx context.Context, l *Login, due ...StepKind) error {
	return b.Tx(ctx, func(ctx context.Context) error {
		if err := b.Logins.HoldLogin(ctx, l.Request.ID); err != nil {
			return fmt.Errorf("holding login %s: %w", l.Request.ID, err)
		}
		if _, err := b.sessionOf(ctx, l.browser.token); err != nil { // travels with it, and is held
			return err
		}
		row, err := b.lockRow(ctx, l)
		if err != nil {
			return err
		}
		l.Row = row
		s, err := b.situation(ctx, l)
		if err != nil {
			return err
		}
		step := Next(s)
		if !slices.Contains(due, step.Kind) {
			return nil
		}
		return b.finish(ctx, l, *s.Session, *s.Standing, step.Evidence)
	})
}

// lockRow reads the login's row as it is now and holds it; the zero Row before
// the first challenge.
func (b *Broker) lockRow(ctx context.Context, l *Login) (Row, error) {
	row, err := b.Logins.Login(ctx, l.Request.ID)
	if errors.Is(err, ErrNoLogin) {
		return Row{}, nil
	}
	if err != nil {
		return Row{}, fmt.Errorf("reading login %s: %w", l.Request.ID, err)
	}
	return row, nil
}

// noHands tells whether the sandbox is to log a test citizen in by itself.
func (b *Broker) noHands(l *Login) bool {
	const mark = "test:"
	return b.Handsfree != "" && len(l.Request.Hint) > len(mark) && l.Request.Hint[:len(mark)] == mark
}

// freshAnswer is how long an answer that got lost is sent again as it is. After
// that its code might expire on the way, and a new one takes its place.
const freshAnswer = RepeatWindow / 2

// answer sends the browser to the relying party. It also gives the browser its
// session, so that a reply that was lost after the commit loses nothing. A browser
// that got the answer before (the back button, a reload) gets a new one while
// nobody redeemed the first: a code that comes twice makes the relying party's
// second redemption revoke what the first gave.
// Source: RFC 6749, section 4.1.2.
func (b *Broker) answer(w http.ResponseWriter, r *http.Request, l *Login) {
	front, ok := b.fronts[l.Request.Front]
	if !ok {
		b.fail(w, r, fmt.Errorf("answering login %s: front %s is not wired", l.Request.ID, l.Request.Front))
		return
	}
	if l.browser.answered || b.Now().Sub(l.Row.FinishedAt) > freshAnswer {
		err := b.reissue(r.Context(), l, front)
		if errors.Is(err, ErrRedeemed) {
			b.showOver(w, r, l)
			return
		}
		if err != nil {
			b.fail(w, r, err)
			return
		}
	}
	b.giveSession(w, l)
	b.answered(w, r, l)
	if l.Row.State.Evidence != nil {
		b.Meter.LoginFinished(l.Party.ID, l.Row.State.Evidence.Method, l.Row.State.Evidence.Level)
	}
	front.Answer(w, r, l.Request, l.Row.State.Answer, l.via())
}

func (l *Login) via() Via {
	if l.Row.State.ByForm {
		return ByPage
	}
	return ByRedirect
}

func (b *Broker) reissue(ctx context.Context, l *Login, front Front) error {
	return b.Tx(ctx, func(ctx context.Context) error {
		row, err := b.Logins.Login(ctx, l.Request.ID)
		if err != nil {
			return fmt.Errorf("reading login %s: %w", l.Request.ID, err)
		}
		if row.State.Answer, err = front.Reissue(ctx, l.Request, row.State.Answer); err != nil {
			return err
		}
		l.Row = row
		return b.Logins.SaveLogin(ctx, row)
	})
}

// refuse ends a login at the relying party: by a redirect where no page was
// shown, by a page after the citizen chose to go back, and otherwise with the
// page that explains first.
func (b *Broker) refuse(w http.ResponseWriter, r *http.Request, l *Login, reason Reason) {
	front, ok := b.fronts[l.Request.Front]
	if !ok {
		b.fail(w, r, fmt.Errorf("refusing login %s: front %s is not wired", l.Request.ID, l.Request.Front))
		return
	}
	switch {
	case l.Request.Passive, b.noHands(l):
		b.Meter.LoginRefused(l.Party.ID, reason)
		front.Refuse(w, r, l.Request, reason, ByRedirect)
	case l.Row.Reason != "" && l.Row.State.Left:
		b.Jar.Drop(w, loginCookie+string(l.Request.ID))
		front.Refuse(w, r, l.Request, reason, ByPage)
	default:
		b.Began(w, r, l)
		b.ShowRefusal(w, r, l, reason)
	}
}

// leave ends the login because the citizen goes back to the service: for the
// reason that a page gave, or cancelled.
func (b *Broker) leave(w http.ResponseWriter, r *http.Request) {
	l := From(r.Context())
	reason := Reason(r.PostFormValue("reason"))
	if _, known := meanings[reason]; !known {
		reason = Cancelled
	}
	err := b.Tx(r.Context(), func(ctx context.Context) error {
		if err := b.End(ctx, l, reason); err != nil {
			return err
		}
		if l.Row.Reason == "" {
			return nil // it finished in another tab
		}
		l.Row.State.Left = true
		return b.Logins.SaveLogin(ctx, l.Row)
	})
	if err != nil {
		b.fail(w, r, err)
		return
	}
	if l.Row.Reason != "" {
		b.Meter.LoginRefused(l.Party.ID, l.Row.Reason)
	}
	b.Return(w, r, l)
}

// extend gives the login more time, because the citizen asked for it.
func (b *Broker) extend(w http.ResponseWriter, r *http.Request) {
	l := From(r.Context())
	if err := b.prolong(w, r, l); err != nil {
		b.fail(w, r, err)
		return
	}
	b.Pages.Extended(w, r, l.Request.Deadline)
}

// prolong gives the login as much time again from now on, up to LongestLogin in all.
func (b *Broker) prolong(w http.ResponseWriter, r *http.Request, l *Login) error {
	last := l.Request.OpenedAt.Add(LongestLogin)
	l.Request.Deadline = b.Now().UTC().Add(b.Lifetimes.Login)
	if l.Request.Deadline.After(last) {
		l.Request.Deadline = last
	}
	return b.sealInto(w, r, l.Request)
}
