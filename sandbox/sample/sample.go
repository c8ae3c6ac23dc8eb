// Package sample is a handful of public services that log citizens in through
// Cl@ve, written as integrators would: with stock libraries and nothing of the
// broker. `clave dev` serves them on another host, so that cookies and content
// policies are tried across sites.
//
//	oidc.go   OpenID Connect, by zitadel/oidc
//	saml*.go  SAML 2.0, by crewjam/saml, with the checks that it leaves to its users
//	clave*.go the dialect of Cl@ve 2, as the official kits speak it
package sample

import (
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"clave/web/route"
)

//go:embed templates
var files embed.FS

// Settings say where the services are.
type Settings struct {
	// Issuer is the origin of Cl@ve, and Home that of the services.
	Issuer, Home string
	// Data is the folder of the services' own keys; they are made when missing.
	Data string
	Log  *slog.Logger
	Now  func() time.Time
}

// Samples are all sample services.
type Samples struct {
	oidc  []*oidcSite
	saml  *samlSite
	clave *claveSite
}

// Open makes the services.
func Open(s Settings) (*Samples, error) {
	page := template.Must(template.ParseFS(files, "templates/*.html"))
	at := func(path, name, protocol string) site {
		return site{Settings: s, Path: path, Name: name, Protocol: protocol, page: page}
	}
	all := Samples{oidc: []*oidcSite{
		newOIDC(at("/town", "Example Town Hall", "OpenID Connect"), oidcClient{"demo-town-web", "sandbox-secret-of-the-example-town-hall", "ES256"}),
		newOIDC(at("/tax", "Example Tax Agency", "OpenID Connect"), oidcClient{"demo-tax-web", "sandbox-secret-of-the-example-tax-agency", "RS256"}),
	}}
	var err error
	if all.saml, err = newSAML(at("/university", "Example University", "SAML 2.0")); err != nil {
		return nil, err
	}
	if all.clave, err = newClave(at("/jobs", "Example Employment Service", "Cl@ve 2")); err != nil {
		return nil, err
	}
	return &all, nil
}

// File is what a registration of the services names beside it: their metadata and
// certificates. Error: fs.ErrNotExist.
func (s *Samples) File(name string) ([]byte, error) {
	switch name {
	case "university.xml":
		return s.saml.metadata()
	case "jobs.pem":
		return s.clave.certificate(), nil
	}
	return nil, fmt.Errorf("reading %s: %w", name, fs.ErrNotExist)
}

// Routes of all sample services.
func (s *Samples) Routes() []route.Route {
	var routes []route.Route
	sites := []site{}
	for _, one := range s.oidc {
		sites, routes = append(sites, one.site), append(routes, one.routes()...)
	}
	sites, routes = append(sites, s.saml.site, s.clave.site), slices.Concat(routes, s.saml.routes(), s.clave.routes())
	file := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "templates/"+name) }
	}
	return append(routes,
		get("/", func(w http.ResponseWriter, r *http.Request) { s.saml.write(w, r, http.StatusOK, "index.html", sites) }),
		get("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), // browsers ask for it unbidden
		get("/sample.css", file("sample.css")),
		get("/sample.js", file("sample.js")),
	)
}

func get(path string, h http.HandlerFunc) route.Route {
	return route.Route{Method: http.MethodGet, Path: path, Access: route.Sandbox, Handler: h}
}

// posted takes forms that come from Cl@ve, another site, through the browser.
func posted(path string, h http.HandlerFunc) route.Route {
	return route.Route{Method: http.MethodPost, Path: path, Access: route.Peer, Handler: h}
}

// site is one service.
type site struct {
	Settings
	Path, Name, Protocol string
	Tries                []try
	page                 *template.Template
}

// try is a way to start a login that shows one behaviour.
type try struct {
	Label string
	Query template.URL // of ours, escaped as it has to be
}

// login is what a service received about who is logged in.
type login struct{ Claims []claim }

type claim struct {
	Name  string
	Value any
}

// view is the page of a service.
type view struct {
	site
	// Error is a code, Description its sentence, and Details what came with them.
	Error, Description string
	Details            []claim
	Login              *login
	// Notice tells how something ended.
	Notice string
}

func (s site) render(w http.ResponseWriter, r *http.Request, status int, v view) {
	v.site = s
	s.write(w, r, status, "sample.html", v)
}

func (s site) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "sample service failed", "error", err.Error())
	s.render(w, r, http.StatusBadGateway, view{Error: "unavailable", Description: "Cl@ve does not answer"})
}

// leave sends the browser on by a posted form.
func (s site) leave(w http.ResponseWriter, r *http.Request, target string, fields ...field) {
	if err := route.AllowForm(w, target); err != nil {
		s.fail(w, r, err)
		return
	}
	s.write(w, r, http.StatusOK, "leave.html", struct {
		site
		Target string
		Fields []field
	}{s, target, fields})
}

type field struct{ Name, Value string }

func (s site) write(w http.ResponseWriter, r *http.Request, status int, page string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := s.page.ExecuteTemplate(w, page, data); err != nil {
		s.Log.ErrorContext(r.Context(), "sample page not rendered", "error", err.Error())
	}
}

// shelf keeps things under random names, in memory.
type shelf[T any] struct {
	mu     sync.Mutex
	things map[string]T
}

// shelfSize bounds what a forgotten sandbox keeps; a full shelf is emptied.
const shelfSize = 1000

func (s *shelf[T]) put(thing T) (name string) {
	name = rand.Text()
	s.set(name, thing)
	return name
}

func (s *shelf[T]) set(name string, thing T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.things == nil || len(s.things) >= shelfSize {
		s.things = map[string]T{}
	}
	s.things[name] = thing
}

func (s *shelf[T]) get(name string) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	thing, ok := s.things[name]
	return thing, ok
}

// take takes a thing from the shelf: it can be had once.
func (s *shelf[T]) take(name string) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	thing, ok := s.things[name]
	delete(s.things, name)
	return thing, ok
}

// remove takes all those away that match.
func (s *shelf[T]) remove(matches func(T) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, thing := range s.things {
		if matches(thing) {
			delete(s.things, name)
		}
	}
}
