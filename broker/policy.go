package broker

import (
	"slices"

	"clave/broker/registry"
	"clave/identity"
)

// This file is the whole of what decides how sure we are. It is pure: values
// in, values out.
//
// Sources: Regulation (EU) 910/2014 article 8 and Implementing Regulation (EU)
// 2015/1502 for the levels; BOE-A-2015-14215 annex, sections 1 and 2, for the
// registration levels. That basic registration has the ceiling low, and that a
// certificate stands for a registration in person, is how Cl@ve is run today.

// Best is the highest level that the method can reach for who is registered as
// said. NoLevel means that the method does not work for them.
func Best(m identity.Method, r identity.Registration) identity.Level {
	switch m {
	case identity.PIN, identity.Movil, identity.Permanente:
		return ceiling(r)
	case identity.Certificate, identity.EIDAS:
		return identity.High
	}
	return identity.NoLevel
}

// ceiling bounds what a method that rests on the registration can reach.
func ceiling(r identity.Registration) identity.Level {
	switch r {
	case identity.NoRegistration:
		return identity.NoLevel
	case identity.Basic:
		return identity.Low
	case identity.Advanced:
		return identity.Substantial
	}
	return identity.NoLevel
}

// Reached is the level to report: what the method proved, never above what the
// method and the registration can reach.
func Reached(ev Evidence, r identity.Registration) identity.Level {
	return min(ev.Level, Best(ev.Method, r))
}

// Demand is what a login has to satisfy: the registered minimum and what the
// request adds.
type Demand struct {
	Level        identity.Level
	Registration identity.Registration
	Methods      []identity.Method // allowed and installed, in the chooser's order
	SSO          registry.SSO
}

// DemandOf joins the registration of the relying party with its request: the
// stricter of both counts.
func DemandOf(p *registry.RelyingParty, req Request, installed []identity.Method) Demand {
	d := Demand{
		Level:        max(p.MinimumLevel, req.Level, identity.Low),
		Registration: max(p.MinimumRegistration, req.Registration),
		SSO:          p.SSO,
	}
	for _, m := range installed {
		if slices.Contains(p.Methods, m) && (req.Methods == nil || slices.Contains(req.Methods, m)) {
			d.Methods = append(d.Methods, m)
		}
	}
	return d
}

// Offers are the methods that can satisfy the demand for a citizen who is
// registered as surely as can be.
func (d Demand) Offers() []identity.Method {
	var offers []identity.Method
	for _, m := range d.Methods {
		if Best(m, identity.Advanced) >= d.Level && (d.Registration == identity.NoRegistration || m != identity.EIDAS) {
			offers = append(offers, m)
		}
	}
	return offers
}

// Admits tells whether the person may log in with the method at all, and
// whether that can satisfy the demand: the empty reason, or why not. A provider
// asks it before the first secret is sent, the broker again when it finishes.
func (d Demand) Admits(m identity.Method, st Standing) Reason {
	switch st.State {
	case identity.Deceased, identity.Revoked:
		return IsRevoked
	case identity.Unregistered:
		if m.NeedsRegistration() {
			return NotRegistered
		}
	case identity.Withdrawn:
		if m.NeedsRegistration() {
			return HasWithdrawn
		}
	case identity.PhoneRevoked:
		if m.NeedsRegistration() {
			return LostPhone
		}
	case identity.Registered:
	default:
		return IsRevoked
	}
	if !slices.Contains(d.Methods, m) {
		return LevelUnmet
	}
	if !satisfies(m, st.Registration, d.Registration) {
		return RegistrationUnmet
	}
	if Best(m, st.Registration) < d.Level {
		return LevelUnmet
	}
	return ""
}

// satisfies tells whether method and registration meet a minimum registration
// level: a certificate meets any, eIDAS none.
func satisfies(m identity.Method, has, wanted identity.Registration) bool {
	switch m {
	case identity.Certificate:
		return true
	case identity.EIDAS:
		return wanted == identity.NoRegistration
	case identity.PIN, identity.Movil, identity.Permanente:
	}
	return has >= wanted
}

// Meets tells whether the evidence satisfies the demand for this person now:
// the empty reason, or why not.
func (d Demand) Meets(ev Evidence, st Standing) Reason {
	if why := d.Admits(ev.Method, st); why != "" {
		return why
	}
	if Reached(ev, st.Registration) < d.Level {
		return LevelUnmet
	}
	return ""
}
