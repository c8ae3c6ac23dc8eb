package route

import (
	"strings"

	"clave/identity"
)

// Access says who may call a route. The zero value is nobody: Mount refuses it.
type Access string

// The kinds of access that need no further word; see also Citizen, Fresh and Officer.
const (
	// Public is open to every browser.
	Public Access = "public"
	// Login is a step of an open login: the browser holds its sealed request.
	Login Access = "login"
	// Device is a device of a citizen that the app Cl@ve Móvil runs on, which has shown
	// its key.
	Device Access = "device"
	// RelyingParty is called by a relying party's server, which proves itself in
	// the protocol (client authentication, access token). Answers are not pages.
	RelyingParty Access = "relying_party"
	// Peer is reached from another site through the browser or by another server,
	// and is protected by a handle or a signature instead of the cross-origin
	// check: the authorize endpoint, SAML endpoints, return addresses.
	Peer Access = "peer"
	// Operator is for the installation's own staff and machines: health, metrics,
	// administration.
	Operator Access = "operator"
	// Sandbox exists in the sandbox only: Mount refuses it anywhere else.
	Sandbox Access = "sandbox"
)

const (
	citizenPrefix = "citizen:"
	freshPrefix   = "fresh:"
	officerPrefix = "officer:"
)

// Citizen is a person with a session of at least the given level.
func Citizen(level identity.Level) Access { return citizenPrefix + Access(level.String()) }

// Fresh is a citizen who logged in just now: by the method, where one is given, and
// by any that reaches the level otherwise.
func Fresh(level identity.Level, method identity.Method) Access {
	return freshPrefix + Access(level.String()+":"+string(method))
}

// Officer is a member of staff, signed in at the console, whose role has the right
// to the act.
func Officer[Act ~string](act Act) Access { return officerPrefix + Access(act) }

// Proof is what a citizen must have proven. The zero value is nobody's.
type Proof struct {
	Level identity.Level
	// Fresh: it must have been proven just now.
	Fresh bool
	// Method by which; empty for any.
	Method identity.Method
}

// Proof is what a Citizen or Fresh route demands; false for any other access.
func (a Access) Proof() (Proof, bool) {
	word, found := strings.CutPrefix(string(a), citizenPrefix)
	method, fresh := "", false
	if !found {
		if word, fresh = strings.CutPrefix(string(a), freshPrefix); !fresh {
			return Proof{}, false
		}
		word, method, _ = strings.Cut(word, ":")
	}
	level, err := identity.ParseLevel(word)
	p := Proof{Level: level, Fresh: fresh, Method: identity.Method(method)}
	return p, err == nil && level != identity.NoLevel
}

// Act is what an Officer route is for; false for any other access.
func (a Access) Act() (string, bool) {
	act, found := strings.CutPrefix(string(a), officerPrefix)
	return act, found && act != ""
}

// browserOnly tells whether a change may come from our own pages only.
// RelyingParty calls carry no ambient credentials; Peer posts come from other
// sites by design.
func (a Access) browserOnly() bool { return a != RelyingParty && a != Peer }

// pages tells whether refusals are shown to a person.
func (a Access) pages() bool { return a != RelyingParty && a != Operator }
