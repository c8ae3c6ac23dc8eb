package pushservice

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// decrypt is what the browser does with a message: one record of aes128gcm.
// Source: RFC 8188, section 2; RFC 8291, section 3.4.
func decrypt(body []byte, own *ecdh.PrivateKey, auth []byte) ([]byte, error) {
	const header = 16 + 4 + 1
	if len(body) < header || len(body) < header+int(body[header-1]) {
		return nil, errors.New("the header is cut off")
	}
	salt, size, point := body[:16], binary.BigEndian.Uint32(body[16:20]), body[header:header+int(body[header-1])]
	record := body[header+len(point):]
	if uint32(len(record)) > size {
		return nil, errors.New("there is more than one record")
	}
	sender, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, errors.New("the sender's key is none")
	}
	shared, err := own.ECDH(sender)
	if err != nil {
		return nil, err
	}
	secret, err := hkdf.Key(sha256.New, shared, auth, "WebPush: info\x00"+string(own.PublicKey().Bytes())+string(point), 32)
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
	plain, err := gcm.Open(nil, nonce, record, nil)
	if err != nil {
		return nil, errors.New("the tag is wrong")
	}
	plain = bytes.TrimRight(plain, "\x00")
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		return nil, errors.New("the last record is not marked")
	}
	return plain[:len(plain)-1], nil
}
