package broker

import "time"

// Lifetimes are how long logins and sessions last. A deadline is frozen when a
// login is opened and when a session begins or is used, so that a change of the
// settings cuts nobody off in the middle.
type Lifetimes struct {
	// Login is how long a login may take, and how much time "more time" gives.
	Login time.Duration
	// SessionIdle is how long a session lasts without being used.
	SessionIdle time.Duration
	// Session is how long a session lasts in all.
	Session time.Duration
}

// DefaultLifetimes are those of who sets nothing. Source: our choice; for logins
// login.gov and FranceConnect+ are within a factor of three, and login.gov ends a
// session after 15 minutes idle and 12 hours in all.
func DefaultLifetimes() Lifetimes {
	return Lifetimes{Login: 30 * time.Minute, SessionIdle: 60 * time.Minute, Session: 12 * time.Hour}
}

// LongestLogin is how long a login may take with all the time that its citizen
// may ask for, whatever the settings. Our choice.
const LongestLogin = 4 * time.Hour
