package oidc

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"clave/broker"
	"clave/web/page"
	"clave/web/route"
)

// logout is a request to end the session, as understood.
// Source: OpenID Connect RP-Initiated Logout 1.0, section 2.
type logout struct {
	client    *client // nil when the request names none
	target    string  // registered, or empty
	state     string
	session   string // the sid of a hint that was given to client
	languages []string
}

// understandLogout checks a request. A hint that does not verify counts as none:
// it proves nothing, and the citizen is asked.
func (f *Front) understandLogout(encoded string) (logout, mistake) {
	p, ok := parseParams(encoded)
	if !ok || p.repeated != "" || p.garbled != "" || p.tooLong != "" {
		return logout{}, mistakeUnreadable
	}
	lo := logout{state: p.get("state")}
	for _, tag := range words(p.get("ui_locales")) {
		if len(lo.languages) < maxLocales && isTag(tag) {
			lo.languages = append(lo.languages, tag)
		}
	}
	clientID := p.get("client_id")
	if token := p.get("id_token_hint"); token != "" {
		hint, err := f.readHint(token)
		switch {
		case err != nil && clientID == "" && p.get("post_logout_redirect_uri") != "":
			return logout{}, mistakeLogoutHint
		case err != nil:
		case clientID != "" && !slices.Contains(hint.Audience, clientID), len(hint.Audience) != 1:
			return logout{}, mistakeLogoutClient
		default:
			clientID, lo.session = hint.Audience[0], hint.Session
		}
	}
	if clientID != "" {
		if lo.client, ok = f.clients.find(clientID); !ok {
			return logout{}, mistakeLogoutClient
		}
	}
	if uri := p.get("post_logout_redirect_uri"); uri != "" {
		switch {
		case lo.client == nil:
			return logout{}, mistakeLogoutClient
		case !lo.client.acceptsAfterLogout(uri):
			return logout{}, mistakeLogoutTarget
		}
		lo.target = uri
	}
	return lo, ""
}

// acceptsAfterLogout tells whether a browser may be sent there after logout.
func (c *client) acceptsAfterLogout(uri string) bool {
	if strings.Contains(uri, "#") {
		return false
	}
	return slices.Contains(c.PostLogoutRedirectURIs, uri) || c.LoopbackRedirects && isLoopback(uri)
}

// endSession ends the session of this browser. It asks first, unless the relying
// party shows an ID token of this very session: else any page could log people
// out by a link.
func (f *Front) endSession(w http.ResponseWriter, r *http.Request) {
	encoded, ok := f.resumed(w, r)
	if !ok {
		return
	}
	lo, m := f.understandLogout(encoded)
	if m != "" {
		f.showMistake(w, r, m)
		return
	}
	session, live := f.Sessions.Current(r)
	if live && (lo.client == nil || lo.session == "" || lo.session != sessionNameFor(string(session), lo.client.ClientID)) {
		f.confirm(w, r, lo)
		return
	}
	if live {
		if err := f.Sessions.End(w, r); err != nil {
			f.fail(w, r, fmt.Errorf("ending a session: %w", err))
			return
		}
	}
	f.leave(w, r, lo, broker.ByRedirect)
}

// endSessionPosted takes a request by POST, which does not carry our cookies.
func (f *Front) endSessionPosted(w http.ResponseWriter, r *http.Request) {
	encoded, ok := f.posted(w, r)
	if !ok {
		return
	}
	if _, m := f.understandLogout(encoded); m != "" {
		f.showMistake(w, r, m)
		return
	}
	f.resumeLater(w, r, pathEndSession, encoded)
}

type confirmData struct {
	Service string
	Fields  []page.Hidden
}

// confirm asks whether the session is to end. The form carries what is needed
// afterwards; it is checked again then.
func (f *Front) confirm(w http.ResponseWriter, r *http.Request, lo logout) {
	r = f.around(r, lo)
	data := confirmData{Service: page.From(r.Context()).Service}
	if lo.client != nil {
		data.Fields = append(data.Fields, page.Hidden{Name: "client_id", Value: lo.client.ClientID})
	}
	if lo.target != "" {
		data.Fields = append(data.Fields, page.Hidden{Name: "post_logout_redirect_uri", Value: lo.target})
	}
	if lo.state != "" {
		data.Fields = append(data.Fields, page.Hidden{Name: "state", Value: lo.state})
	}
	if len(lo.languages) > 0 {
		data.Fields = append(data.Fields, page.Hidden{Name: "ui_locales", Value: strings.Join(lo.languages, " ")})
	}
	f.Pages.Render(w, r, http.StatusOK, f.templates.confirm, data)
}

// around puts what the frame shows into the request.
func (f *Front) around(r *http.Request, lo logout) *http.Request {
	around := page.From(r.Context())
	around.Locales = lo.languages
	if lo.client != nil {
		around.Service = lo.client.party.Name.In(string(f.Pages.LanguageFor(r, "", lo.languages)))
	}
	return r.WithContext(page.With(r.Context(), around))
}

// endSessionConfirmed takes the citizen's answer.
func (f *Front) endSessionConfirmed(w http.ResponseWriter, r *http.Request) {
	lo, m := f.understandLogout(r.PostForm.Encode())
	if m != "" {
		f.showMistake(w, r, m)
		return
	}
	r = f.around(r, lo)
	if r.PostForm.Get("answer") != "yes" {
		f.Pages.Render(w, r, http.StatusOK, f.templates.done, doneData{Stays: true})
		return
	}
	if err := f.Sessions.End(w, r); err != nil {
		f.fail(w, r, fmt.Errorf("ending a session: %w", err))
		return
	}
	f.leave(w, r, lo, broker.ByPage)
}

// leave goes on to the relying party after logout, or to our own page.
func (f *Front) leave(w http.ResponseWriter, r *http.Request, lo logout, via broker.Via) {
	if lo.target == "" {
		route.SeeOther(w, pathLoggedOut)
		return
	}
	address := lo.target
	if lo.state != "" {
		address = withParams(address, url.Values{"state": {lo.state}})
	}
	if via == broker.ByPage {
		f.Pages.Leave(w, r, address)
		return
	}
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
}

type doneData struct {
	Stays bool // the citizen chose to stay logged in
}

func (f *Front) loggedOut(w http.ResponseWriter, r *http.Request) {
	f.Pages.Render(w, r, http.StatusOK, f.templates.done, doneData{})
}
