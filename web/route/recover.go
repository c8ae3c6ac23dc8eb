package route

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
)

// NewReference makes the short word that joins an error page to its log line:
// eight characters of 32, read out over the telephone without confusion.
func NewReference() string { return rand.Text()[:8] }

// begun remembers whether the answer has started, for the recovery below.
type begun struct {
	http.ResponseWriter
	yes bool
}

func (b *begun) WriteHeader(status int) {
	// 1xx answers are hints before the answer.
	b.yes = b.yes || status >= http.StatusOK
	b.ResponseWriter.WriteHeader(status)
}

func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// recovered turns a panic into one log line and an error page with the same
// reference. Values that are not runtime errors are logged by type only: they
// may hold personal data.
func recovered(log *slog.Logger, refuse func(http.ResponseWriter, *http.Request, int, string, string), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &begun{ResponseWriter: w}
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if value == http.ErrAbortHandler {
				panic(value)
			}
			what := fmt.Sprintf("%T", value)
			if err, ok := value.(runtime.Error); ok {
				what = err.Error()
			}
			reference := NewReference()
			log.ErrorContext(r.Context(), "handler panicked",
				"reference", reference, "method", r.Method, "panic", what, "stack", string(debug.Stack()))
			if answer.yes {
				// The client must not take half an answer for a whole one.
				panic(http.ErrAbortHandler)
			}
			refuse(w, r, http.StatusInternalServerError, keyInternal, reference)
		}()
		next.ServeHTTP(answer, r)
	})
}
