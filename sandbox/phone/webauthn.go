package phone

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// Errors of what a phone is asked.
var (
	// ErrExcluded: it holds a passkey that the site has already.
	ErrExcluded = errors.New("the phone has a passkey of this site")
	// ErrNotAllowed: none of its passkeys is asked for.
	ErrNotAllowed = errors.New("the phone has none of these passkeys")
)

type named struct {
	ID string `json:"id"`
}

// Create answers what navigator.credentials.create was given, in the JSON of WebAuthn
// both ways.
func (p *Phone) Create(options json.RawMessage) (json.RawMessage, error) {
	var asked struct {
		RP                 named   `json:"rp"`
		User               named   `json:"user"`
		Challenge          string  `json:"challenge"`
		ExcludeCredentials []named `json:"excludeCredentials"`
	}
	if err := json.Unmarshal(options, &asked); err != nil {
		return nil, fmt.Errorf("reading what to make: %w", err)
	}
	user, err := base64.RawURLEncoding.DecodeString(asked.User.ID)
	if err != nil {
		return nil, fmt.Errorf("reading what to make: %w", err)
	}
	if p.among(asked.ExcludeCredentials) {
		return nil, ErrExcluded
	}
	p.User = user
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": p.made(asked.RP.ID)})
	if err != nil {
		return nil, fmt.Errorf("writing a passkey: %w", err)
	}
	return p.answer(map[string]any{
		"clientDataJSON": encode(p.clientData("webauthn.create", asked.Challenge)), "attestationObject": encode(object),
		"transports": []string{"internal", "hybrid"},
	})
}

// Get answers what navigator.credentials.get was given, likewise.
func (p *Phone) Get(options json.RawMessage) (json.RawMessage, error) {
	var asked struct {
		RPID             string  `json:"rpId"`
		Challenge        string  `json:"challenge"`
		AllowCredentials []named `json:"allowCredentials"`
	}
	if err := json.Unmarshal(options, &asked); err != nil {
		return nil, fmt.Errorf("reading what to sign: %w", err)
	}
	if len(asked.AllowCredentials) > 0 && !p.among(asked.AllowCredentials) {
		return nil, ErrNotAllowed
	}
	data, client := p.data(asked.RPID, 0), p.clientData("webauthn.get", asked.Challenge)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, p.passkey, digest[:])
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return p.answer(map[string]any{
		"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature), "userHandle": encode(p.User),
	})
}

// Name is the passkey's ID as addresses and JSON have it.
func (p *Phone) Name() string { return encode(p.ID) }

func (p *Phone) among(all []named) bool {
	for _, n := range all {
		if n.ID == p.Name() {
			return true
		}
	}
	return false
}

func (p *Phone) answer(response map[string]any) (json.RawMessage, error) {
	return json.Marshal(map[string]any{
		"id": p.Name(), "rawId": p.Name(), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{}, "response": response,
	})
}

func (p *Phone) clientData(ceremony, challenge string) []byte {
	text, err := json.Marshal(map[string]any{"type": ceremony, "challenge": challenge, "origin": p.Origin, "crossOrigin": false})
	if err != nil {
		panic("phone: " + err.Error()) // words can be written
	}
	return text
}

// The flags of authenticator data.
// Source: W3C Web Authentication Level 3, section 6.1.
const (
	present  = 1 << 0
	verified = 1 << 2
	eligible = 1 << 3
	backedUp = 1 << 4
	attested = 1 << 6
)

// data is authenticator data with further flags.
func (p *Phone) data(rpID string, flags byte) []byte {
	if p.RPID != "" {
		rpID = p.RPID
	}
	flags |= present
	if !p.Unverified {
		flags |= verified
	}
	if p.Synced {
		flags |= eligible | backedUp
	}
	if p.Counter > 0 {
		p.Counter++
	}
	hash := sha256.Sum256([]byte(rpID))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), p.Counter)
}

// made is authenticator data of a new passkey. The AAGUID is all zeroes.
func (p *Phone) made(rpID string) []byte {
	point, err := p.passkey.PublicKey.Bytes()
	if err != nil {
		panic("phone: " + err.Error()) // the key is a good one
	}
	key, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1 : 1+coordinate], -3: point[1+coordinate:]})
	if err != nil {
		panic("phone: " + err.Error()) // numbers can be written
	}
	data := append(p.data(rpID, attested), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(p.ID)))
	return append(append(data, p.ID...), key...)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
