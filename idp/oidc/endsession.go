package oidc

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"clave/broker"
	"clave/broker/logout"
	"clave/web/page"
	"clave/web/route"
)

// endRequest is a request to end the session, as understood.
// Source: OpenID Connect RP-Initiated Logout 1.0, section 2.
type endRequest struct {
	client    *client // nil when the request names none
	target    string  // registered, or empty
	state     string
	session   string // the sid of a hint that was given to client
	languages []string
}

// understandLogout checks a request. A hint that does not verify counts as none:
// it proves nothing, and the citizen is asked.
func (f *Front) understandLogout(encoded string) (endRequest, mistake) {
	p, ok := parseParams(encoded)
	if !ok || p.repeated != "" || p.garbled != "" || p.tooLong != "" {
		return endRequest{}, mistakeUnreadable
	}
	lo := endRequest{state: p.get("state")}
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
			return endRequest{}, mistakeLogoutHint
		case err != nil:
		case clientID != "" && !slices.Contains(hint.Audience, clientID), len(hint.Audience) != 1:
			return endRequest{}, mistakeLogoutClient
		default:
			clientID, lo.session = hint.Audience[0], hint.Session
		}
	}
	if clientID != "" {
		if lo.client, ok = f.clients.find(clientID); !ok {
			return endRequest{}, mistakeLogoutClient
		}
	}
	if uri := p.get("post_logout_redirect_uri"); uri != "" {
		switch {
		case lo.client == nil:
			return endRequest{}, mistakeLogoutClient
		case !lo.client.acceptsAfterLogout(uri):
			return endRequest{}, mistakeLogoutTarget
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
	f.logOut(w, r, lo)
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
func (f *Front) confirm(w http.ResponseWriter, r *http.Request, lo endRequest) {
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
func (f *Front) around(r *http.Request, lo endRequest) *http.Request {
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
	f.logOut(w, r, lo)
}

// wayBack is where a logout leads in the end, as a registration allowed it.
type wayBack struct {
	Client string `json:"client,omitempty"`
	Target string `json:"target,omitempty"`
	State  string `json:"state,omitempty"`
}

// logOut ends the session and tells the services that can be told.
func (f *Front) logOut(w http.ResponseWriter, r *http.Request, lo endRequest) {
	after, back := logout.After{Front: Name, Proven: true, Languages: lo.languages}, wayBack{Target: lo.target, State: lo.state}
	if lo.client != nil {
		after.RelyingParty, back.Client = lo.client.party.ID, lo.client.ClientID
	}
	var err error
	if after.State, err = json.Marshal(back); err != nil {
		f.fail(w, r, fmt.Errorf("writing the way back from a logout: %w", err))
		return
	}
	f.Logouts.Start(w, r, after)
}

// LoggedOut implements logout.Asker: it goes on to the relying party, or to our own
// page. The protocol has no word for a logout that is not complete. An address that is
// registered no longer is not visited.
func (f *Front) LoggedOut(w http.ResponseWriter, r *http.Request, state []byte, _ bool, via broker.Via) {
	var back wayBack
	if err := json.Unmarshal(state, &back); err != nil {
		f.fail(w, r, fmt.Errorf("reading the way back from a logout: %w", err))
		return
	}
	client, ok := f.clients.find(back.Client)
	if back.Target == "" || !ok || !client.acceptsAfterLogout(back.Target) {
		route.SeeOther(w, pathLoggedOut)
		return
	}
	address := back.Target
	if back.State != "" {
		address = withParams(address, url.Values{"state": {back.State}})
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
