package trustedlist

import (
	"encoding/xml"
	"slices"
	"strings"
)

// stated is a list as it stands in XML; what is not needed is left out.
// Source: ETSI TS 119 612, annex C, and its schema.
type stated struct {
	XMLName   xml.Name   `xml:"http://uri.etsi.org/02231/v2# TrustServiceStatusList"`
	Scheme    scheme     `xml:"http://uri.etsi.org/02231/v2# SchemeInformation"`
	Providers []provider `xml:"http://uri.etsi.org/02231/v2# TrustServiceProviderList>TrustServiceProvider"`
}

type scheme struct {
	Version    int    `xml:"http://uri.etsi.org/02231/v2# TSLVersionIdentifier"`
	Sequence   int64  `xml:"http://uri.etsi.org/02231/v2# TSLSequenceNumber"`
	Type       string `xml:"http://uri.etsi.org/02231/v2# TSLType"`
	Territory  string `xml:"http://uri.etsi.org/02231/v2# SchemeTerritory"`
	Issued     string `xml:"http://uri.etsi.org/02231/v2# ListIssueDateTime"`
	NextUpdate string `xml:"http://uri.etsi.org/02231/v2# NextUpdate>dateTime"`
}

type provider struct {
	Names    []name    `xml:"http://uri.etsi.org/02231/v2# TSPInformation>TSPName>Name"`
	Services []service `xml:"http://uri.etsi.org/02231/v2# TSPServices>TSPService>ServiceInformation"`
}

type name struct {
	Language string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	Text     string `xml:",chardata"`
}

type service struct {
	Type         string   `xml:"http://uri.etsi.org/02231/v2# ServiceTypeIdentifier"`
	Names        []name   `xml:"http://uri.etsi.org/02231/v2# ServiceName>Name"`
	Certificates []string `xml:"http://uri.etsi.org/02231/v2# ServiceDigitalIdentity>DigitalId>X509Certificate"`
	Status       string   `xml:"http://uri.etsi.org/02231/v2# ServiceStatus"`
	Since        string   `xml:"http://uri.etsi.org/02231/v2# StatusStartingTime"`
	Information  []string `xml:"http://uri.etsi.org/02231/v2# ServiceInformationExtensions>Extension>AdditionalServiceInformation>URI"`
}

// says tells whether the service has the information: for what it issues, since the
// regulation of 2014.
func (s service) says(uri string) bool {
	return slices.ContainsFunc(s.Information, func(i string) bool { return strings.TrimSpace(i) == uri })
}
