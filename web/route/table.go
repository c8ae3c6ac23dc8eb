package route

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// table finds the handler of a path without trying every route: fixed paths in a
// map, paths with names in a tree of their segments. Only paths with a pattern,
// such as {file:[a-z]+\.css}, are left to a router of gorilla/mux.
type table struct {
	fixed    map[string]http.Handler
	root     node
	patterns *mux.Router
}

// node is a place in the tree of segments; a literal segment wins over a name.
type node struct {
	literal map[string]*node
	name    *node
	handler http.Handler
	names   []string // of the whole path, in order
}

func newTable() *table { return &table{fixed: map[string]http.Handler{}, patterns: mux.NewRouter()} }

// add refuses a path that says the same as an earlier one with other names: one of
// the two would never be reached.
func (t *table) add(path string, handler http.Handler) error {
	if !strings.Contains(path, "{") {
		t.fixed[path] = handler
		return nil
	}
	segments := strings.Split(path[1:], "/")
	for _, segment := range segments {
		if _, plain := plainName(segment); !plain && strings.ContainsAny(segment, "{}") {
			if err := t.patterns.Path(path).Handler(handler).GetError(); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			return nil
		}
	}
	at := &t.root
	var names []string
	for _, segment := range segments {
		if name, plain := plainName(segment); plain {
			names = append(names, name)
			if at.name == nil {
				at.name = &node{}
			}
			at = at.name
			continue
		}
		if at.literal == nil {
			at.literal = map[string]*node{}
		}
		if at.literal[segment] == nil {
			at.literal[segment] = &node{}
		}
		at = at.literal[segment]
	}
	if at.handler != nil {
		return fmt.Errorf("%s: is there already with other names, %v", path, at.names)
	}
	at.handler, at.names = handler, names
	return nil
}

// plainName is the name in a segment that is {name} and nothing else.
func plainName(segment string) (string, bool) {
	if len(segment) < 3 || segment[0] != '{' || segment[len(segment)-1] != '}' {
		return "", false
	}
	name := segment[1 : len(segment)-1]
	return name, !strings.ContainsAny(name, ":{}")
}

// match is a mux.MatcherFunc: it fills in the handler and the names.
func (t *table) match(r *http.Request, found *mux.RouteMatch) bool {
	path := r.URL.Path
	if handler := t.fixed[path]; handler != nil {
		found.Handler = handler
		return true
	}
	if strings.HasPrefix(path, "/") {
		vars := map[string]string{}
		if handler := t.root.find(path[1:], nil, vars); handler != nil {
			found.Handler, found.Vars = handler, vars
			return true
		}
	}
	return t.patterns.Match(r, found)
}

// find walks down the segments of the rest of a path; a name takes any segment
// that is not empty.
func (n *node) find(rest string, values []string, vars map[string]string) http.Handler {
	segment, after, more := strings.Cut(rest, "/")
	if next := n.literal[segment]; next != nil {
		if handler := next.step(after, more, values, vars); handler != nil {
			return handler
		}
	}
	if n.name != nil && segment != "" {
		return n.name.step(after, more, append(values, segment), vars)
	}
	return nil
}

func (n *node) step(after string, more bool, values []string, vars map[string]string) http.Handler {
	if more {
		return n.find(after, values, vars)
	}
	if n.handler != nil {
		for i, name := range n.names {
			vars[name] = values[i]
		}
	}
	return n.handler
}
