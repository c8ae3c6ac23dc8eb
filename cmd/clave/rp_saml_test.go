package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"clave/test/fakes/samlmetadata"
)

func TestSAMLServicesFromRegistrationToTheirMetadata(t *testing.T) {
	t.Parallel()
	signer, certificate := samlmetadata.NewSigner(t), samlmetadata.Certificate(t)
	service := samlmetadata.Service{
		EntityID: "https://town.example/sp", ACS: "https://town.example/acs", Certificates: []*x509.Certificate{certificate}, ValidUntil: time.Now().AddDate(1, 0, 0),
	}
	good := write(t, "sp.xml", string(signer.Sign(t, service)))
	service.EntityID, service.ACS = "https://other.example/sp", "http://other.example/acs"
	bad := write(t, "bad.xml", string(service.XML()))
	signs := write(t, "signer.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signer.Certificate.Raw})))
	leaked := write(t, "leaked.pem", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n")
	head := townFile[:strings.Index(townFile, "  oidc:")]
	saml := func(lines string) string { return head + "  saml:\n    - {" + lines + "}\n" }
	eachPlace(t, func(t *testing.T, at place) {
		for _, tc := range []struct{ name, file, want string }{
			{"answers by http", saml("metadata_file: " + bad), "https://"},
			{"another signer than the registered one", saml("metadata_file: " + bad + ", metadata_certificates: [" + signs + "]"), "not signed"},
			{"a private key instead of metadata", saml("metadata_file: " + leaked), "holds a private key: it is no longer secret"},
			{"a private key instead of a certificate", head + "  clave:\n    - {provider_name: P2807900B_L01280796;App, acs: [https://town.example/acs], certificates: [" + leaked + "]}\n", "holds a private key: it is no longer secret"},
			{"an address without signer", saml("metadata_url: https://town.example/sp, entity_id: https://town.example/sp"), "no metadata_certificates"},
		} {
			_, err := apply(t, at, false, tc.file)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: got %v", tc.name, err)
			}
		}
		if _, err := apply(t, at, false, saml("metadata_file: "+good+", metadata_certificates: ["+signs+"]")); err != nil {
			t.Fatal(err)
		}
		refreshed := said(t, func(out *bytes.Buffer) error { return (&rpRefreshCommand{at}).Run(t.Context(), out) })
		if !strings.Contains(refreshed, "demo-town  https://town.example/sp  1     1          yes") {
			t.Errorf("got\n%s", refreshed)
		}
		// Nobody is there: the service cannot be used, and why is said.
		if _, err := apply(t, at, false, saml("metadata_url: https://127.0.0.1:1/sp, entity_id: https://town.example/sp, metadata_certificates: ["+signs+"]")); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		wants(t, (&rpRefreshCommand{at}).Run(t.Context(), &out), "metadata of https://town.example/sp: the metadata could not be fetched")
		if !strings.Contains(out.String(), "were not fetched yet") {
			t.Errorf("got\n%s", out.String())
		}
	})
}
