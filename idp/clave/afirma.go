package clave

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"clave/broker"
	"clave/identity"

	"github.com/beevik/etree"
)

// Classes of certificates in @firma, the platform that validates them for Spanish
// administrations. Source: the fields of its readable information on certificates, as
// public integrations read them.
const (
	classPerson   = "0"
	classEmployee = "5"
)

// partialAfirma is what @firma would say of a certificate, in base64. Some clients read it
// by the names of elements alone, others by their namespace, and some put that in by
// replacing an outermost element that has none: so that has one, and the fields have the
// namespace of @firma. Of a field its name comes first, as they count.
// Source: public integrations of Cl@ve 2 in Java. How times are written none of them
// says: RFC 3339 in UTC is our choice.
func partialAfirma(c broker.Certificate, who identity.Attributes) (string, error) {
	d := etree.NewDocument()
	root := d.CreateElement("Partial_Afirma_Response")
	root.CreateAttr("xmlns:afxp", "urn:afirma:dss:1.0:profile:XSS:schema")
	info := root.CreateElement("afxp:ReadableCertificateInfo")
	for _, field := range fields(c, who) {
		if field[1] == "" {
			continue
		}
		el := info.CreateElement("afxp:ReadableField")
		el.CreateElement("afxp:FieldIdentity").SetText(field[0])
		el.CreateElement("afxp:FieldValue").SetText(field[1])
	}
	text, err := d.WriteToBytes()
	if err != nil {
		return "", fmt.Errorf("describing a certificate: %w", err)
	}
	return base64.StdEncoding.EncodeToString(text), nil
}

// fields are the names and values. What the service may not know of the citizen is empty.
func fields(c broker.Certificate, who identity.Attributes) [][2]string {
	qualified, class := "NO", classPerson
	if c.Qualified {
		qualified = "YES"
	}
	if c.Employee {
		class = classEmployee
	}
	second, _ := strings.CutPrefix(who.FamilyName, who.FirstSurname+" ")
	if second == who.FamilyName || who.FirstSurname == "" {
		second = ""
	}
	return [][2]string{
		{"NIFResponsable", who.DocumentNumber},
		{"nombreResponsable", who.GivenName},
		{"primerApellidoResponsable", who.FirstSurname},
		{"segundoApellidoResponsable", second},
		{"idEmisor", c.Issuer},
		{"numeroSerie", c.Serial},
		{"validoDesde", c.NotBefore.UTC().Format(time.RFC3339)},
		{"validoHasta", c.NotAfter.UTC().Format(time.RFC3339)},
		{"politica", c.Policy},
		{"certQualified", qualified},
		{"clasificacion", class},
	}
}
