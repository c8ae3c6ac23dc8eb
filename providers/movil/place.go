package movil

import (
	"context"
	"net/netip"

	"clave/audit"
	"clave/internal/throttle"
)

// Place is what a request tells of who sent it. It is what browsers and networks say of
// themselves: a hint for the citizen, who decides, and no proof.
type Place struct {
	// Address is the client's.
	Address netip.Addr `json:"address"`
	// Browser is the words that people know it by, such as "Firefox, Windows", or empty.
	Browser audit.Browser `json:"browser,omitempty"`
}

// PlaceOf is where the request in ctx comes from.
func PlaceOf(ctx context.Context) Place {
	from := audit.RequesterFrom(ctx)
	return Place{Address: from.Address, Browser: audit.BrowserOf(from.Agent)}
}

// near tells whether two clients are in one network: one IPv4 address, behind which
// homes and offices put all their devices, or one IPv6 /64.
func (p Place) near(q Place) bool {
	return p.Address.IsValid() && q.Address.IsValid() && throttle.Network(p.Address) == throttle.Network(q.Address)
}
