package broker

import (
	"context"
	"errors"
	"time"

	"clave/broker/registry"
	"clave/identity"
)

// Errors that providers decide on.
var (
	// ErrOtherPerson: the evidence names somebody else than the login does.
	ErrOtherPerson = errors.New("the login belongs to another person")
	// ErrEnded: the login is finished, refused or expired.
	ErrEnded = errors.New("the login has ended")
	// ErrNoLogin: there is no row of that login.
	ErrNoLogin = errors.New("no such login")
)

// SessionID is the public name of a session: the sid claim, SessionIndex.
type SessionID string

// Login is an open login as a step sees it: the sealed request, the relying
// party, and the row if a challenge was made already.
type Login struct {
	Request Request
	Party   *registry.RelyingParty
	Row     Row // the zero value before the first challenge

	// Language is the one that the citizen chose on our pages, or empty: messages
	// are written in it, and the register remembers it with the finish.
	Language string

	browser browser
}

// browser is what the request at hand says about the browser.
type browser struct {
	token    string // of its session, or empty
	form     bool   // it sent a form, so that a redirect may not leave our origin
	answered bool   // it got the login's answer before
}

// Row is what is proven, counted or decided about a login. It is written with
// the first challenge.
type Row struct {
	ID           LoginID
	RelyingParty string
	Person       identity.PersonID // empty until evidence or a challenge names it
	Session      SessionID
	// State is sealed at rest.
	State      RowState
	OpenedAt   time.Time
	ExpiresAt  time.Time
	FinishedAt time.Time
	Reason     Reason // why it was refused
}

// RowState is the sealed part of a row.
type RowState struct {
	Evidence     *Evidence `json:"evidence,omitempty"`
	SessionToken string    `json:"session_token,omitempty"` // for RepeatWindow after the finish
	Answer       []byte    `json:"answer,omitempty"`        // of the front, for RepeatWindow after the finish
	// ByForm: the step that finished sent a form, so that the way to the relying
	// party is a page and no redirect.
	ByForm bool `json:"by_form,omitempty"`
	// Left: the citizen chose to go back, so that nothing is explained any more.
	Left bool `json:"left,omitempty"`
}

// Begun tells whether the login has a row.
func (r Row) Begun() bool { return r.ID != "" }

// Finished tells whether the relying party's answer was made.
func (r Row) Finished() bool { return !r.FinishedAt.IsZero() && r.Reason == "" }

// over tells whether nothing is left to prove.
func (r Row) over() bool { return r.Reason != "" || r.State.Evidence != nil || r.Finished() }

type loginKey struct{}

// With puts the login into the context of a step.
func With(ctx context.Context, l *Login) context.Context {
	return context.WithValue(ctx, loginKey{}, l)
}

// From gives the login that the guard of route.Login put into the context. It
// panics outside such a route, which is a mistake of ours.
func From(ctx context.Context) *Login {
	return ctx.Value(loginKey{}).(*Login)
}
