package main

import (
	"context"
	_ "embed"
	"encoding/xml"
	"errors"
	"fmt"
	"path/filepath"
)

// claveKit is SimpleSAMLphp as the official integration kit of Cl@ve for PHP sets it up,
// against the front of the dialect.
func claveKit() peer {
	return peer{name: "clave-kit", find: findSimpleSAMLphp, start: func(ctx context.Context, w *world) (*service, error) {
		return startClaveKit(ctx, w, "")
	}}
}

// claveKitEncrypted is the same, registered with a certificate for encryption.
func claveKitEncrypted() peer {
	return peer{name: "clave-kit-encrypted", find: findSimpleSAMLphp, start: func(ctx context.Context, w *world) (*service, error) {
		return startClaveKit(ctx, w, "      encryption_certificate: clave-kit.pem\n")
	}}
}

// clavePHP is the application.
//
//go:embed peers/clave.php
var clavePHP string

// published reads the certificates that sign, as kits fetch them.
func (w *world) published(ctx context.Context) (certificate string, err error) {
	text, err := w.clave.read(ctx, "/Proxy2/Certificates")
	if err != nil {
		return "", err
	}
	var all struct {
		Keys []struct {
			Use         string `xml:"use,attr"`
			Certificate string `xml:"KeyInfo>X509Data>X509Certificate"`
		} `xml:"KeyDescriptor"`
	}
	if err := xml.Unmarshal(text, &all); err != nil {
		return "", fmt.Errorf("reading the certificates: %w", err)
	}
	for _, k := range all.Keys {
		if k.Use == "signing" {
			return w.write("clave.pem", "-----BEGIN CERTIFICATE-----\n"+k.Certificate+"\n-----END CERTIFICATE-----\n")
		}
	}
	return "", errors.New("no certificate for signing is published")
}

// startClaveKit takes more lines of the registration.
func startClaveKit(ctx context.Context, w *world, more string) (*service, error) {
	key, certificate, err := w.keyPair("clave-kit")
	if err != nil {
		return nil, err
	}
	theirs, err := w.published(ctx)
	if err != nil {
		return nil, err
	}
	address, err := free()
	if err != nil {
		return nil, err
	}
	at := "http://" + address
	acs := at + "/module.php/saml/sp/saml2-acs.php/sp"
	provider := "P2807900B_L01280796;" + filepath.Base(w.folder)
	_, err1 := w.write("metadata/saml20-idp-remote.php", `<?php
$endpoint = [['Location' => '`+w.clave.issuer+`/Proxy2/ServiceProvider', 'Binding' => 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST']];
$metadata['`+w.clave.issuer+`'] = [
  'SingleSignOnService' => $endpoint, 'SingleLogoutService' => $endpoint,
  'certificate' => '`+theirs+`', 'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
];
`)
	source := `['saml:SP', 'entityID' => '` + acs + `', 'idp' => '` + w.clave.issuer + `', 'ProviderName' => '` + provider + `',
    'privatekey' => '` + key + `', 'certificate' => '` + certificate + `', 'sign.authnrequest' => true, 'sign.logout' => true,
    'NameIDPolicy' => ['Format' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'AllowCreate' => true]]`
	if err := errors.Join(err1, w.runSimpleSAMLphp(ctx, address, source, `['type' => 'flatfile']`, clavePHP)); err != nil {
		return nil, err
	}
	return &service{
		registration: `  clave:
    - provider_name: ` + provider + `
      acs: [` + acs + `]
      logout: [` + at + `/out]
      certificates: [` + certificate + `]
` + more,
		home:   at + "/show",
		high:   at + "/show?saml:AuthnContextComparison=minimum&saml:AuthnContextClassRef=" + high,
		silent: at + "/show?isPassive=1",
		logout: at + "/show?logout",
		seen: seen{
			nameID: "name", namesDocument: true, context: line("context"), attribute: byDialect,
			also: map[string]string{"http://es.minhafp.clave/RelayState": "kept by the service", "http://es.minhafp.clave/SelectedIdP": "PIN24H"},
		},
	}, nil
}

// byDialect names attributes as the dialect does; it has no others.
func byDialect(friendlyName string) string {
	switch friendlyName {
	case "DateOfBirth", "SecondSurname":
		return ""
	}
	return uri(friendlyName)
}
