package passkey_test

import (
	"encoding/json"
	"errors"
	"testing"

	"clave/providers/movil/passkey"
	"clave/sandbox/phone"
)

// foreign tells whether an error is one of those that answers lead to.
func foreign(err error) bool {
	return errors.Is(err, passkey.ErrAnswer) || errors.Is(err, passkey.ErrCounter) || errors.Is(err, passkey.ErrEligibility)
}

func FuzzAnswers(f *testing.F) {
	p := phone.Known(issuer, "fuzz")
	c := credential(f, p)
	f.Add([]byte(created(f, p)))
	f.Add([]byte(got(f, p, c)))
	f.Add([]byte(`{"id":"AAAAAAAAAAAAAAAAAAAAAA","rawId":"AAAAAAAAAAAAAAAAAAAAAA","type":"public-key","response":{}}`))
	f.Fuzz(func(t *testing.T, response []byte) {
		if _, err := rp(t).Create(question("create"), somebody(), response); err != nil && !foreign(err) {
			t.Errorf("a creation: got %v", err)
		}
		if _, err := rp(t).Assert(question("get"), c, response); err != nil && !foreign(err) {
			t.Errorf("an assertion: got %v", err)
		}
	})
}

// FuzzAttested reaches what stands inside the answer: authenticator data and the CBOR
// around it.
func FuzzAttested(f *testing.F) {
	p := phone.Known(issuer, "fuzz")
	parts := apart(f, created(f, p))
	f.Add(decode(f, parts.response()["attestationObject"]))
	parts.reattest(f, func(o *object) { o.Data[32] |= 128; o.Data = append(o.Data, 0xa0) }) // extensions
	f.Add(decode(f, parts.response()["attestationObject"]))
	f.Fuzz(func(t *testing.T, object []byte) {
		parts := apart(t, created(t, p))
		parts.response()["attestationObject"] = encode(object)
		response, err := json.Marshal(parts)
		if err != nil {
			t.Fatal(err)
		}
		c, err := rp(t).Create(question("create"), somebody(), response)
		if err != nil && !foreign(err) {
			t.Errorf("got %v", err)
		}
		if err == nil && (len(c.PublicKey) == 0 || len(c.ID) < 16) {
			t.Errorf("got %+v, want a whole passkey", c)
		}
	})
}

// FuzzData reaches authenticator data of an assertion, before its signature.
func FuzzData(f *testing.F) {
	p := phone.Known(issuer, "fuzz")
	c := credential(f, p)
	f.Add(decode(f, apart(f, got(f, p, c)).response()["authenticatorData"]))
	f.Fuzz(func(t *testing.T, data []byte) {
		parts := apart(t, got(t, p, c))
		parts.response()["authenticatorData"] = encode(data)
		if _, err := rp(t).Assert(question("get"), c, parts.together(t)); err != nil && !foreign(err) {
			t.Errorf("got %v", err)
		}
	})
}
