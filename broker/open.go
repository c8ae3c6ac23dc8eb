package broker

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"clave/identity"
	"clave/internal/onetime"
	"clave/web/route"
)

const (
	loginCookie   = "clave_login_"
	sessionCookie = "clave_session"
	// keptAfter is how long a browser keeps an expired request, so that the page
	// can still name the service and lead back to it. Our choice.
	keptAfter = 4 * time.Hour
)

// Open takes a request from a front: it gives it an id, seals it into the
// browser and sends the browser to the dispatcher, or to the one method that there
// is. It writes nothing, unless the request is too large for a cookie. A passive
// request is answered at once.
func (b *Broker) Open(w http.ResponseWriter, r *http.Request, req Request) {
	party, ok := b.Parties.Snapshot().Party(req.RelyingParty)
	if !ok {
		// It was removed since the front looked, as it may be later during a login.
		b.Log.InfoContext(r.Context(), "login not opened", "relying_party", req.RelyingParty, "reason", "no longer registered")
		b.showUnknown(w, r)
		return
	}
	req.ID, req.OpenedAt = LoginID(onetime.NewID()), b.Now().UTC().Truncate(time.Millisecond)
	req.Deadline = req.OpenedAt.Add(b.Lifetimes.Login)
	if b.Handsfree == "" {
		req.Hint = ""
	}
	b.Meter.LoginOpened(party.ID)
	l := &Login{Request: req, Party: party, browser: b.browserOf(r)}
	if req.Passive {
		b.dispatch(w, r, l)
		return
	}
	if err := b.sealInto(w, r, req); err != nil {
		b.fail(w, r, fmt.Errorf("opening login %s: %w", req.ID, err))
		return
	}
	b.Log.InfoContext(r.Context(), "login opened", "login_id", req.ID, "relying_party", party.ID)
	route.SeeOther(w, b.firstPath(l))
}

// firstPath is where a fresh login goes: to the dispatcher, which looks at session
// and person. A browser without a session has neither, and what the dispatcher
// would say is known: where that is a method, it need not be asked.
func (b *Broker) firstPath(l *Login) string {
	if l.browser.token == "" {
		step := Next(Situation{Request: l.Request, Demand: b.Demand(l), NoHands: b.noHands(l), Now: b.Now()})
		if step.Kind == Start {
			return l.Request.methodPath(step.Method)
		}
	}
	return l.Request.path()
}

func (r Request) methodPath(m identity.Method) string { return r.path() + "/" + string(m) }

func (r Request) path() string { return "/login/" + string(r.ID) }

func (b *Broker) sealInto(w http.ResponseWriter, r *http.Request, req Request) error {
	plain := req.pack()
	if len(plain) > maxSealedBytes {
		if err := b.Logins.KeepRequest(r.Context(), req); err != nil {
			return fmt.Errorf("keeping a large request: %w", err)
		}
		plain = []byte{packedPointer}
	}
	sealed := b.Keys.Cookies().Seal(plain, "login", string(req.ID))
	b.dropOldest(w, r, req.ID)
	name, value := loginCookie+string(req.ID), base64.RawURLEncoding.EncodeToString(sealed)
	_, mark := cutMark(b.Jar.Get(r, name))
	b.Jar.Set(w, name, value+mark, req.cookieAge(b.Now()))
	return nil
}

// cookieAge is how long the browser still keeps the request.
func (r Request) cookieAge(now time.Time) time.Duration { return r.Deadline.Add(keptAfter).Sub(now) }

// dropOldest makes room for a login in this browser. Expired ones and ones that
// cannot be opened count as the oldest.
func (b *Broker) dropOldest(w http.ResponseWriter, r *http.Request, id LoginID) {
	b.Jar.MakeRoom(w, r, loginCookie, string(id), maxOpenLogins, func(id, value string) time.Time {
		sealed, _ := cutMark(value)
		req, err := b.unseal(r.Context(), LoginID(id), sealed)
		if err != nil {
			return time.Time{}
		}
		return req.OpenedAt
	})
}

// unseal opens the request that the browser holds under the login's id.
// ErrNoLogin for what is forged, of another login, or under a key that is gone.
func (b *Broker) unseal(ctx context.Context, id LoginID, value string) (Request, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return Request{}, ErrNoLogin
	}
	plain, err := b.Keys.Cookies().Open(sealed, "login", string(id))
	if err != nil {
		return Request{}, ErrNoLogin
	}
	switch {
	case len(plain) > 0 && plain[0] == packedRequest:
		if req, ok := unpack(id, plain[1:]); ok {
			return req, nil
		}
	case len(plain) == 1 && plain[0] == packedPointer:
		return b.Logins.Request(ctx, id)
	}
	return Request{}, ErrNoLogin
}
