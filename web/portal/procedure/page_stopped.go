package procedure

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"clave/census/registration"
	"clave/identity"
	"clave/web/page"
)

// stoppedPage tells why nothing goes on for now, until when, and what can be done
// meanwhile.
type stoppedPage struct {
	page.WayBack
	place
	Cause registration.Cause
	Until time.Time // zero when no time is known
	Back  string    // the page to go on from
	Again bool      // beginning again is the way on
}

// standingPage tells whoever has the right pair why no letter is for them.
type standingPage struct {
	page.WayBack
	State identity.State
}

// stop shows why a step leads no further.
func (f *flow) stop(w http.ResponseWriter, r *http.Request, denied *registration.Denied, here string) {
	if denied.Cause == registration.NotEligible {
		f.show(w, r, http.StatusForbidden, f.standing, here, standingPage{page.WayBackOf(r), denied.State})
		return
	}
	data := stoppedPage{WayBack: page.WayBackOf(r), place: f.place(), Cause: denied.Cause, Until: denied.Until}
	status := http.StatusTooManyRequests
	switch denied.Cause {
	case registration.NoBudget:
		status = http.StatusServiceUnavailable
		denied.Until = f.Now().Add(time.Minute)
		data.Back = here
	case registration.NoAddress:
		status = http.StatusConflict
		data.Back = f.path + "/choice"
	case registration.LetterTooSoon, registration.LettersSpent:
		data.Back = f.path + "/choice"
	case registration.PhoneFull:
		data.Back = f.path + "/contact"
	case registration.TooSoon, registration.WrongCode, registration.CodeExpired:
		data.Back = here
	case registration.OldInvitation, registration.WrongInvitation:
		status = http.StatusConflict
		data.Back = f.path + "/code"
	case registration.NoSendsLeft, registration.TriesSpent:
		data.Again = true
	case registration.PairLocked, registration.InvitationLocked, registration.DocumentFull:
	case registration.Unchanged:
		status = http.StatusConflict
		data.Back = f.path + "/contact"
	case registration.PhoneMoved, registration.NotKnown, registration.NotEnough, registration.AdvancedAlready, registration.OwnRecord:
		status = http.StatusConflict
		data.Again = denied.Cause == registration.PhoneMoved
	case registration.WrongPair, registration.NotEligible:
	}
	if !denied.Until.IsZero() {
		seconds := math.Ceil(denied.Until.Sub(f.Now()).Seconds())
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(seconds))))
	}
	f.show(w, r, status, f.stopped, here, data)
}
