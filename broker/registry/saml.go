package registry

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

const metadataNamespace = "urn:oasis:names:tc:SAML:2.0:metadata"

// saml checks where a service provider's metadata are, and those given as a file.
func (c checker) saml(at string, s *SAMLProvider) {
	sources := 0
	for _, given := range []string{s.MetadataFile, s.Metadata, s.MetadataURL} {
		if given != "" {
			sources++
		}
	}
	if sources != 1 {
		c.problem(at, "wants one of metadata_file, metadata and metadata_url")
		return
	}
	c.optionalURI(at+".metadata_url", s.MetadataURL)
	if s.MetadataFile != "" {
		data, err := c.read(s.MetadataFile)
		if err != nil {
			c.problem(at+".metadata_file", "%s", err)
			return
		}
		c.metadata(at+".metadata_file", data)
		s.MetadataFile, s.Metadata = "", string(data)
	} else if s.Metadata != "" {
		c.metadata(at+".metadata", []byte(s.Metadata))
	}
}

// metadata checks that a text is metadata of one service provider whose
// certificates can be used. What it means is the front's matter.
// Source: SAML 2.0 Metadata, section 2.3.2.
func (c checker) metadata(at string, data []byte) {
	if privatePEM.Match(data) {
		c.problem(at, leaked)
		return
	}
	entityID, certificates, err := readMetadata(data)
	switch {
	case err != nil:
		c.problem(at, "%s", err)
	case entityID == "":
		c.problem(at, "has no entityID")
	}
	for _, text := range certificates {
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			c.problem(at, "has a certificate that is not base64")
			continue
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			c.problem(at, "has a certificate that cannot be read")
			continue
		}
		c.inForce(at, certificate)
	}
}

// readMetadata finds the entity and its certificates.
func readMetadata(data []byte) (entityID string, certificates []string, err error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	depth, roots, inside := 0, 0, false
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && depth == 0 && roots == 1:
			return entityID, certificates, nil
		case err != nil:
			return "", nil, errors.New("is not SAML metadata: the XML cannot be read")
		}
		switch token := token.(type) {
		case xml.Directive:
			return "", nil, errors.New("has a document type declaration, which metadata never need; remove it")
		case xml.StartElement:
			if depth++; depth == 1 {
				roots++
				if token.Name.Space != metadataNamespace || token.Name.Local != "EntityDescriptor" {
					return "", nil, errors.New("is not SAML metadata of one service: want an EntityDescriptor")
				}
				for _, a := range token.Attr {
					if a.Name.Space == "" && a.Name.Local == "entityID" {
						entityID = a.Value
					}
				}
			}
			if inside = token.Name.Local == "X509Certificate"; inside {
				certificates = append(certificates, "")
			}
		case xml.CharData:
			if inside {
				certificates[len(certificates)-1] += string(token)
			}
		case xml.EndElement:
			depth--
			inside = false
		}
	}
}
