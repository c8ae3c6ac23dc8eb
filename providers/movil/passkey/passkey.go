package passkey

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Credential is a passkey as we know it.
// Source: W3C Web Authentication Level 3, section 4, "credential record".
type Credential struct {
	ID        []byte `json:"id"`
	PublicKey []byte `json:"public_key"` // COSE_Key
	// User is the user handle that it was made for.
	User      []byte `json:"user"`
	AAGUID    []byte `json:"aaguid"`
	SignCount uint32 `json:"sign_count"`
	// BackupEligible: it may be copied to other devices. BackedUp: it was.
	BackupEligible bool     `json:"backup_eligible"`
	BackedUp       bool     `json:"backed_up"`
	Transports     []string `json:"transports,omitempty"`
}

// Errors of answers. They hold nothing of the answer.
var (
	// ErrAnswer says that an answer proves nothing: it cannot be read, or is not to
	// this challenge, from this origin, by this passkey.
	ErrAnswer = errors.New("the answer proves nothing")
	// ErrCounter says that the passkey's counter did not grow, so that there may be a
	// copy of an authenticator that makes none.
	// Source: W3C Web Authentication Level 3, section 6.1.1.
	ErrCounter = errors.New("the passkey's counter did not grow")
	// ErrEligibility says that a passkey which could not be copied now can, or the
	// other way round: it is not the same one.
	// Source: the same, section 7.2, step 19.
	ErrEligibility = errors.New("the passkey's eligibility for backup changed")
)

// RP is us, as browsers and authenticators know us.
type RP struct {
	id, origin string
}

// New returns the relying party of an issuer such as https://clave.example: its host
// is the RP id, and it is the one origin. A passkey stays with the host: an
// installation that takes another loses all.
func New(issuer string) (*RP, error) {
	u, err := url.Parse(issuer)
	if err != nil || u.Scheme == "" || u.Hostname() == "" {
		return nil, fmt.Errorf("reading the issuer %q for passkeys: it is no address", issuer)
	}
	host := strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port) // browsers leave it out
	}
	return &RP{id: strings.ToLower(u.Hostname()), origin: u.Scheme + "://" + host}, nil
}

// ID is the RP id.
func (rp *RP) ID() string { return rp.id }

// Origin is where answers have to come from.
func (rp *RP) Origin() string { return rp.origin }
