package page

import "net/http"

// Onward is Render for a page that goes on by itself to a local path, which it also has
// to show as a link. Anything else than a path of ours goes nowhere.
func (e *Engine) Onward(w http.ResponseWriter, r *http.Request, t *Template, data any, path string) {
	if !LocalPath(path) {
		path = ""
	}
	e.render(w, r, http.StatusOK, t, data, path)
}
