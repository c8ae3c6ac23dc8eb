package phone_test

import (
	"bytes"
	"errors"
	"testing"

	"clave/sandbox/phone"
)

func TestAWordMakesTheSamePhone(t *testing.T) {
	t.Parallel()
	one, same, other := phone.Known("o", "word"), phone.Known("o", "word"), phone.Known("o", "other")
	if !bytes.Equal(one.ID, same.ID) || !bytes.Equal(one.Key(), same.Key()) {
		t.Error("got two phones of one word")
	}
	if bytes.Equal(one.ID, other.ID) || bytes.Equal(one.Key(), other.Key()) {
		t.Error("got one phone of two words")
	}
	if passkey, device := one.PrivateKeys(); bytes.Equal(passkey, device) {
		t.Error("got one key for both purposes")
	}
}

func TestAPhoneAnswersOnlyForItsPasskey(t *testing.T) {
	t.Parallel()
	p := phone.Known("https://clave.example", "word")
	own := `[{"type":"public-key","id":"` + p.Name() + `"}]`
	if _, err := p.Create([]byte(`{"rp":{"id":"clave.example"},"user":{"id":"AA"},"challenge":"AA","excludeCredentials":` + own + `}`)); !errors.Is(err, phone.ErrExcluded) {
		t.Errorf("got %v, want it excluded", err)
	}
	other := `[{"type":"public-key","id":"AAAA"}]`
	if _, err := p.Get([]byte(`{"rpId":"clave.example","challenge":"AA","allowCredentials":` + other + `}`)); !errors.Is(err, phone.ErrNotAllowed) {
		t.Errorf("got %v, want it not allowed", err)
	}
	if _, err := p.Get([]byte(`{"rpId":"clave.example","challenge":"AA","allowCredentials":` + own + `}`)); err != nil {
		t.Errorf("got %v, want an answer", err)
	}
}
