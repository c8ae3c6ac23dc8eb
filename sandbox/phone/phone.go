package phone

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
)

// Phone is a phone with one passkey and one device key. Its fields are what a phone
// that is not honest, or another kind of phone, would do differently. It is for one
// goroutine at a time.
type Phone struct {
	// Origin is where its browser is, such as https://clave.example.
	Origin string
	// RPID is what its authenticator signs for; empty for what it is asked.
	RPID string
	// Unverified: whoever holds it does not unlock it.
	Unverified bool
	// Synced: its passkey is copied to other phones.
	Synced bool
	// Counter is what it counted up to; 0 for one that does not count. It counts on
	// with each signature once it is more.
	Counter uint32
	// ID names the passkey, User is whom it was made for.
	ID, User []byte

	passkey, device *ecdsa.PrivateKey
}

// New returns a phone with new keys, whose browser is at origin.
func New(origin string) *Phone {
	p := &Phone{Origin: origin, ID: make([]byte, idSize), passkey: newKey(), device: newKey()}
	_, _ = rand.Read(p.ID) // never fails: the program stops when the system has no randomness
	return p
}

// Known returns the phone that a word makes: the same one each time, which everybody
// who knows the word has as well.
func Known(origin, word string) *Phone {
	id := sha256.Sum256([]byte("passkey id of " + word))
	return &Phone{Origin: origin, ID: id[:idSize], passkey: knownKey("passkey of " + word), device: knownKey("device key of " + word)}
}

const idSize = 16

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("phone: " + err.Error()) // the curve is a good one
	}
	return key
}

func knownKey(word string) *ecdsa.PrivateKey {
	seed := sha256.Sum256([]byte(word))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		panic("phone: the word makes no key: " + err.Error()) // one in 2^32
	}
	return key
}

// Key is the public half of the device key, as SubjectPublicKeyInfo in DER.
func (p *Phone) Key() []byte {
	spki, err := x509.MarshalPKIXPublicKey(&p.device.PublicKey)
	if err != nil {
		panic("phone: " + err.Error()) // a P-256 key can be written
	}
	return spki
}

// PrivateKeys are passkey and device key as PKCS #8 in DER, for who wants to be this
// phone in a language of their own.
func (p *Phone) PrivateKeys() (passkey, device []byte) {
	return private(p.passkey), private(p.device)
}

func private(key *ecdsa.PrivateKey) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic("phone: " + err.Error()) // a P-256 key can be written
	}
	return der
}

// Sign signs with the device key as browsers do: ECDSA with SHA-256, r ‖ s.
func (p *Phone) Sign(challenge []byte) []byte {
	digest := sha256.Sum256(challenge)
	r, s, err := ecdsa.Sign(rand.Reader, p.device, digest[:])
	if err != nil {
		panic("phone: " + err.Error()) // the key is a good one
	}
	out := make([]byte, 2*coordinate)
	r.FillBytes(out[:coordinate])
	s.FillBytes(out[coordinate:])
	return out
}

// coordinate is the size of a number on P-256, in bytes.
const coordinate = 32
