package passkey

import (
	"encoding/base64"
	"encoding/json"
	"time"
)

// User is whom a passkey is made for, as the authenticator keeps it and shows it to
// who unlocks it.
type User struct {
	// ID is the user handle, 64 bytes at most: not personal.
	// Source: W3C Web Authentication Level 3, section 14.6.1.
	ID []byte
	// Name tells passkeys of one site apart.
	Name string
}

// Answers are waited for that long by the browser. Source: the same, section 15.1,
// recommends five minutes.
const patience = 5 * time.Minute

// The algorithms of passkeys that we take, the best first. RS256 is what older
// computers with Windows have.
// Source: IANA COSE Algorithms; W3C Web Authentication Level 3, section 5.4, which
// recommends these three.
const (
	es256 = -7
	eddsa = -8
	rs256 = -257
)

const publicKey = "public-key"

type parameter struct {
	Type string `json:"type"`
	Alg  int64  `json:"alg"`
}

func algorithms() []parameter {
	return []parameter{{publicKey, es256}, {publicKey, eddsa}, {publicKey, rs256}}
}

type entity struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName,omitempty"`
}

type descriptor struct {
	Type       string   `json:"type"`
	ID         string   `json:"id"`
	Transports []string `json:"transports,omitempty"`
}

type selection struct {
	ResidentKey        string `json:"residentKey"`
	RequireResidentKey bool   `json:"requireResidentKey"`
	UserVerification   string `json:"userVerification"`
}

// creation is PublicKeyCredentialCreationOptionsJSON.
// Source: W3C Web Authentication Level 3, section 5.1.9.
type creation struct {
	RP                     entity       `json:"rp"`
	User                   entity       `json:"user"`
	Challenge              string       `json:"challenge"`
	PubKeyCredParams       []parameter  `json:"pubKeyCredParams"`
	Timeout                int64        `json:"timeout"`
	ExcludeCredentials     []descriptor `json:"excludeCredentials"`
	AuthenticatorSelection selection    `json:"authenticatorSelection"`
	Hints                  []string     `json:"hints"`
	Attestation            string       `json:"attestation"`
}

// CreationOptions are what a browser is asked to make a passkey with, for
// PublicKeyCredential.parseCreationOptionsFromJSON. None is made on an authenticator
// that has one of exclude.
func (rp *RP) CreationOptions(challenge []byte, u User, exclude []Credential) json.RawMessage {
	user := entity{ID: encode(u.ID), Name: u.Name, DisplayName: u.Name}
	return raw(creation{
		RP: entity{ID: rp.id, Name: "Cl@ve"}, User: user, Challenge: encode(challenge), PubKeyCredParams: algorithms(),
		Timeout: patience.Milliseconds(), ExcludeCredentials: descriptors(exclude),
		AuthenticatorSelection: selection{ResidentKey: "required", RequireResidentKey: true, UserVerification: "required"},
		Hints:                  []string{"client-device"}, Attestation: "none",
	})
}

// request is PublicKeyCredentialRequestOptionsJSON.
type request struct {
	Challenge        string       `json:"challenge"`
	Timeout          int64        `json:"timeout"`
	RPID             string       `json:"rpId"`
	AllowCredentials []descriptor `json:"allowCredentials"`
	UserVerification string       `json:"userVerification"`
	Hints            []string     `json:"hints"`
}

// RequestOptions are what a browser is asked to sign with one of allow, for
// PublicKeyCredential.parseRequestOptionsFromJSON; without any, with one that the
// citizen chooses.
func (rp *RP) RequestOptions(challenge []byte, allow []Credential) json.RawMessage {
	hints := []string{"client-device"}
	if len(allow) == 0 {
		hints = append(hints, "hybrid") // the phone may be at hand, and the browser elsewhere
	}
	return raw(request{
		Challenge: encode(challenge), Timeout: patience.Milliseconds(), RPID: rp.id,
		AllowCredentials: descriptors(allow), UserVerification: "required", Hints: hints,
	})
}

func descriptors(credentials []Credential) []descriptor {
	all := make([]descriptor, len(credentials))
	for i, c := range credentials {
		all[i] = descriptor{Type: publicKey, ID: encode(c.ID), Transports: c.Transports}
	}
	return all
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// raw never fails: what it is given are strings and numbers.
func raw(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("passkey: " + err.Error()) // a mistake of ours
	}
	return text
}
