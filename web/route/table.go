package route

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// table finds the handler of a path without trying every route.
type table struct {
	fixed   map[string]http.Handler
	bySlot  map[string]*mux.Router // paths with names, by their first segment
	unnamed *mux.Router            // paths whose first segment is a name itself
	added   map[string]bool
}

func newTable() *table {
	return &table{
		fixed:  map[string]http.Handler{},
		bySlot: map[string]*mux.Router{},
		added:  map[string]bool{},
	}
}

func (t *table) add(path string, handler http.Handler) {
	if t.added[path] {
		return
	}
	t.added[path] = true
	if !strings.Contains(path, "{") {
		t.fixed[path] = handler
		return
	}
	slot := firstSegment(path)
	if strings.Contains(slot, "{") {
		if t.unnamed == nil {
			t.unnamed = mux.NewRouter()
		}
		t.unnamed.Path(path).Handler(handler)
		return
	}
	if t.bySlot[slot] == nil {
		t.bySlot[slot] = mux.NewRouter()
	}
	t.bySlot[slot].Path(path).Handler(handler)
}

// match is a mux.MatcherFunc: it fills in the handler and the names.
func (t *table) match(r *http.Request, found *mux.RouteMatch) bool {
	if handler := t.fixed[r.URL.Path]; handler != nil {
		found.Handler = handler
		return true
	}
	if slot := t.bySlot[firstSegment(r.URL.Path)]; slot != nil && slot.Match(r, found) {
		return true
	}
	if t.unnamed != nil && t.unnamed.Match(r, found) {
		return true
	}
	return false
}

func firstSegment(path string) string {
	path = strings.TrimPrefix(path, "/")
	if end := strings.IndexByte(path, '/'); end >= 0 {
		return path[:end]
	}
	return path
}
