package oidc

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"clave/broker"
	"clave/internal/onetime"
	"clave/web/page"
	"clave/web/route"
)

// Issue implements broker.Front: it stores a grant and answers with its code.
func (f *Front) Issue(ctx context.Context, req broker.Request, out broker.Outcome) ([]byte, error) {
	t, err := decodeTicket(req.Return)
	if err != nil {
		return nil, err
	}
	code, now := onetime.NewToken(), f.Now()
	g := Grant{
		ID: string(out.Login), Client: t.Client, RelyingParty: out.RelyingParty, Person: out.Person, Session: out.Session,
		CodeHash: onetime.Hash(code), CodeExpires: now.Add(f.Lifetimes.Code),
		RedirectURI: t.URI, Challenge: t.Challenge,
		CreatedAt: now,
		Frozen:    Frozen{Outcome: out, Scope: t.Scope, Nonce: t.Nonce, ACR: answeredLevel(t.ACRs, out.Level)},
	}
	g.Refresh, g.EndsAt = f.refreshOf(t, out, now)
	if err := f.Codes.AddGrant(ctx, g); err != nil {
		return nil, err
	}
	return []byte(code), nil
}

// refreshOf says which refresh tokens a grant gives, and when it ends at last.
func (f *Front) refreshOf(t ticket, out broker.Outcome, now time.Time) (RefreshKind, time.Time) {
	c, ok := f.clients.find(t.Client)
	switch {
	case !ok || !c.refresh:
		return NoRefresh, now.Add(f.Lifetimes.withoutRefresh())
	case hasScope(t.Scope, scopeOffline):
		return RefreshOffline, now.Add(f.Lifetimes.Offline)
	}
	// The session may end while the first tokens still live.
	return RefreshSession, latest(out.SessionEndsAt, now.Add(f.Lifetimes.withoutRefresh()))
}

// Reissue implements broker.Front.
func (f *Front) Reissue(ctx context.Context, _ broker.Request, answer []byte) ([]byte, error) {
	code := onetime.NewToken()
	err := f.Codes.ReplaceCode(ctx, onetime.Hash(string(answer)), onetime.Hash(code), f.Now().Add(f.Lifetimes.Code))
	if err != nil {
		return nil, err
	}
	return []byte(code), nil
}

// Answer implements broker.Front.
func (f *Front) Answer(w http.ResponseWriter, r *http.Request, req broker.Request, answer []byte, via broker.Via) {
	t, err := decodeTicket(req.Return)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	params := url.Values{"code": {string(answer)}}
	f.send(w, r, t.target, params, via)
}

// Refuse implements broker.Front.
func (f *Front) Refuse(w http.ResponseWriter, r *http.Request, req broker.Request, reason broker.Reason, via broker.Via) {
	t, err := decodeTicket(req.Return)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	f.send(w, r, t.target, refusalFor(reason).params(), via)
}

// Home implements broker.HomeTeller: the front page of the site that the redirect
// URI of the request belongs to, if that is still registered.
func (f *Front) Home(req broker.Request) string {
	t, err := decodeTicket(req.Return)
	if err != nil {
		return ""
	}
	if c, ok := f.clients.find(t.Client); !ok || !c.accepts(t.URI) {
		return ""
	}
	for _, origin := range originsOf([]string{t.URI}) {
		return origin + "/"
	}
	return ""
}

// params is the refusal as the relying party gets it through the browser.
func (r *Refusal) params() url.Values {
	return url.Values{"error": {r.Code}, "error_description": {r.Text}}
}

// send takes the browser to a proven redirect URI. state comes back as it was
// sent, and iss tells the relying party which of its providers answers.
// Source: RFC 6749, section 4.1.2; RFC 9207, section 2.
func (f *Front) send(w http.ResponseWriter, r *http.Request, to target, params url.Values, via broker.Via) {
	params.Set("iss", f.Issuer)
	if to.State != "" {
		params.Set("state", to.State)
	}
	if to.Mode == modeFormPost {
		fields := make([]page.Hidden, 0, len(params))
		for _, name := range []string{"code", "error", "error_description", "state", "iss"} {
			if params.Has(name) {
				fields = append(fields, page.Hidden{Name: name, Value: params.Get(name)})
			}
		}
		if err := f.Pages.Post(w, r, to.URI, fields); err != nil {
			f.fail(w, r, fmt.Errorf("answering a relying party: %w", err))
		}
		return
	}
	address := withParams(to.URI, params)
	if via == broker.ByRedirect {
		route.SeeOther(w, address)
		return
	}
	f.Pages.Leave(w, r, address)
}
