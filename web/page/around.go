package page

import (
	"context"
	"time"
)

// Around is what the frame of a page shows about the login and the session it
// belongs to. The zero value shows nothing. Texts are in the page's language
// already: Engine.Language tells which one that is.
type Around struct {
	// Locales are the languages that the relying party asked for (ui_locales).
	Locales []string
	// Service is the name of the waiting service, Organisation who runs it.
	Service, Organisation string
	// ServiceURL is where the service can be opened anew; error pages link to it.
	ServiceURL string
	// Waiting is the local path of the login that waits for the citizen to come back
	// from this page; the frame links there. Service and LoginID are that login's.
	Waiting string
	// LoginID names the open login; a language chosen on its pages counts for it
	// before what the relying party asked for.
	LoginID string
	// Here is the local path that shows this step by GET, when the address of the
	// request does not (an answer to POST); the language switch returns there.
	Here string
	// Cancel is the local path whose POST gives up the login.
	Cancel string
	// LoginEnds is when the login expires; Extend the local path whose POST gives
	// more time (see Engine.Extended), empty when no more is given.
	LoginEnds time.Time
	Extend    string
	// Account is the name of who is logged in; LogOut the local path whose POST ends
	// the session.
	Account, LogOut string
	// Own is the local path of the pages of who is logged in; My Cl@ve when empty.
	Own string
	// Home is the local path that the wordmark leads to; the front page when empty.
	Home string
	// Manifest is the local path of the manifest of the app that the page is part of;
	// empty for none.
	Manifest string
	// SessionEnds is when the session ends for want of use; Stay the local path whose
	// POST keeps it open (see Engine.Extended).
	SessionEnds time.Time
	Stay        string
	// Closing says that the browser visits the service to close its session there;
	// pages by which it leaves say so, and the frame does not say that it is entered.
	Closing bool
}

type aroundKey struct{}

// With puts what the frame shows into the context of a request.
func With(ctx context.Context, around Around) context.Context {
	return context.WithValue(ctx, aroundKey{}, &around)
}

// From is what With put in; the zero value when nothing was.
func From(ctx context.Context) Around { return *from(ctx) }

// from is From without a copy; it is not changed.
func from(ctx context.Context) *Around {
	if around, ok := ctx.Value(aroundKey{}).(*Around); ok {
		return around
	}
	return &Around{}
}
