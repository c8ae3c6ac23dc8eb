package saml

import (
	"net/http"

	"clave/internal/inbound"
)

// mistake is why a request gets a page instead of an answer to the service: nothing
// proves where an answer would have to go, or that the service asked. It is the stable
// code that integrators look up.
type mistake string

// The mistakes.
const (
	mistakeUnreadable mistake = "unreadable_request"
	mistakeKind       mistake = "no_authn_request"
	mistakeNoIssuer   mistake = "missing_issuer"
	mistakeUnknown    mistake = "unknown_issuer"
	mistakeUnusable   mistake = "unusable_metadata"
	mistakeUnsigned   mistake = "unsigned_request"
	mistakeSignature  mistake = "wrong_signature"
	mistakeACS        mistake = "unregistered_acs"
	mistakeReplayed   mistake = "used_request"
	mistakeResumed    mistake = "used_handle"
	mistakeLogoutKind mistake = "no_logout_message"
	mistakeNoLogout   mistake = "no_logout_service"
	mistakeAnswer     mistake = "unexpected_answer"
	mistakeStart      mistake = "no_start_here"
)

// text is the sentence for the integrator: why, and what to do.
func (m mistake) text() string {
	switch m {
	case mistakeUnreadable:
		return "The request cannot be read: it is not one SAMLRequest (or SAMLResponse, at the address for logouts) in a query (deflated) or a form (not deflated), has parameters twice or in both places, is not strict XML, is too large, or has a RelayState of more than 2048 bytes."
	case mistakeKind:
		return "The message is not an AuthnRequest, which is all that is taken at this address."
	case mistakeNoIssuer:
		return "The request has no Issuer, or one that is not text alone. Send the entityID of the registered metadata."
	case mistakeUnknown:
		return "The Issuer is not registered here. Compare it letter by letter with the entityID of the registered metadata, and check that the service speaks to the right environment."
	case mistakeUnusable:
		return "The service is registered, but its metadata cannot be used now: they were not fetched yet, or are past their validUntil. Publish fresh ones and tell the operator."
	case mistakeUnsigned:
		return "The request is not signed. Sign it with a key of the registered metadata: inside the message on HTTP-POST, over the query on HTTP-Redirect."
	case mistakeSignature:
		return "The signature does not hold: it is of a key that is not in the registered metadata, of an algorithm that is not taken (SHA-1), not over the message as it came, or not the message's own."
	case mistakeACS:
		return "AssertionConsumerServiceURL, its index or ProtocolBinding is none of the registered metadata. The address is compared letter by letter, and answers go by HTTP-POST alone."
	case mistakeReplayed:
		return "A request with this ID was taken already. Each login and each logout needs a new request with a new ID."
	case mistakeResumed:
		return "The handle of a request that came by POST was used already or is older than 5 minutes. Start the login again."
	case mistakeLogoutKind:
		return "The message is neither a LogoutRequest nor a LogoutResponse, which are all that is taken at this address."
	case mistakeNoLogout:
		return "The registered metadata have no SingleLogoutService with binding HTTP-Redirect or HTTP-POST, by which the answer would be sent. Nothing was ended. Publish one and tell the operator."
	case mistakeStart:
		return "Logins to this service cannot begin here. The address wants its entityID once, as the parameter service, and a registration with idp_initiated: true; otherwise let the service ask."
	case mistakeAnswer:
		return "The LogoutResponse answers no LogoutRequest that this service was sent. InResponseTo has to be the ID of the LogoutRequest as it was, and Issuer the service to which it went."
	}
	return ""
}

// showMistake answers with a page that leads nowhere.
func (f *Front) showMistake(w http.ResponseWriter, r *http.Request, m mistake) {
	f.mistakes.Show(w, r, inbound.Mistake{Code: string(m), Text: m.text(), Again: m == mistakeReplayed || m == mistakeResumed})
}
