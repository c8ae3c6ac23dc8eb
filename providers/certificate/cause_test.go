package certificate_test

import (
	"testing"

	"clave/broker"
	"clave/providers/certificate"
	"clave/web/lang"
)

func TestEachCauseHasItsTextsAndItsReason(t *testing.T) {
	t.Parallel()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range certificate.Causes() {
		for _, part := range []string{".title", ".text"} {
			if key := "certificate.refused." + string(c) + part; !texts.Has(key) {
				t.Errorf("there is no text %s", key)
			}
		}
		if c.Reason().Meaning() == broker.Internal.Meaning() {
			t.Errorf("%s is told to services as internal", c)
		}
	}
}
