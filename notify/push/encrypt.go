package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// Sizes of the encryption. Source: RFC 8188, section 2.1; RFC 8291, sections 3.2 to 4.
const (
	authSize   = 16
	saltSize   = 16
	recordSize = 4096
	// bodySize is what every body is filled up to. Our choice: all that we ever say
	// fits, and a message stays small.
	bodySize = 128
)

var errTooLong = errors.New("the body is longer than a push of ours may be")

// encrypt makes the request's body out of a message, for one recipient alone.
func encrypt(body []byte, to opened) ([]byte, error) {
	if len(body) > bodySize {
		return nil, errTooLong
	}
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails, see crypto/rand
	record := make([]byte, bodySize+1)
	copy(record, body)
	record[len(body)] = 2 // the last record's delimiter; zeros are padding
	return seal(record, to, own, salt)
}

// seal encrypts one record with a key that is used once.
// Source: RFC 8291, section 3.4; RFC 8188, section 2.
func seal(record []byte, to opened, own *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	shared, err := own.ECDH(to.public)
	if err != nil {
		return nil, err
	}
	ours, theirs := own.PublicKey().Bytes(), to.public.Bytes()
	secret, err := hkdf.Key(sha256.New, shared, to.auth, "WebPush: info\x00"+string(theirs)+string(ours), sha256.Size)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	sealed := append([]byte{}, salt...)
	sealed = binary.BigEndian.AppendUint32(sealed, recordSize)
	sealed = append(append(sealed, byte(len(ours))), ours...)
	return gcm.Seal(sealed, nonce, record, nil), nil
}
