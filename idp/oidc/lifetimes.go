package oidc

import (
	"time"

	"clave/broker"
)

// Lifetimes are how long what relying parties receive is good for.
type Lifetimes struct {
	Code        time.Duration // an authorization code
	AccessToken time.Duration
	IDToken     time.Duration
	Offline     time.Duration // a refresh token that outlives the session (offline_access)
}

// DefaultLifetimes are those of who sets nothing. Sources: RFC 6749, section
// 4.1.2, allows codes 10 minutes at most; the others are our choice, between those
// of FranceConnect+ (code 30 s) and GOV.UK One Login (code 300 s, access token
// 180 s).
func DefaultLifetimes() Lifetimes {
	return Lifetimes{
		Code: 60 * time.Second, AccessToken: 5 * time.Minute, IDToken: 5 * time.Minute, Offline: 30 * 24 * time.Hour,
	}
}

// withoutRefresh is how long a grant without refresh tokens lasts: a code that was
// made anew at the end of the broker's window, and its access token.
func (l Lifetimes) withoutRefresh() time.Duration {
	return l.Code + broker.RepeatWindow + l.Code + l.AccessToken
}
