package page

import (
	"log/slog"
	"time"
)

// Frame is what stands on every page and on the pages about the installation
// itself. Every field may stay empty: what is empty is not shown.
type Frame struct {
	// Name is what the installation is called in titles and texts. Default "Cl@ve".
	Name string
	// Responsible is the legal name of the body that runs the installation and is
	// responsible for the personal data, as the legal notice must say.
	// Example: "Ayuntamiento de Ejemplo". Source: Ley 34/2002 article 10, RGPD article 13.
	Responsible string
	// TaxNumber is the body's NIF. Example: "P2807900B".
	TaxNumber string
	// Address is the body's postal address in one line.
	Address string
	// Telephone is the number that citizens call for help. Example: "060".
	Telephone string
	// TelephoneHours says when somebody answers, as shown. Example: "9:00–19:00".
	TelephoneHours string
	// Mailbox is the e-mail address for help. Example: "ayuda@clave.example".
	Mailbox string
	// OfficeSearch is the address of the page that finds registration offices, ours
	// or one elsewhere. Example: "https://administracion.gob.es/pagFront/atencionCiudadana/oficinas/encuentraOficina.htm".
	OfficeSearch string
	// DataProtection is the e-mail address of the data protection officer.
	DataProtection string
	// DataProtectionNotice is the address of the full information on data
	// protection, when the body has one. Source: RGPD article 13.
	DataProtectionNotice string
	// Accessibility is what the accessibility statement says of this installation.
	Accessibility Accessibility

	// Zone is the time zone in which times are shown. Default UTC; here usually Europe/Madrid.
	Zone *time.Location
	// Secure says that browsers reach us by https only: the language cookie is then
	// Secure with the prefix __Host-.
	Secure bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Log takes a line when a page cannot be made; nil is slog.Default.
	Log *slog.Logger
}

// Accessibility is the variable part of the accessibility statement.
// Source: Real Decreto 1112/2018 article 15, Implementing Decision (EU) 2018/1523.
type Accessibility struct {
	// Reviewed is the day of the last review of the statement, ISO 8601. Example: "2026-11-21".
	Reviewed string
	// Partial says that the installation complies in part only: the statement then
	// names Exceptions instead of full compliance.
	Partial bool
	// Exceptions says what is not accessible, in the body's own words.
	Exceptions string
	// Complaints is the address where citizens claim when an answer does not satisfy them.
	Complaints string
}

func (f Frame) withDefaults() Frame {
	if f.Name == "" {
		f.Name = "Cl@ve"
	}
	if f.Zone == nil {
		f.Zone = time.UTC
	}
	if f.Now == nil {
		f.Now = time.Now
	}
	if f.Log == nil {
		f.Log = slog.Default()
	}
	return f
}
