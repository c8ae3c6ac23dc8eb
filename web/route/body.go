package route

import (
	"errors"
	"mime"
	"net/http"
)

// limited refuses a request whose body is too large: at once when it says so
// itself, otherwise while it is read. Where refusals are pages it also parses
// the form, so that a handler never works on half of one.
func limited(rt Route, refuse refusal, next http.Handler) http.Handler {
	limit := rt.BodyLimit
	if limit == 0 {
		limit = DefaultBodyLimit
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > limit {
			refuse(w, r, http.StatusRequestEntityTooLarge, keyTooLarge, "")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if rt.Access.pages() && isForm(r) {
			if err := r.ParseForm(); err != nil {
				status, key := http.StatusBadRequest, keyBadForm
				var tooLarge *http.MaxBytesError
				if errors.As(err, &tooLarge) {
					status, key = http.StatusRequestEntityTooLarge, keyTooLarge
				}
				refuse(w, r, status, key, "")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// formType is what browsers write.
const formType = "application/x-www-form-urlencoded"

func isForm(r *http.Request) bool {
	given := r.Header.Get("Content-Type")
	if given == formType {
		return true
	}
	kind, _, err := mime.ParseMediaType(given)
	return err == nil && kind == formType
}

func changes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}
