package saml_test

import (
	"strings"
	"testing"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/keys"
)

func TestAServiceChoosesHowItIsSignedFor(t *testing.T) {
	t.Parallel()
	for alg, want := range map[registry.SigningAlg]string{
		"": "#rsa-sha256", registry.RS256: "#rsa-sha256", registry.RS384: "#rsa-sha384", registry.RS512: "#rsa-sha512", registry.ES256: "#ecdsa-sha256",
	} {
		t.Run(string(alg)+want, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(town(metadata(""), func(p *registry.RelyingParty) { p.SAML[0].SigningAlg = alg }))
			published := strings.Count(w.metadata(), "<md:KeyDescriptor")
			if ec := alg == registry.ES256; ec != (published == 2) {
				t.Errorf("%d certificates are published", published)
			}
			w.redirect(w.request(), townSigner())
			if text := string(w.posted(w.refused(w.opened(), broker.Cancelled))); !strings.Contains(text, want+`"></ds:SignatureMethod>`) {
				t.Errorf("want %s in %s", want, text)
			}
		})
	}
}

func TestAKeptKeySignsAsItCan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kept, err := w.ring.SAML().Active(keys.ES256)
	if err != nil {
		t.Fatal(err)
	}
	w.register(town(metadata(""), func(p *registry.RelyingParty) {
		p.SAML[0].SigningAlg, p.SAML[0].SigningKey, p.SAML[0].Until = registry.RS512, kept.ID, identity.Date{Year: 2030, Month: 1, Day: 31}
	}))
	w.redirect(w.request(), townSigner())
	if text := string(w.posted(w.refused(w.opened(), broker.Cancelled))); !strings.Contains(text, `#ecdsa-sha256"></ds:SignatureMethod>`) {
		t.Errorf("got %s", text)
	}
}
