package broker

// Reason is why a login ends without an outcome. The list is closed: reasons
// are for people, errors are for operators.
type Reason string

// The reasons. Each has a row in the table below and texts
// "broker.reason.<reason>.title" and ".text" in every language.
const (
	Cancelled           Reason = "cancelled"            // the citizen went back
	LoginRequired       Reason = "login_required"       // no page allowed and no session fits
	InteractionRequired Reason = "interaction_required" // no page allowed and one is due
	OtherSubject        Reason = "other_subject"        // somebody else than the relying party expects
	LevelUnmet          Reason = "level_unmet"          // no method here reaches the level asked for
	RegistrationUnmet   Reason = "registration_unmet"   // registered less surely than the service demands
	NotRegistered       Reason = "not_registered"
	HasWithdrawn        Reason = "withdrawn"
	LostPhone           Reason = "phone_revoked"
	IsRevoked           Reason = "revoked"
	TooManyTries        Reason = "too_many_tries"
	MethodLocked        Reason = "method_locked"
	Expired             Reason = "expired"
	SessionGone         Reason = "session_gone"        // logged out while the login was on its way
	Unavailable         Reason = "unavailable"         // what the method needs does not answer
	CertificateRefused  Reason = "certificate_refused" // the citizen has none that logs anybody in here
	Disowned            Reason = "disowned"            // the citizen said that it is not their login
	Internal            Reason = "internal"
)

// Meaning is how a reason is said in each protocol.
type Meaning struct {
	OIDC string // error code of OAuth 2.0, OpenID Connect Core 3.1.2.6 or Core Unmet Authentication Requirements 1.0
	SAML string // second-level status code of SAML Core 3.2.2.2, without its URN prefix
	// Text is the sentence for the integrator, stable and in English.
	Text string
}

var meanings = map[Reason]Meaning{
	Cancelled:           {"access_denied", "AuthnFailed", "the citizen returned without logging in"},
	LoginRequired:       {"login_required", "NoPassive", "no session satisfies the request and no page may be shown"},
	InteractionRequired: {"interaction_required", "NoPassive", "the citizen has to be informed first and no page may be shown"},
	OtherSubject:        {"login_required", "AuthnFailed", "another citizen than the one expected logged in"},
	LevelUnmet:          {"unmet_authentication_requirements", "NoAuthnContext", "the citizen cannot reach the level asked for with the methods allowed"},
	RegistrationUnmet:   {"unmet_authentication_requirements", "NoAuthnContext", "the service demands a registration in person or by certificate"},
	NotRegistered:       {"access_denied", "AuthnFailed", "the citizen is not registered"},
	HasWithdrawn:        {"access_denied", "AuthnFailed", "the citizen withdrew from the register"},
	LostPhone:           {"access_denied", "AuthnFailed", "the citizen's phone now belongs to another citizen"},
	IsRevoked:           {"access_denied", "AuthnFailed", "the registration was revoked"},
	TooManyTries:        {"access_denied", "AuthnFailed", "too many wrong codes"},
	MethodLocked:        {"access_denied", "AuthnFailed", "the method is locked for this citizen for now"},
	Expired:             {"access_denied", "AuthnFailed", "the login took too long"},
	SessionGone:         {"access_denied", "AuthnFailed", "the citizen logged out before the login was finished"},
	Unavailable:         {"temporarily_unavailable", "AuthnFailed", "a system that the method needs does not answer"},
	CertificateRefused:  {"access_denied", "AuthnFailed", "the citizen's certificate cannot be used to log in"},
	Disowned:            {"access_denied", "AuthnFailed", "the citizen said on another device not to have asked for this login"},
	Internal:            {"server_error", "AuthnFailed", "internal error"},
}

// Meaning gives how the reason is said in each protocol. A reason outside the
// list is internal.
func (r Reason) Meaning() Meaning {
	if m, ok := meanings[r]; ok {
		return m
	}
	return meanings[Internal]
}

// Reasons lists every reason, for tables and tests.
func Reasons() []Reason {
	return []Reason{
		Cancelled, LoginRequired, InteractionRequired, OtherSubject, LevelUnmet, RegistrationUnmet,
		NotRegistered, HasWithdrawn, LostPhone, IsRevoked, TooManyTries, MethodLocked, Expired, SessionGone, Unavailable,
		CertificateRefused, Disowned, Internal,
	}
}
