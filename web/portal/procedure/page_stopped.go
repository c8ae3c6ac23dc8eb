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
	First string    // where that is
	// Certificate is where a new activation code is had with one, by who logged in by PIN
	// and is registered too low for that; empty where it is no way on.
	Certificate string
}

// Title and Text are the keys of what the page says.
func (s stoppedPage) Title() string { return s.key() + ".title" }

// Text says what can be done.
func (s stoppedPage) Text() string { return s.key() + ".text" }

func (s stoppedPage) key() string {
	switch {
	case s.Name == registration.LeaveByLetter && s.Cause == registration.NotEnough:
		return "procedure.my.leave_letter.advanced"
	case s.Name != registration.ConfirmEmail:
		return "procedure.stopped." + string(s.Cause)
	}
	switch s.Cause {
	case registration.PhoneFull, registration.DocumentFull:
		return "procedure.mail.full"
	case registration.NoBudget, registration.TriesSpent, registration.NoSendsLeft:
		return "procedure.mail." + string(s.Cause)
	}
	return "procedure.stopped." + string(s.Cause)
}

// Kept tells whether to say that the letter is still good.
func (s stoppedPage) Kept() bool {
	switch s.Cause {
	case registration.NoSendsLeft, registration.TriesSpent, registration.DocumentFull:
		return s.Letter()
	}
	return false
}

// standingPage tells who is known why this is not for them.
type standingPage struct {
	page.WayBack
	place
	State identity.State
}

// Title and Text are the keys of what the page says.
func (s standingPage) Title() string { return s.key("title") }

// Text says what to do.
func (s standingPage) Text() string { return s.key("text") }

func (s standingPage) key(what string) string {
	known := s.State == identity.Revoked || s.State == identity.Deceased
	switch {
	case s.Letter(), known:
		return "procedure.standing." + string(s.State) + "." + what
	case s.Typed():
		return "procedure.my.leave_letter.standing." + string(s.State) + "." + what
	}
	return "procedure.standing.mine." + string(s.State) + "." + what
}

// stop shows why a step leads no further.
func (f *flow) stop(w http.ResponseWriter, r *http.Request, denied *registration.Denied, here string) {
	if denied.Cause == registration.NotEligible {
		f.show(w, r, http.StatusForbidden, f.standing, here, standingPage{page.WayBackOf(r), f.place(), denied.State})
		return
	}
	data := stoppedPage{WayBack: page.WayBackOf(r), place: f.place(), First: f.first, Cause: denied.Cause, Until: denied.Until}
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
		if f.name != registration.ConfirmEmail {
			data.Back = f.path + "/contact"
		}
	case registration.TooSoon, registration.WrongCode, registration.CodeExpired:
		data.Back = here
	case registration.OldInvitation, registration.WrongInvitation:
		status = http.StatusConflict
		data.Back = f.path + "/code"
	case registration.NoSendsLeft, registration.TriesSpent:
		data.Again = true
	case registration.PairLocked, registration.InvitationLocked, registration.DocumentFull:
	case registration.PhoneMoved, registration.NotKnown, registration.NotEnough, registration.AdvancedAlready, registration.OwnRecord, registration.Unchanged,
		registration.EmailMoved, registration.ConfirmedAlready:
		status = http.StatusConflict
		data.Again = denied.Cause == registration.PhoneMoved
		if f.Offered.Certificates && f.name == registration.Regenerate && denied.Cause == registration.NotEnough {
			data.Certificate = activationByCertificate
		}
	case registration.WrongPair, registration.NotEligible:
	}
	if !denied.Until.IsZero() {
		seconds := math.Ceil(denied.Until.Sub(f.Now()).Seconds())
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(seconds))))
	}
	f.show(w, r, status, f.stopped, here, data)
}
