package desk

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"clave/census/desk"
	"clave/census/registration"
	"clave/identity"
	"clave/web/console"
)

// stoppedPage says why nothing goes on.
type stoppedPage struct {
	console.Head
	Cause string // of the texts desk.stopped.<cause>
	Until time.Time
	Back  string
	State identity.State // of a registration that does not allow it
}

func (p *Pages) showStopped(w http.ResponseWriter, r *http.Request, status int, data stoppedPage) {
	p.show(w, r, status, p.stopped, func(h console.Head) any { data.Head = h; return data })
}

// stop shows why a step leads no further.
func (p *Pages) stop(w http.ResponseWriter, r *http.Request, c desk.Case, denied *registration.Denied, here string) {
	data := stoppedPage{Cause: string(denied.Cause), Until: denied.Until, Back: here, State: denied.State}
	status := http.StatusConflict
	switch denied.Cause {
	case registration.TooSoon, registration.PhoneFull, registration.DocumentFull, registration.NoSendsLeft, registration.TriesSpent:
		status = http.StatusTooManyRequests
	case registration.NoBudget:
		status, data.Until = http.StatusServiceUnavailable, p.Now().Add(time.Minute)
	case registration.OwnRecord:
		status = http.StatusForbidden
	case registration.NotEligible, registration.NotKnown, registration.NotEnough, registration.AdvancedAlready, registration.Unchanged:
	default: // what only citizens online can meet
		p.fail(w, r, denied)
		return
	}
	if here != casePath+c.ID && (denied.Cause == registration.NoSendsLeft || denied.Cause == registration.TriesSpent) {
		data.Back = casePath + c.ID
	}
	if !data.Until.IsZero() {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(data.Until.Sub(p.Now()).Seconds())))))
	}
	p.showStopped(w, r, status, data)
}
