package movil

import (
	"time"

	"clave/audit"
)

// Shown is what the app tells of a request before the citizen decides.
type Shown struct {
	ID RequestID
	// Service is the relying party's name, in the language asked for.
	Service string
	// Digits are to be compared with those in the browser. They are empty where they
	// have to be typed: who sees them typed nothing.
	Digits string
	// Type: the digits have to be typed first. Ready: this device may approve.
	Type, Ready bool
	// Browser is the one that asks, such as "Firefox, Windows", and Address where it is.
	Browser audit.Browser
	Address string
	// Elsewhere: the browser is in another network than this device, as it is when the
	// phone uses its own data, or when somebody far away shows the citizen their QR.
	Elsewhere bool
	ExpiresAt time.Time
}

// Shown tells of a request to a device that is at a place.
func (p *Provider) Shown(r Request, d Device, at Place, language string) Shown {
	s := Shown{
		ID: r.ID, Type: r.Way == ByDocument && r.State == Open, Ready: r.approvable(d, p.clock()),
		Browser: r.Asked.From.Browser, Elsewhere: !r.Asked.From.near(at), ExpiresAt: r.ExpiresAt,
	}
	if party, ok := p.Parties.Snapshot().Party(r.Asked.Party); ok {
		s.Service = party.Name.In(language)
	}
	if r.Way == ByQR {
		s.Digits = r.Asked.Digits
	}
	if r.Asked.From.Address.IsValid() {
		s.Address = r.Asked.From.Address.String()
	}
	return s
}
