// Package sample is a pair of public services that log citizens in through
// Cl@ve, written as an integrator would: with a stock OpenID Connect library
// and nothing of the broker. `clave dev` serves them on another host, so that
// cookies and content policies are tried across sites.
package sample

import (
	"context"
	"crypto/rand"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	httphelper "github.com/zitadel/oidc/v3/pkg/http"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"clave/web/route"
)

//go:embed templates
var files embed.FS

// Service is one sample service.
type Service struct {
	Path         string // such as /town
	Name         string
	ClientID     string
	ClientSecret string
	Scopes       []string
	Alg          string // of ID tokens
}

// Services are the sample services, as the sandbox registers them.
func Services() []Service {
	return []Service{
		{"/town", "Example Town Hall", "demo-town-web", "sandbox-secret-of-the-example-town-hall", []string{"openid", "profile", "document", "registration"}, "ES256"},
		{"/tax", "Example Tax Agency", "demo-tax-web", "sandbox-secret-of-the-example-tax-agency", []string{"openid", "profile", "document", "registration"}, "RS256"},
	}
}

// login is what the service keeps about who is logged in.
type login struct {
	IDToken string
	Claims  []claim
	At      time.Time
}

type claim struct {
	Name  string
	Value any
}

// site is one running sample service.
type site struct {
	Service
	issuer, home string
	log          *slog.Logger
	page         *template.Template
	cookies      *httphelper.CookieHandler

	mu     sync.Mutex
	party  rp.RelyingParty // made at the first login, when the issuer answers
	logins map[string]login
}

// maxLogins bounds what a forgotten sandbox keeps in memory.
const maxLogins = 1000

// Routes of all sample services. issuer is where Cl@ve is, home the origin of
// the services.
func Routes(issuer, home string, log *slog.Logger) []route.Route {
	page := template.Must(template.ParseFS(files, "templates/*.html"))
	key := []byte(rand.Text()[:16] + rand.Text()[:16])
	var routes []route.Route
	for _, s := range Services() {
		site := &site{
			Service: s, issuer: issuer, home: home, log: log, page: page, logins: map[string]login{},
			cookies: httphelper.NewCookieHandler(key, nil, httphelper.WithUnsecure(), httphelper.WithPath(s.Path)),
		}
		get := func(path string, h http.HandlerFunc) route.Route {
			return route.Route{Method: http.MethodGet, Path: s.Path + path, Access: route.Sandbox, Handler: h}
		}
		routes = append(routes,
			get("", site.show), get("/login", site.login), get("/callback", site.callback), get("/logout", site.logout),
		)
	}
	return append(routes, route.Route{
		Method: http.MethodGet, Path: "/", Access: route.Sandbox,
		Handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, Services()[0].Path, http.StatusSeeOther)
		},
	}, route.Route{ // browsers ask for it unbidden
		Method: http.MethodGet, Path: "/favicon.ico", Access: route.Sandbox,
		Handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	}, route.Route{
		Method: http.MethodGet, Path: "/sample.css", Access: route.Sandbox,
		Handler: func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "templates/sample.css") },
	})
}

// relyingParty discovers the issuer once.
func (s *site) relyingParty(ctx context.Context) (rp.RelyingParty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.party != nil {
		return s.party, nil
	}
	party, err := rp.NewRelyingPartyOIDC(ctx, s.issuer, s.ClientID, s.ClientSecret, s.home+s.Path+"/callback", s.Scopes,
		rp.WithCookieHandler(s.cookies), rp.WithPKCE(s.cookies),
		rp.WithVerifierOpts(rp.WithSupportedSigningAlgorithms(s.Alg)),
		rp.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, code, description, _ string) {
			s.render(w, r, http.StatusOK, view{Error: code, Description: description})
		}),
		rp.WithUnauthorizedHandler(func(w http.ResponseWriter, r *http.Request, _, _ string) {
			s.render(w, r, http.StatusBadRequest, view{Error: "state", Description: "this answer does not belong to a login of this browser"})
		}),
	)
	if err != nil {
		return nil, err
	}
	s.party = party
	return party, nil
}

type view struct {
	Service
	Error, Description string
	Login              *login
	Tries              []try
}

// try is a way to start a login that shows one behaviour.
type try struct {
	Label string
	Query template.URL // of ours, escaped as it has to be
}

