package throttle

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

const (
	// patience is how long a request is held back rather than refused. Our
	// choice: a person hardly notices, a program gets slower.
	patience = time.Second
	// mostHeld bounds the requests that are held back at once.
	mostHeld = 1000
)

// busyText is the key of the page: .title and .text.
const busyText = "throttle.busy"

// Fail shows a refusal to a person: key names the text; reference is empty
// here. (page.Engine).ErrorPage fits.
type Fail func(w http.ResponseWriter, r *http.Request, status int, key, reference string)

// Middleware lets each client network go on at the limiter's rate: a request
// that comes a little early waits, one that comes much too early gets 429 with
// Retry-After and the page that fail shows.
//
// Source of the answer: RFC 6585, section 4.
func Middleware(clients Clients, limiter *Limiter[netip.Prefix], fail Fail) func(http.Handler) http.Handler {
	held := make(chan struct{}, mostHeld)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ok, wait := limiter.TakeWithin(Network(clients.Address(r)), patience)
			if ok && wait > 0 {
				ok = hold(r, held, wait)
			}
			if !ok {
				w.Header().Set("Retry-After", strconv.Itoa(int((max(wait, time.Second)+time.Second-1)/time.Second)))
				fail(w, r, http.StatusTooManyRequests, busyText, "")
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// hold waits, unless too many requests wait already or the client went away.
func hold(r *http.Request, held chan struct{}, wait time.Duration) bool {
	select {
	case held <- struct{}{}:
		defer func() { <-held }()
	default:
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
