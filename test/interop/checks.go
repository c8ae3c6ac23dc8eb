package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// Where Debian's packages opensaml-schemas and xmltooling-schemas put the schemas.
const (
	samlSchemas = "/usr/share/xml/opensaml/"
	xmlSchemas  = "/usr/share/xml/xmltooling/"
)

// stockTools are no service: they verify our metadata as libraries would, by the standard.
func stockTools() peer {
	return peer{name: "metadata", find: findStockTools, start: checkMetadata}
}

func findStockTools(ctx context.Context, _ places) (version, missing string) {
	for _, name := range [...]string{"xmlsec1", "xmllint"} {
		if _, err := exec.LookPath(name); err != nil {
			return "", "apt-get install xmlsec1 libxml2-utils opensaml-schemas xmltooling-schemas"
		}
	}
	if version = debianVersion(ctx, "opensaml-schemas"); version == "" || debianVersion(ctx, "xmltooling-schemas") == "" {
		return "", "apt-get install opensaml-schemas xmltooling-schemas"
	}
	return "schemas " + version, ""
}

// checkMetadata verifies the signature and the shape of our metadata.
func checkMetadata(ctx context.Context, w *world) (*service, error) {
	path, err := w.ours(ctx)
	if err != nil {
		return nil, err
	}
	us, err := w.clave.provider(ctx)
	if err != nil {
		return nil, err
	}
	certificate, err := w.write("clave.pem", "-----BEGIN CERTIFICATE-----\n"+us.Certificates[0]+"\n-----END CERTIFICATE-----\n")
	if err != nil {
		return nil, err
	}
	_, signature := output(ctx, "xmlsec1", "--verify", "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",
		"--enabled-reference-uris", "same-doc", "--pubkey-cert-pem", certificate, path)
	return new(service), errors.Join(signature, w.valid(ctx, "saml-schema-metadata-2.0.xsd", path))
}

// valid checks files by a schema of the standard.
func (w *world) valid(ctx context.Context, schema string, files ...string) error {
	all, err := w.write("schemas.xsd", `<schema xmlns="http://www.w3.org/2001/XMLSchema">
  <import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="`+xmlSchemas+`xml.xsd"/>
  <import namespace="http://www.w3.org/2000/09/xmldsig#" schemaLocation="`+xmlSchemas+`xmldsig-core-schema.xsd"/>
  <import namespace="http://www.w3.org/2001/04/xmlenc#" schemaLocation="`+xmlSchemas+`xenc-schema.xsd"/>
  <import namespace="urn:oasis:names:tc:SAML:2.0:assertion" schemaLocation="`+samlSchemas+`saml-schema-assertion-2.0.xsd"/>
  <import namespace="urn:oasis:names:tc:SAML:metadata:attribute" schemaLocation="`+samlSchemas+`sstc-metadata-attr.xsd"/>
  <import namespace="urn:oasis:names:tc:SAML:metadata:algsupport" schemaLocation="`+samlSchemas+`sstc-saml-metadata-algsupport-v1.0.xsd"/>
  <import namespace="urn:oasis:names:tc:SAML:metadata:ui" schemaLocation="`+samlSchemas+`sstc-saml-metadata-ui-v1.0.xsd"/>
  <import schemaLocation="`+samlSchemas+schema+`" namespace="`+spaceOf(schema)+`"/>
</schema>
`)
	if err != nil {
		return err
	}
	_, err = output(ctx, "xmllint", append([]string{"--nonet", "--noout", "--schema", all}, files...)...)
	return err
}

// spaceOf is the namespace that a schema is about.
func spaceOf(schema string) string {
	if strings.Contains(schema, "metadata") {
		return "urn:oasis:names:tc:SAML:2.0:metadata"
	}
	return "urn:oasis:names:tc:SAML:2.0:protocol"
}

// cover stands around an assertion that was encrypted.
var cover = regexp.MustCompile(`</?\w+:EncryptedAssertion[^>]*>`)

// standsByTheSchema checks all messages that we sent to the peer, and what is encrypted
// in them, if the tools are installed.
func standsByTheSchema(ctx context.Context, w *world, s *service) error {
	if _, missing := findStockTools(ctx, w.places); missing != "" {
		w.told = append(w.told, "not looked at: "+missing)
		return nil
	}
	files, err := filepath.Glob(filepath.Join(w.folder, "messages", "*Response.xml"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, errors.New("there are no messages of ours"))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if strings.Contains(string(text), "EncryptedData") {
			plain := file + ".plain"
			if _, err := output(ctx, "xmlsec1", "--decrypt", "--output", plain, "--privkey-pem", w.key, file); err != nil {
				return err
			}
			opened, err := os.ReadFile(plain)
			if err != nil {
				return err
			}
			if err := os.WriteFile(plain, []byte(cover.ReplaceAllString(string(opened), "")), 0o600); err != nil {
				return err
			}
			files = append(files, plain)
		}
	}
	w.told = append(w.told, fmt.Sprintf("%d documents", len(files)))
	return w.valid(ctx, "saml-schema-protocol-2.0.xsd", files...)
}
