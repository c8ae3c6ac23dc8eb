package passkey_test

import (
	"encoding/json"
	"errors"
	"testing"

	"clave/providers/movil/passkey"
	"clave/sandbox/phone"
)

func TestAnAssertionProvesThePasskey(t *testing.T) {
	t.Parallel()
	p := phone.New(issuer)
	c := credential(t, p)
	next, err := rp(t).Assert(question("get"), c, got(t, p, c))
	if err != nil || next.SignCount != 0 || next.BackedUp {
		t.Errorf("got %+v, %v; want it proven", next, err)
	}
}

func TestWhatAnAssertionDoesNotProve(t *testing.T) {
	t.Parallel()
	flip := func(member string, at int) func(testing.TB, parts) {
		return func(t testing.TB, p parts) {
			b := decode(t, p.response()[member])
			b[(at+len(b))%len(b)] ^= 1
			p.response()[member] = encode(b)
		}
	}
	changes := []struct {
		name   string
		change func(t testing.TB, p parts)
	}{
		{"with another signature", flip("signature", -1)},
		{"with another counter than was signed", flip("authenticatorData", -1)},
		{"with other flags than were signed", flip("authenticatorData", 32)},
		{"with other client data than was signed", func(t testing.TB, p parts) {
			p.reclient(t, func(d map[string]any) { d["extra"] = "x" })
		}},
		{"for another user", func(_ testing.TB, p parts) { p.response()["userHandle"] = encode([]byte("somebody else")) }},
		{"by a passkey of another name", func(_ testing.TB, p parts) {
			p["id"], p["rawId"] = encode(make([]byte, 16)), encode(make([]byte, 16))
		}},
		{"without a signature", func(_ testing.TB, p parts) { delete(p.response(), "signature") }},
		{"without anything", func(_ testing.TB, p parts) { delete(p, "response") }},
	}
	for _, test := range changes {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := phone.New(issuer)
			c := credential(t, p)
			answer := apart(t, got(t, p, c))
			test.change(t, answer)
			if _, err := rp(t).Assert(question("get"), c, answer.together(t)); !errors.Is(err, passkey.ErrAnswer) {
				t.Errorf("got %v, want ErrAnswer", err)
			}
		})
	}
	phones := []struct {
		name   string
		change func(p *phone.Phone)
	}{
		{"from another origin", func(p *phone.Phone) { p.Origin = "https://clave.example.evil.example" }},
		{"for another site", func(p *phone.Phone) { p.RPID = "evil.example" }},
		{"by who did not unlock it", func(p *phone.Phone) { p.Unverified = true }},
		{"by another phone that gives its name", func(p *phone.Phone) {
			id, user := p.ID, p.User
			*p = *phone.New(issuer)
			p.ID, p.User = id, user
		}},
	}
	for _, test := range phones {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := phone.New(issuer)
			c := credential(t, p)
			test.change(p)
			if _, err := rp(t).Assert(question("get"), c, got(t, p, c)); !errors.Is(err, passkey.ErrAnswer) {
				t.Errorf("got %v, want ErrAnswer", err)
			}
		})
	}
}

func TestAnAssertionIsForOneChallenge(t *testing.T) {
	t.Parallel()
	p := phone.New(issuer)
	c := credential(t, p)
	answer := got(t, p, c)
	for _, other := range [][]byte{question("something else"), question("create"), {}, nil} {
		if _, err := rp(t).Assert(other, c, answer); !errors.Is(err, passkey.ErrAnswer) {
			t.Errorf("got %v for %q, want ErrAnswer", err, other)
		}
	}
	if _, err := rp(t).Create(question("get"), somebody(), answer); !errors.Is(err, passkey.ErrAnswer) {
		t.Errorf("got %v for an assertion as a creation, want ErrAnswer", err)
	}
	if _, err := rp(t).Assert(question("create"), c, created(t, p)); !errors.Is(err, passkey.ErrAnswer) {
		t.Errorf("got %v for a creation as an assertion, want ErrAnswer", err)
	}
}

