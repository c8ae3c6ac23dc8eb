package conf

import "time"

// Lifetimes are how long things last. What begins takes them along: a change
// holds for what begins after the restart. All nodes should have the same.
type Lifetimes struct {
	// Login is how long a citizen may take to log in, whole minutes from 10m, which
	// a PIN lives, to 2h. Before it ends the page warns and gives as much time
	// again, up to 4h in all. Too short, and who has to find the phone starts over.
	Login time.Duration `yaml:"login"`

	// SessionIdle is how long a citizen who logged in can go on to other services
	// without proving it again, since the last use: 5m to 12h and not above
	// session. On a shared computer the next person has that time too.
	SessionIdle time.Duration `yaml:"session_idle"`

	// Session is how long that lasts in all, however much it is used: 15m to 24h.
	Session time.Duration `yaml:"session"`

	// Code is how long a relying party may take to redeem an authorization code:
	// 10s to 10m, as RFC 6749 says. Too short, and slow services fail; longer only
	// helps who steals one.
	Code time.Duration `yaml:"code"`

	// AccessToken is how long a relying party may ask for the citizen's data with
	// it: 1m to 1h. A token that has leaked works that long.
	AccessToken time.Duration `yaml:"access_token"`

	// IDToken is how long the statement who logged in may be accepted by the
	// service that it is for: 1m to 1h. It does not say how long the service's own
	// session lasts.
	IDToken time.Duration `yaml:"id_token"`

	// Offline is how long a refresh token works that outlives the session
	// (offline_access), in hours: 1h to 8760h, a year.
	Offline time.Duration `yaml:"offline"`
}

func defaultLifetimes() Lifetimes {
	return Lifetimes{
		Login: 30 * time.Minute, SessionIdle: time.Hour, Session: 12 * time.Hour,
		Code: time.Minute, AccessToken: 5 * time.Minute, IDToken: 5 * time.Minute, Offline: 30 * 24 * time.Hour,
	}
}

func (c checker) lifetimes(l Lifetimes) {
	at := "lifetimes."
	c.between(at+"login", l.Login, 10*time.Minute, 2*time.Hour)
	if l.Login%time.Minute != 0 {
		c.problem(at+"login", "wants whole minutes, because pages say them")
	}
	c.between(at+"session_idle", l.SessionIdle, 5*time.Minute, 12*time.Hour)
	c.between(at+"session", l.Session, 15*time.Minute, 24*time.Hour)
	if l.SessionIdle > l.Session {
		c.problem(at+"session_idle", "is more than session (%s), so that it would never count; make it less", plain(l.Session))
	}
	c.between(at+"code", l.Code, 10*time.Second, 10*time.Minute)
	c.between(at+"access_token", l.AccessToken, time.Minute, time.Hour)
	c.between(at+"id_token", l.IDToken, time.Minute, time.Hour)
	c.between(at+"offline", l.Offline, time.Hour, 365*24*time.Hour)
}
