package audit

// The kinds of logins with Cl@ve Móvil.
const (
	KindRequestSent     Kind = "movil_request_sent"
	KindDigitsWrong     Kind = "movil_digits_wrong"
	KindRequestDecided  Kind = "movil_request_decided"
	KindRequestsAllowed Kind = "movil_requests_allowed"
	KindProofWrong      Kind = "movil_proof_wrong"
)

// RequestSent: a browser sent a request to the devices of who named document and
// datum.
type RequestSent struct {
	Devices int `json:"devices"`
}

// DigitsWrong: a citizen typed other digits than the browser shows.
type DigitsWrong struct {
	Wrong int `json:"wrong"` // how many for this request, this one included
}

// RequestDecided: a device decided about a request.
type RequestDecided struct {
	Decision string `json:"decision"` // approved, rejected or disowned
	Way      string `json:"way"`      // qr or document
}

// RequestsAllowed: a citizen lets requests by document reach them again.
type RequestsAllowed struct{}

// ProofWrong: the keys of a device signed something else, or were not what they were.
type ProofWrong struct {
	// Why is passkey, device_key, counter (there may be a copy of the passkey) or
	// eligibility.
	Why string `json:"why"`
}

// Kind implements Data.
func (RequestSent) Kind() Kind { return KindRequestSent }

// Kind implements Data.
func (DigitsWrong) Kind() Kind { return KindDigitsWrong }

// Kind implements Data.
func (RequestDecided) Kind() Kind { return KindRequestDecided }

// Kind implements Data.
func (RequestsAllowed) Kind() Kind { return KindRequestsAllowed }

// Kind implements Data.
func (ProofWrong) Kind() Kind { return KindProofWrong }
