package conf

import (
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // so that time zones are there on the smallest machine

	"clave/identity"
)

// Page is what the frame of every page and the pages about the installation say.
type Page struct {
	// Name is what the installation is called in titles and texts.
	Name string `yaml:"name"`

	// Responsible is the legal name of the body that runs the installation and is
	// responsible for the personal data, as the legal notice must say
	// (Ley 34/2002 article 10, RGPD article 13).
	Responsible string `yaml:"responsible" example:"Ayuntamiento de Ejemplo" required:"true"`

	// TaxNumber is the body's NIF.
	TaxNumber string `yaml:"tax_number" example:"P2807900B"`

	// Address is the body's postal address in one line.
	Address string `yaml:"address" example:"Plaza Mayor 1, 28001 Madrid"`

	// Telephone is the number that citizens call for help.
	Telephone string `yaml:"telephone"`

	// TelephoneHours says when somebody answers, as it is shown.
	TelephoneHours string `yaml:"telephone_hours" example:"9:00-19:00"`

	// Mailbox is the e-mail address for help. Without telephone and mailbox a
	// citizen who is stuck has nobody to ask.
	Mailbox string `yaml:"mailbox" example:"ayuda@clave.example"`

	// OfficeSearch is the address of the page that finds registration offices, if
	// they are found elsewhere. Without it citizens search in the directory that
	// `clave office import` brings in.
	OfficeSearch string `yaml:"office_search" example:"https://administracion.gob.es/pagFront/atencionCiudadana/oficinas/encuentraOficina.htm"`

	// DataProtection is the e-mail address of the data protection officer.
	DataProtection string `yaml:"data_protection" example:"dpd@clave.example"`

	// DataProtectionNotice is the address of the full information on data
	// protection, if the body has one (RGPD article 13).
	DataProtectionNotice string `yaml:"data_protection_notice" example:"https://clave.example/datos"`

	// TimeZone is the zone in which citizens read times, on pages and in messages.
	TimeZone string `yaml:"time_zone"`

	// Accessibility is the variable part of the accessibility statement
	// (RD 1112/2018 article 15).
	Accessibility Accessibility `yaml:"accessibility"`
}

// Accessibility is the variable part of the accessibility statement.
type Accessibility struct {
	// Reviewed is the day of the statement's last review.
	Reviewed string `yaml:"reviewed" example:"2026-11-21"`

	// Partial says that the installation complies in part only; exceptions then
	// says what is not accessible.
	Partial bool `yaml:"partial"`

	// Exceptions says what is not accessible, in your own words.
	Exceptions string `yaml:"exceptions" example:"Los mapas de oficinas"`

	// Complaints is the address where citizens claim when your answer does not
	// satisfy them.
	Complaints string `yaml:"complaints" example:"https://clave.example/reclamaciones"`
}

// Zone is the time zone. It is right once the settings are checked.
func (p Page) Zone() *time.Location {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

func (c checker) page(p Page) {
	at := "page"
	if p.Name == "" {
		c.problem(at+".name", "is empty; leave the field out for Cl@ve")
	}
	if p.Responsible == "" {
		c.problem(at+".responsible", "is missing; the legal notice must say who runs the installation")
	}
	if p.TaxNumber != "" {
		if _, err := identity.ParseOrganisationNIF(p.TaxNumber); err != nil {
			c.problem(at+".tax_number", "is not the NIF of an organisation")
		}
	}
	if p.Telephone == "" && p.Mailbox == "" {
		c.problem(at+".telephone", "and mailbox are both empty: a citizen who is stuck has nobody to ask")
	}
	for field, address := range map[string]string{"mailbox": p.Mailbox, "data_protection": p.DataProtection} {
		if _, err := identity.ParseEmail(address); address != "" && err != nil {
			c.problem(at+"."+field, "is not an e-mail address")
		}
	}
	c.link(at+".office_search", p.OfficeSearch)
	c.link(at+".data_protection_notice", p.DataProtectionNotice)
	if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
		c.problem(at+".time_zone", "is no time zone; give one such as Europe/Madrid or Atlantic/Canary")
	}
	c.accessibility(at+".accessibility", p.Accessibility)
}

func (c checker) accessibility(at string, a Accessibility) {
	if _, err := time.Parse(time.DateOnly, a.Reviewed); a.Reviewed != "" && err != nil {
		c.problem(at+".reviewed", "is not a day such as 2026-11-21")
	}
	if a.Partial && a.Exceptions == "" {
		c.problem(at+".exceptions", "is missing; say what is not accessible")
	}
	c.link(at+".complaints", a.Complaints)
}

// link checks an address that citizens follow.
func (c checker) link(at, address string) {
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || strings.ContainsAny(address, " \"<>") {
		c.problem(at, "wants an https address")
	}
}
