package sample

import (
	"context"
	"crypto/rand"
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

// oidcSite is a service that speaks OpenID Connect, by a stock library.
type oidcSite struct {
	site
	client  oidcClient
	cookies *httphelper.CookieHandler
	logins  shelf[oidcLogin]

	mu    sync.Mutex
	party rp.RelyingParty // made at the first login, when the issuer answers
}

// oidcClient is how a service is registered.
type oidcClient struct {
	ID, Secret string
	Alg        string // of ID tokens
}

// oidcLogin is who is logged in, with what logs out.
type oidcLogin struct {
	login
	IDToken string
}

func newOIDC(s site, c oidcClient) *oidcSite {
	s.Tries = oidcTries()
	return &oidcSite{
		site: s, client: c,
		cookies: httphelper.NewCookieHandler([]byte(rand.Text()[:16]+rand.Text()[:16]), nil, httphelper.WithUnsecure(), httphelper.WithPath(s.Path)),
	}
}

func (s *oidcSite) routes() []route.Route {
	return []route.Route{
		get(s.Path, s.show), get(s.Path+"/login", s.ask), get(s.Path+"/callback", s.callback), get(s.Path+"/logout", s.logout),
	}
}

func scopes() []string { return []string{"openid", "profile", "document", "registration"} }

// relyingParty discovers the issuer once.
func (s *oidcSite) relyingParty(ctx context.Context) (rp.RelyingParty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.party != nil {
		return s.party, nil
	}
	party, err := rp.NewRelyingPartyOIDC(ctx, s.Issuer, s.client.ID, s.client.Secret, s.Home+s.Path+"/callback", scopes(),
		rp.WithCookieHandler(s.cookies), rp.WithPKCE(s.cookies),
		rp.WithVerifierOpts(rp.WithSupportedSigningAlgorithms(s.client.Alg)),
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

func oidcTries() []try {
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

func (s *oidcSite) show(w http.ResponseWriter, r *http.Request) {
	v := view{}
	if l, ok := s.current(r); ok {
		v.Login = &l.login
	}
	s.render(w, r, http.StatusOK, v)
}

func (s *oidcSite) ask(w http.ResponseWriter, r *http.Request) {
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

func (s *oidcSite) callback(w http.ResponseWriter, r *http.Request) {
	party, err := s.relyingParty(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if r.URL.Query().Get("iss") != s.Issuer { // RFC 9207: who answers is who was asked
		s.render(w, r, http.StatusBadRequest, view{Error: "iss", Description: "the answer comes from another issuer"})
		return
	}
	rp.CodeExchangeHandler(rp.UserinfoCallback(
		func(w http.ResponseWriter, r *http.Request, tokens *oidc.Tokens[*oidc.IDTokenClaims], _ string, _ rp.RelyingParty, info *oidc.UserInfo) {
			s.enter(w, r, tokens, info)
		}), party)(w, r)
}

// enter keeps the login and shows it by its own address.
func (s *oidcSite) enter(w http.ResponseWriter, r *http.Request, tokens *oidc.Tokens[*oidc.IDTokenClaims], info *oidc.UserInfo) {
	c := tokens.IDTokenClaims
	l := login{Claims: []claim{
		{"sub", c.Subject}, {"acr", c.AuthenticationContextClassReference}, {"amr", strings.Join(c.AuthenticationMethodsReferences, " ")},
		{"auth_time", c.AuthTime.AsTime().UTC().Format(time.RFC3339)},
		{"method", c.Claims["method"]}, {"registration_level", c.Claims["registration_level"]}, {"registration_channel", c.Claims["registration_channel"]},
		{"given_name", info.GivenName}, {"family_name", info.FamilyName}, {"birthdate", info.Birthdate}, {"document_number", info.Claims["document_number"]},
	}}
	if err := s.cookies.SetCookie(w, "login", s.logins.put(oidcLogin{l, tokens.IDToken})); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, s.Path, http.StatusSeeOther)
}

func (s *oidcSite) current(r *http.Request) (oidcLogin, bool) {
	id, err := s.cookies.CheckCookie(r, "login")
	if err != nil {
		return oidcLogin{}, false
	}
	return s.logins.get(id)
}

// logout ends the login here and asks Cl@ve to end its session.
func (s *oidcSite) logout(w http.ResponseWriter, r *http.Request) {
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
	query := url.Values{"id_token_hint": {l.IDToken}, "post_logout_redirect_uri": {s.Home + s.Path}, "client_id": {s.client.ID}}
	http.Redirect(w, r, party.GetEndSessionEndpoint()+"?"+query.Encode(), http.StatusSeeOther)
}