// Source: W3C Web Authentication Level 3, section 7.2, step 22.
func TestCounters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		held, sent uint32
		err        error
	}{
		{"one that does not count stays at zero", 0, 0, nil},
		{"one that counts grows", 7, 8, nil},
		{"it may leave some out", 7, 100, nil},
		{"one that begins to count", 0, 2, nil},
		{"the same one again is a copy", 7, 7, passkey.ErrCounter},
		{"one that goes back is a copy", 7, 6, passkey.ErrCounter},
		{"one that no longer counts is a copy", 7, 0, passkey.ErrCounter},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := phone.New(issuer)
			c := credential(t, p)
			c.SignCount = test.held
			if test.sent > 0 {
				p.Counter = test.sent - 1
			}
			next, err := rp(t).Assert(question("get"), c, got(t, p, c))
			if !errors.Is(err, test.err) || err == nil && next.SignCount != test.sent {
				t.Errorf("got %d, %v; want %d, %v", next.SignCount, err, test.sent, test.err)
			}
		})
	}
}

func TestWhatMayBeCopiedNeverChanges(t *testing.T) {
	t.Parallel()
	p := phone.New(issuer)
	c := credential(t, p)
	p.Synced = true
	if _, err := rp(t).Assert(question("get"), c, got(t, p, c)); !errors.Is(err, passkey.ErrEligibility) {
		t.Errorf("got %v for one that may be copied since, want ErrEligibility", err)
	}
	c.BackupEligible = true
	if next, err := rp(t).Assert(question("get"), c, got(t, p, c)); err != nil || !next.BackedUp {
		t.Errorf("got %v, %v; want it copied since", next.BackedUp, err)
	}
	p.Synced = false
	if _, err := rp(t).Assert(question("get"), c, got(t, p, c)); !errors.Is(err, passkey.ErrEligibility) {
		t.Errorf("got %v for one that may no longer be copied, want ErrEligibility", err)
	}
}

func TestOptionsAskForUnlockingAndNoAttestation(t *testing.T) {
	t.Parallel()
	c := passkey.Credential{ID: []byte("some passkey's id"), Transports: []string{"internal"}}
	var made, asked map[string]any
	for into, options := range map[*map[string]any]json.RawMessage{
		&made: rp(t).CreationOptions(question("create"), somebody(), []passkey.Credential{c}), &asked: rp(t).RequestOptions(question("get"), nil),
	} {
		if err := json.Unmarshal(options, into); err != nil {
			t.Fatal(err)
		}
	}
	selection := made["authenticatorSelection"].(map[string]any)
	if selection["userVerification"] != "required" || selection["residentKey"] != "required" || made["attestation"] != "none" ||
		made["rp"].(map[string]any)["id"] != "clave.example" || len(made["excludeCredentials"].([]any)) != 1 || len(made["pubKeyCredParams"].([]any)) != 3 {
		t.Errorf("got %v", made)
	}
	if asked["userVerification"] != "required" || asked["rpId"] != "clave.example" || len(asked["allowCredentials"].([]any)) != 0 {
		t.Errorf("got %v", asked)
	}
}

func TestIssuersWhosePasskeysWorkAnywhere(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string][2]string{
		"https://clave.example":      {"clave.example", "https://clave.example"},
		"https://Clave.example:443":  {"clave.example", "https://clave.example"},
		"http://localhost:8080":      {"localhost", "http://localhost:8080"},
		"https://clave.example:8443": {"clave.example", "https://clave.example:8443"},
	} {
		rp, err := passkey.New(issuer)
		if err != nil || rp.ID() != want[0] || rp.Origin() != want[1] {
			t.Errorf("%s: got %v, %v; want %v", issuer, rp, err, want)
		}
	}
	for _, issuer := range []string{"", "clave.example", "https://", "://"} {
		if _, err := passkey.New(issuer); err == nil {
			t.Errorf("%q: got a relying party", issuer)
		}
	}
}
