package clave

import (
	"net/http"

	"clave/internal/inbound"
)

// mistake is why a request gets a page instead of an answer to the service. It is the
// stable code that integrators look up.
type mistake string

// The mistakes.
const (
	mistakeUnreadable mistake = "unreadable_request"
	mistakeKind       mistake = "wrong_message"
	mistakeNoProvider mistake = "missing_provider_name"
	mistakeUnknown    mistake = "unknown_provider_name"
	mistakeUnusable   mistake = "unusable_registration"
	mistakeUnsigned   mistake = "unsigned_request"
	mistakeSignature  mistake = "wrong_signature"
	mistakeACS        mistake = "unregistered_acs"
	mistakeLogout     mistake = "unregistered_logout"
	mistakeReplayed   mistake = "used_request"
	mistakeResumed    mistake = "used_handle"
)

// text is the sentence for the integrator: why, and what to do.
func (m mistake) text() string {
	switch m {
	case mistakeUnreadable:
		return "The form cannot be read: it has to have one SAMLRequest or one logoutRequest, in base64 of strict XML, at most one RelayState of up to 2048 bytes, and no parameters in the address."
	case mistakeKind:
		return "The message is not what its field says: SAMLRequest takes an AuthnRequest, logoutRequest a LogoutRequest."
	case mistakeNoProvider:
		return "The message does not say who sends it: ProviderName of an AuthnRequest or NameID of a LogoutRequest is missing. Send the registered provider name."
	case mistakeUnknown:
		return "The provider name is not registered here. Compare it with the registration (case does not matter), and check that the service speaks to the right environment."
	case mistakeUnusable:
		return "The service is registered, but its certificates cannot be used. Tell the operator."
	case mistakeUnsigned:
		return "The message is not signed. Sign it, inside the message, with the key of a registered certificate."
	case mistakeSignature:
		return "The signature does not hold: it is of a key whose certificate is not registered (KeyInfo in the message is not looked at), of an algorithm that is not taken (SHA-1), or not over the message as it came."
	case mistakeACS:
		return "AssertionConsumerServiceURL is missing or none of the registered addresses. It is compared letter by letter, and answers go by HTTP-POST alone."
	case mistakeLogout:
		return "Issuer of the LogoutRequest, which is where the answer goes, is none of the registered addresses for logouts. It is compared letter by letter."
	case mistakeReplayed:
		return "A message with this ID was taken already. Each login and each logout needs a new message with a new ID."
	case mistakeResumed:
		return "The handle of a message was used already or is older than 5 minutes. Start again at the service."
	}
	return ""
}

// showMistake answers with a page that leads nowhere.
func (f *Front) showMistake(w http.ResponseWriter, r *http.Request, m mistake) {
	f.mistakes.Show(w, r, inbound.Mistake{Code: string(m), Text: m.text(), Again: m == mistakeReplayed || m == mistakeResumed})
}
