package passkey_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"clave/providers/movil/passkey"
	"clave/sandbox/phone"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

const issuer = "https://clave.example"

func rp(t testing.TB) *passkey.RP {
	t.Helper()
	rp, err := passkey.New(issuer)
	if err != nil {
		t.Fatal(err)
	}
	return rp
}

// question is a challenge of which there is one.
func question(words string) []byte { return append([]byte("a challenge about "), words...) }

func somebody() passkey.User {
	return passkey.User{ID: []byte("handle of somebody"), Name: "•••••678Z"}
}

// created is what a phone answers when it is asked for a passkey.
func created(t testing.TB, p *phone.Phone) json.RawMessage {
	t.Helper()
	response, err := p.Create(rp(t).CreationOptions(question("create"), somebody(), nil))
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// credential is a phone's passkey.
func credential(t testing.TB, p *phone.Phone) passkey.Credential {
	t.Helper()
	c, err := rp(t).Create(question("create"), somebody(), created(t, p))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// got is what a phone answers when it is asked to sign.
func got(t testing.TB, p *phone.Phone, c passkey.Credential) json.RawMessage {
	t.Helper()
	response, err := p.Get(rp(t).RequestOptions(question("get"), []passkey.Credential{c}))
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// parts is an answer taken apart.
type parts map[string]any

func apart(t testing.TB, response json.RawMessage) parts {
	t.Helper()
	var p parts
	if err := json.Unmarshal(response, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p parts) together(t testing.TB) json.RawMessage {
	t.Helper()
	response, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func (p parts) response() map[string]any { return p["response"].(map[string]any) }

func decode(t testing.TB, text any) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text.(string))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// reclient changes the client data of an answer, which nobody signs at a creation.
func (p parts) reclient(t testing.TB, change func(map[string]any)) {
	t.Helper()
	var data map[string]any
	if err := json.Unmarshal(decode(t, p.response()["clientDataJSON"]), &data); err != nil {
		t.Fatal(err)
	}
	change(data)
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	p.response()["clientDataJSON"] = encode(text)
}

// object is an attestation object.
type object struct {
	Format    string         `cbor:"fmt"`
	Statement map[string]any `cbor:"attStmt"`
	Data      []byte         `cbor:"authData"`
}

// reattest changes the attestation object of an answer.
func (p parts) reattest(t testing.TB, change func(*object)) {
	t.Helper()
	var o object
	if err := webauthncbor.Unmarshal(decode(t, p.response()["attestationObject"]), &o); err != nil {
		t.Fatal(err)
	}
	change(&o)
	b, err := webauthncbor.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	p.response()["attestationObject"] = encode(b)
}