func tries() []try {
	return []try{
		{"Ask for the level substantial", "acr_values=http://eidas.europa.eu/LoA/substantial"},
		{"Ask for the level high (error: unmet_authentication_requirements, without a certificate)", "acr_values=http://eidas.europa.eu/LoA/high"},
		{"prompt=none (error: login_required or interaction_required, or a silent login)", "prompt=none"},
		{"prompt=login: prove it again", "prompt=login"},
		{"prompt=consent: show the data again", "prompt=consent"},
		{"max_age=60: a proof younger than a minute", "max_age=60"},
		{"A scope without openid (error: invalid_scope)", "scope=profile"},
		{"An unregistered redirect URI (a page with status 400)", "redirect_uri=http://127.0.0.1/elsewhere"},
		{"Log in without hands as 12345678Z", "login_hint=test:12345678Z"},
		{"Pages in Basque", "ui_locales=eu"},
	}
}

func (s *site) show(w http.ResponseWriter, r *http.Request) {
	v := view{}
	if l, ok := s.current(r); ok {
		v.Login = &l
	}
	s.render(w, r, http.StatusOK, v)
}

func (s *site) login(w http.ResponseWriter, r *http.Request) {
	party, err := s.relyingParty(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	var parameters []rp.URLParamOpt
	for _, name := range []string{"acr_values", "prompt", "max_age", "scope", "redirect_uri", "login_hint", "ui_locales"} {
		if value := r.URL.Query().Get(name); value != "" {
			parameters = append(parameters, rp.WithURLParam(name, value))
		}
	}
	rp.AuthURLHandler(rand.Text, party, parameters...)(w, r)
}

func (s *site) callback(w http.ResponseWriter, r *http.Request) {
	party, err := s.relyingParty(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if r.URL.Query().Get("iss") != s.issuer { // RFC 9207: who answers is who was asked
		s.render(w, r, http.StatusBadRequest, view{Error: "iss", Description: "the answer comes from another issuer"})
		return
	}
	rp.CodeExchangeHandler(rp.UserinfoCallback(
		func(w http.ResponseWriter, r *http.Request, tokens *oidc.Tokens[*oidc.IDTokenClaims], _ string, _ rp.RelyingParty, info *oidc.UserInfo) {
			s.enter(w, r, tokens, info)
		}), party)(w, r)
}

// enter keeps the login and shows it by its own address.
func (s *site) enter(w http.ResponseWriter, r *http.Request, tokens *oidc.Tokens[*oidc.IDTokenClaims], info *oidc.UserInfo) {
	c := tokens.IDTokenClaims
	l := login{IDToken: tokens.IDToken, At: time.Now(), Claims: []claim{
		{"sub", c.Subject}, {"acr", c.AuthenticationContextClassReference}, {"amr", strings.Join(c.AuthenticationMethodsReferences, " ")},
		{"auth_time", c.AuthTime.AsTime().UTC().Format(time.RFC3339)},
		{"method", c.Claims["method"]}, {"registration_level", c.Claims["registration_level"]}, {"registration_channel", c.Claims["registration_channel"]},
		{"given_name", info.GivenName}, {"family_name", info.FamilyName}, {"birthdate", info.Birthdate}, {"document_number", info.Claims["document_number"]},
	}}
	id := rand.Text()
	s.mu.Lock()
	if len(s.logins) >= maxLogins {
		clear(s.logins)
	}
	s.logins[id] = l
	s.mu.Unlock()
	if err := s.cookies.SetCookie(w, "login", id); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, s.Path, http.StatusSeeOther)
}

func (s *site) current(r *http.Request) (login, bool) {
	id, err := s.cookies.CheckCookie(r, "login")
	if err != nil {
		return login{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.logins[id]
	return l, ok
}

// logout ends the login here and asks Cl@ve to end its session.
func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	party, err := s.relyingParty(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	l, ok := s.current(r)
	s.cookies.DeleteCookie(w, "login")
	if !ok {
		http.Redirect(w, r, s.Path, http.StatusSeeOther)
		return
	}
	query := url.Values{"id_token_hint": {l.IDToken}, "post_logout_redirect_uri": {s.home + s.Path}, "client_id": {s.ClientID}}
	http.Redirect(w, r, party.GetEndSessionEndpoint()+"?"+query.Encode(), http.StatusSeeOther)
}

func (s *site) render(w http.ResponseWriter, r *http.Request, status int, v view) {
	v.Service, v.Tries = s.Service, tries()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := s.page.ExecuteTemplate(w, "sample.html", v); err != nil {
		s.log.ErrorContext(r.Context(), "sample page not rendered", "error", err.Error())
	}
}

func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.log.ErrorContext(r.Context(), "sample service failed", "error", err.Error())
	s.render(w, r, http.StatusBadGateway, view{Error: "unavailable", Description: "Cl@ve does not answer"})
}
