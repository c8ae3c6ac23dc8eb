package route

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"
)

type refusal = func(w http.ResponseWriter, r *http.Request, status int, key, reference string)

// Mount puts the routes, each behind its guards, and the pages for unknown
// addresses and methods on the router. It reports all mistakes of the table at
// once: a route without access or handler, the same method and path twice, a
// guard that is missing, a Sandbox route outside the sandbox.
//
// gorilla/mux tries its routes one after the other by regular expression; with a
// hundred routes that costs more than most handlers. So the router gets a single
// matcher of ours (table.go), which fills in the same names.
func Mount(router *mux.Router, routes []Route, guards Guards) error {
	if guards.Fail == nil || guards.Log == nil {
		return errors.New("mounting routes: guards need Fail and Log")
	}
	m := mounter{guards: guards, headers: newHeaders(guards.Secure), cross: http.NewCrossOriginProtection()}
	for _, origin := range guards.Origins {
		if err := m.cross.AddTrustedOrigin(origin); err != nil {
			return fmt.Errorf("mounting routes: trusting our own origin: %w", err)
		}
	}
	paths, problems := m.paths(routes)
	table := newTable()
	for path, handler := range paths {
		if err := table.add(path, handler); err != nil {
			problems = append(problems, err)
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("mounting routes: %w", errors.Join(problems...))
	}
	router.SkipClean(true) // an unclean path is an unknown page, not a redirect without guards
	router.NewRoute().MatcherFunc(table.match)
	router.NotFoundHandler = m.page(func(w http.ResponseWriter, r *http.Request) {
		guards.Fail(w, r, http.StatusNotFound, keyNotFound, "")
	})
	return nil
}

type mounter struct {
	guards  Guards
	headers headers
	cross   *http.CrossOriginProtection
}

// paths builds one handler per path, which chooses by method.
func (m mounter) paths(routes []Route) (map[string]*methods, []error) {
	var problems []error
	paths := map[string]*methods{}
	for _, rt := range routes {
		handler, err := m.wrap(rt)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s %s: %w", rt.Method, rt.Path, err))
			continue
		}
		at := paths[rt.Path]
		if at == nil {
			at = &methods{handlers: map[string]http.Handler{}}
			paths[rt.Path] = at
		}
		if at.handlers[rt.Method] != nil {
			problems = append(problems, fmt.Errorf("%s %s: is there twice", rt.Method, rt.Path))
		}
		at.handlers[rt.Method] = handler
	}
	for _, at := range paths {
		if get := at.handlers[http.MethodGet]; get != nil && at.handlers[http.MethodHead] == nil {
			at.handlers[http.MethodHead] = get
		}
		at.wrong = m.page(at.refuse(m.guards.Fail))
	}
	return paths, problems
}

// wrap puts the guards around one route, innermost first.
func (m mounter) wrap(rt Route) (http.Handler, error) {
	if rt.Handler == nil || rt.Method == "" || !strings.HasPrefix(rt.Path, "/") {
		return nil, errors.New("needs a method, a path that begins with / and a handler")
	}
	guard, err := m.guard(rt.Access)
	if err != nil {
		return nil, err
	}
	refuse := m.refusal(rt.Access)
	handler := guard(rt.Handler)
	handler = m.around(rt.Access, handler)
	if changes(rt.Method) {
		if rt.Access.browserOnly() {
			handler = m.sameOrigin(refuse, handler)
		}
		handler = limited(rt, refuse, handler)
	}
	if m.guards.Throttle != nil {
		handler = m.guards.Throttle(handler)
	}
	handler = recovered(m.guards.Log, refuse, handler)
	return m.withHeaders(rt.Cache, handler), nil
}

func (m mounter) guard(a Access) (Middleware, error) {
	open := func(next http.Handler) http.Handler { return next }
	given := func(guard Middleware) (Middleware, error) {
		if guard == nil {
			return nil, fmt.Errorf("no guard was given for access %q", a)
		}
		return guard, nil
	}
	switch a {
	case Public, Peer:
		return open, nil
	case Login:
		return given(m.guards.Login)
	case Device:
		return given(m.guards.Device)
	case RelyingParty:
		return given(m.guards.RelyingParty)
	case Operator:
		return given(m.guards.Operator)
	case Sandbox:
		if !m.guards.Sandbox {
			return nil, errors.New("exists in the sandbox only")
		}
		return open, nil
	}
	if proof, ok := a.Proof(); ok && m.guards.Citizen != nil {
		return given(m.guards.Citizen(proof))
	}
	if act, ok := a.Act(); ok && m.guards.Officer != nil {
		return given(m.guards.Officer(act))
	}
	return nil, fmt.Errorf("no guard was given for access %q", a)
}

func (m mounter) around(a Access, next http.Handler) http.Handler {
	if m.guards.Around == nil || !a.pages() {
		return next
	}
	return m.guards.Around(next)
}

// sameOrigin refuses a change that a page of another site sent along with the
// citizen's cookies.
func (m mounter) sameOrigin(refuse refusal, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := m.cross.Check(r); err != nil {
			refuse(w, r, http.StatusForbidden, keyCrossOrigin, "")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (m mounter) withHeaders(cache string, next http.Handler) http.Handler {
	if cache == "" {
		cache = "no-store"
	}
	value := one(cache)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.headers.set(w.Header(), value)
		next.ServeHTTP(w, r)
	})
}

// refusal is a page for people and a line of text for machines.
func (m mounter) refusal(a Access) refusal {
	return func(w http.ResponseWriter, r *http.Request, status int, key, reference string) {
		w.Header().Set("Cache-Control", "no-store")
		if a.pages() {
			m.guards.Fail(w, r, status, key, reference)
			return
		}
		text := http.StatusText(status)
		if reference != "" {
			text += ", reference " + reference
		}
		http.Error(w, text, status)
	}
}

// page guards an answer that belongs to no route.
func (m mounter) page(answer http.HandlerFunc) http.Handler {
	handler := m.around(Public, answer)
	if m.guards.Throttle != nil {
		handler = m.guards.Throttle(handler)
	}
	return m.withHeaders("", recovered(m.guards.Log, m.guards.Fail, handler))
}

// methods are the handlers of one path.
type methods struct {
	handlers map[string]http.Handler
	wrong    http.Handler
}

func (m *methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler := m.handlers[r.Method]
	if handler == nil {
		handler = m.wrong
	}
	handler.ServeHTTP(w, r)
}

// refuse names the methods there are. Source: RFC 9110 section 15.5.6.
func (m *methods) refuse(fail refusal) http.HandlerFunc {
	names := make([]string, 0, len(m.handlers))
	for name := range m.handlers {
		names = append(names, name)
	}
	slices.Sort(names)
	allow := strings.Join(names, ", ")
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		fail(w, r, http.StatusMethodNotAllowed, keyMethod, "")
	}
}
