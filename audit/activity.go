package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"clave/identity"
)

// Activity is a login as "My activity" shows it to its citizen.
type Activity struct {
	At           time.Time
	Place        Place // in the trail, to read on from
	RelyingParty string
	LoginFinished
	// Network is where the browser was, without the last part of its address: /24
	// of IPv4, /48 of IPv6. The zero value when it is unknown.
	Network netip.Prefix
	Browser Browser
}

// Diary finds the logins of a person.
type Diary interface {
	// FinishedLogins gives the rows of kind [KindLoginFinished] of a person before a
	// place, newest first, limit at most.
	FinishedLogins(ctx context.Context, person identity.PersonID, before Place, limit int) ([]Row, error)
}

// ReadActivity gives the logins of a person before a place, newest first, limit at
// most. A row that somebody changed is an error.
func ReadActivity(ctx context.Context, diary Diary, c Cipher, person identity.PersonID, before Place, limit int) ([]Activity, error) {
	rows, err := diary.FinishedLogins(ctx, person, before, limit)
	if err != nil {
		return nil, fmt.Errorf("reading the activity of person %s: %w", person, err)
	}
	found := make([]Activity, 0, len(rows))
	for _, r := range rows {
		a := Activity{At: r.At, Place: r.Place(), RelyingParty: r.RelyingParty}
		if err := json.Unmarshal([]byte(r.Data), &a.LoginFinished); err != nil {
			return nil, fmt.Errorf("reading audit event %s: %w", r.ID, err)
		}
		personal, err := r.Reveal(c)
		if err != nil {
			return nil, err
		}
		a.Network, a.Browser = networkOf(personal.Address), personal.Browser
		found = append(found, a)
	}
	return found, nil
}

// networkOf leaves out what tells one machine from its neighbours: a citizen is to
// recognise the place, and whoever looks over the shoulder nothing more.
func networkOf(a netip.Addr) netip.Prefix {
	if !a.IsValid() {
		return netip.Prefix{}
	}
	a, bits := a.Unmap().WithZone(""), 48
	if a.Is4() {
		bits = 24
	}
	return netip.PrefixFrom(a, bits).Masked()
}
