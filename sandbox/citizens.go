package sandbox

import (
	"strings"

	"clave/census"
	"clave/identity"
	"clave/sandbox/authority"
)

// Citizen is a synthetic person, with everything that a test needs to be them.
type Citizen struct {
	Document      string
	Kind          identity.DocumentKind
	GivenName     string
	FirstSurname  string
	SecondSurname string
	BirthDate     string
	SupportNumber string
	IssueDate     string
	ValidityDate  string
	DeceasedOn    string

	State   identity.State
	Level   identity.Registration
	Channel identity.Channel
	Phone   string
	Email   string
	// Password is that of Cl@ve Permanente, and Activation the code to choose one.
	Password, Activation string
	// Device: the citizen has a phone in software that is a device of Cl@ve Móvil.
	Device bool
	// EmailConfirmed: a code that went to Email came back.
	EmailConfirmed bool
	// Certificates that the citizen holds, the one for everyday use first.
	Certificates []authority.Kind
	// Language of their messages.
	Language string
	// Note says in a few words what this citizen is there to show.
	Note string
}

// Contrast is the datum that the PIN page asks for.
func (c Citizen) Contrast() (identity.ContrastKind, string) {
	validity, _ := identity.ParseDate(c.ValidityDate) // "" gives the zero date
	switch kind := identity.ContrastFor(c.Kind, validity); kind {
	case identity.IssueDate:
		return kind, c.IssueDate
	case identity.ValidityDate:
		return kind, c.ValidityDate
	default:
		return kind, c.SupportNumber
	}
}

// registered is the citizen as the register holds them now.
func (c Citizen) registered(held census.Candidate) Citizen {
	c.State, c.Level, c.Channel = held.State, held.Registration, held.Channel
	c.Phone, c.Email = "", ""
	if held.State == identity.Registered {
		c.Phone = held.Phone.Reveal() // who left, or lost it, gets nothing there
	}
	if held.State == identity.Registered || held.State == identity.PhoneRevoked {
		c.Email = held.Email.Reveal()
	}
	return c
}

// Methods are the methods that work for the citizen now, among those installed.
func (c Citizen) Methods(installed []identity.Method) []identity.Method {
	methods := []identity.Method{}
	for _, m := range installed {
		registered := c.State == identity.Registered && (m != identity.Permanente || c.Password != "") && (m != identity.Movil || c.Device)
		if m.NeedsRegistration() && registered || m == identity.Certificate && c.holdsCertificate() {
			methods = append(methods, m)
		}
	}
	return methods
}

// holdsCertificate tells whether a certificate of the citizen's logs them in: who
// withdrew may still do that, the dead may not.
func (c Citizen) holdsCertificate() bool {
	return len(c.Certificates) > 0 && c.State != identity.Deceased && c.State != identity.Revoked
}

// Holder is whom the citizen's certificates are for.
func (c Citizen) Holder() authority.Holder {
	return authority.Holder{
		Document: c.Document, GivenName: strings.ToUpper(c.GivenName),
		FirstSurname: strings.ToUpper(c.FirstSurname), SecondSurname: strings.ToUpper(c.SecondSurname),
	}
}

// Citizens are the synthetic people: at least one of every kind that the rules
// distinguish. The numbers are those that public examples use.
func Citizens() []Citizen {
	return []Citizen{
		{
			Document: "12345678Z", Kind: identity.DNI, GivenName: "Carmen", FirstSurname: "Ejemplar", SecondSurname: "Muestra",
			BirthDate: "1980-01-01", SupportNumber: "BAA000589", IssueDate: "2021-06-15", ValidityDate: "2031-06-15",
			State: identity.Registered, Level: identity.Advanced, Channel: identity.ByOffice,
			Phone: "+34600000001", Email: "carmen@example.org", Certificates: []authority.Kind{authority.Citizen}, Language: "es", Note: "registered at an office; has a password",
			Password: testPassword, Activation: testActivation,
		},
		{
			Document: "99999999R", Kind: identity.DNI, GivenName: "Juan", FirstSurname: "Español", SecondSurname: "Español",
			BirthDate: "1975-03-20", SupportNumber: "CAA000004", IssueDate: "2022-02-01", ValidityDate: "2032-02-01",
			State: identity.Registered, Level: identity.Advanced, Channel: identity.ByCertificate,
			Phone: "+34600000002", Email: "juan@example.org", Certificates: []authority.Kind{authority.Citizen, authority.DNIe}, Language: "en", Note: "registered with a certificate, reads English",
		},
		{
			Document: "00000000T", Kind: identity.DNI, GivenName: "Prueba", FirstSurname: "Básico", SecondSurname: "Carta",
			BirthDate: "1990-05-15", SupportNumber: "CAA000007", IssueDate: "2020-12-01", ValidityDate: "2030-12-01",
			State: identity.Registered, Level: identity.Basic, Channel: identity.ByLetter,
			Phone: "+34600000003", Email: "prueba@example.org", Language: "ca", Note: "registered by letter: basic; has a password",
			Password: testPassword, Activation: testActivation, EmailConfirmed: true,
		},
		{
			Document: "11111111H", Kind: identity.DNI, GivenName: "Dolores", FirstSurname: "Permanente", SecondSurname: "Mayor",
			BirthDate: "1938-11-02", SupportNumber: "BBB000111", IssueDate: "2012-04-10", ValidityDate: "9999-01-01",
			State: identity.Registered, Level: identity.Advanced, Channel: identity.ByOffice,
			Phone: "+34600000004", Email: "dolores@example.org", Certificates: []authority.Kind{authority.DNIe}, Language: "gl", Note: "permanent DNI: the contrast datum is the issue date",
		},
		{
			Document: "99999990S", Kind: identity.DNI, GivenName: "Andrés", FirstSurname: "Vídeo", SecondSurname: "Prueba",
			BirthDate: "1999-09-09", SupportNumber: "CCC000222", IssueDate: "2023-01-09", ValidityDate: "2033-01-09",
			State: identity.Registered, Level: identity.Basic, Channel: identity.ByVideo,
			Phone: "+34600000005", Email: "andres@example.org", Language: "eu", Note: "registered by video, not reviewed yet: basic",
		},
		{
			Document: "99999018D", Kind: identity.DNI, GivenName: "Lucía", FirstSurname: "Revisada", SecondSurname: "Vídeo",
			BirthDate: "1995-07-30", SupportNumber: "CCC000333", IssueDate: "2023-03-09", ValidityDate: "2033-03-09",
			State: identity.Registered, Level: identity.Advanced, Channel: identity.ByVideo,
			Phone: "+34600000006", Email: "lucia@example.org", Language: "ca-valencia", Note: "registered by video, reviewed: advanced; can activate Cl@ve Permanente",
			Activation: testActivation, EmailConfirmed: true,
		},
		{
			Document: "01000000Y", Kind: identity.DNI, GivenName: "Mateo", FirstSurname: "Menor", SecondSurname: "Muestra",
			BirthDate: "2012-02-29", SupportNumber: "CCC000444", IssueDate: "2024-02-01", ValidityDate: "2029-02-01",
			State: identity.Registered, Level: identity.Advanced, Channel: identity.ByOffice,
			Phone: "+34600000007", Email: "mateo@example.org", Language: "es", Note: "a minor",
		},
		{
			Document: "X1234567L", Kind: identity.ForeignerCard, GivenName: "Anna", FirstSurname: "Foreign",
			BirthDate: "1985-10-10", SupportNumber: "E12345678", IssueDate: "2022-05-05", ValidityDate: "2027-05-05",
			State: identity.Registered, Level: identity.Advanced, Channel: identity.ByOffice,
			Phone: "+351910000001", Email: "anna@example.org", Certificates: []authority.Kind{authority.CitizenNew}, Language: "en", Note: "foreigner card, one surname, foreign phone",
		},
		{
			Document: "Y1234567X", Kind: identity.EUCertificate, GivenName: "Luca", FirstSurname: "Europeo", SecondSurname: "Prova",
			BirthDate: "1992-12-12", SupportNumber: "C01234567", IssueDate: "2019-08-08",
			State: identity.Registered, Level: identity.Basic, Channel: identity.ByLetter,
			Phone: "+34600000009", Email: "luca@example.org", Certificates: []authority.Kind{authority.Citizen}, Language: "es", Note: "EU citizen certificate: basic",
		},
		{
			Document: "Z1234567R", Kind: identity.ResidencePermit, GivenName: "Amina", FirstSurname: "Residente", SecondSurname: "Prueba",
			BirthDate: "1988-04-04", SupportNumber: "E00000042", IssueDate: "2023-10-10", ValidityDate: "2028-10-10",
			State: identity.Registered, Level: identity.Advanced, Channel: identity.ByCertificate,
			Phone: "+34600000010", Email: "amina@example.org", Certificates: []authority.Kind{authority.Software}, Language: "es", Note: "residence permit",
		},
		{
			Document: "00000008P", Kind: identity.DNI, GivenName: "Marta", FirstSurname: "Móvil", SecondSurname: "Prueba",
			BirthDate: "1993-06-21", SupportNumber: "DDD000008", IssueDate: "2023-07-07", ValidityDate: "2033-07-07",
			State: identity.Registered, Level: identity.Advanced, Channel: identity.ByOffice,
			Phone: "+34600000011", Email: "marta@example.org", EmailConfirmed: true, Language: "es", Note: "has the Cl@ve app: a phone in software", Device: true,
		},
		{
			Document: "00000009D", Kind: identity.DNI, GivenName: "Iván", FirstSurname: "Móvil", SecondSurname: "Básico",
			BirthDate: "2001-10-02", SupportNumber: "DDD000009", IssueDate: "2024-01-15", ValidityDate: "2034-01-15",
			State: identity.Registered, Level: identity.Basic, Channel: identity.ByLetter,
			Phone: "+34600000012", Email: "ivan@example.org", Language: "gl", Note: "registered by letter: basic; has the Cl@ve app", Device: true,
		},
		{
			Document: "X0000001R", Kind: identity.ForeignerCard, GivenName: "Mei", FirstSurname: "Telefon", SecondSurname: "Prova",
			BirthDate: "1989-01-17", SupportNumber: "E00000088", IssueDate: "2024-02-20", ValidityDate: "2029-02-20",
			State: identity.Registered, Level: identity.Advanced, Channel: identity.ByCertificate,
			Phone: "+34600000013", Email: "mei@example.org", Certificates: []authority.Kind{authority.Citizen}, Language: "en", Note: "foreigner card; has the Cl@ve app", Device: true,
		},
		{
			Document: "99999972C", Kind: identity.DNI, GivenName: "Cristina", FirstSurname: "Certificada", SecondSurname: "Sola",
			BirthDate: "1970-06-06", SupportNumber: "CCC000555", IssueDate: "2021-11-11", ValidityDate: "2031-11-11",
			State: identity.Unregistered, Certificates: []authority.Kind{authority.Citizen}, Language: "es", Note: "not registered; has a certificate",
		},
		{
			Document: "X0000000T", Kind: identity.ForeignerCard, GivenName: "Igor", FirstSurname: "Nuevo", SecondSurname: "Llegado",
			BirthDate: "1991-01-31", SupportNumber: "E00000077", IssueDate: "2025-01-15", ValidityDate: "2030-01-15",
			State: identity.Unregistered, Language: "es", Note: "not registered",
		},
		{
			Document: "Y0000000Z", Kind: identity.EUCertificate, GivenName: "Hélène", FirstSurname: "Perdue", SecondSurname: "Téléphone",
			BirthDate: "1983-08-18", SupportNumber: "C00000321", IssueDate: "2018-02-02",
			State: identity.PhoneRevoked, Level: identity.Advanced, Channel: identity.ByOffice,
			Email: "helene@example.org", Language: "en", Note: "the phone now belongs to another citizen",
		},
		{
			Document: "Z0000000M", Kind: identity.ResidencePermit, GivenName: "Omar", FirstSurname: "Baja", SecondSurname: "Voluntaria",
			BirthDate: "1979-03-03", SupportNumber: "E00000099", IssueDate: "2022-09-09", ValidityDate: "2027-09-09",
			State: identity.Withdrawn, Level: identity.Advanced, Channel: identity.ByOffice,
			Language: "es", Note: "withdrew",
		},
		{
			Document: "00000002W", Kind: identity.DNI, GivenName: "Nieves", FirstSurname: "Renuncia", SecondSurname: "Tarjeta",
			BirthDate: "1966-02-14", SupportNumber: "BBB000777", IssueDate: "2022-03-03", ValidityDate: "2032-03-03",
			State: identity.Withdrawn, Level: identity.Basic, Channel: identity.ByLetter,
			Certificates: []authority.Kind{authority.DNIe}, Language: "gl", Note: "withdrew; still logs in with the DNIe",
		},
		{
			Document: "00000001R", Kind: identity.DNI, GivenName: "Félix", FirstSurname: "Difunto", SecondSurname: "Prueba",
			BirthDate: "1931-05-05", SupportNumber: "AAA000666", IssueDate: "2010-10-10", ValidityDate: "9999-01-01", DeceasedOn: "2025-12-24",
			State: identity.Deceased, Level: identity.Advanced, Channel: identity.ByOffice,
			Certificates: []authority.Kind{authority.Citizen}, Language: "es", Note: "deceased",
		},
		{
			Document: "00000003A", Kind: identity.DNI, GivenName: "Olga", FirstSurname: "Mostrador", SecondSurname: "Prueba",
			BirthDate: "1982-05-06", SupportNumber: "DDD000003", IssueDate: "2023-05-05", ValidityDate: "2033-05-05",
			State: identity.Unregistered, Certificates: []authority.Kind{authority.Citizen}, Language: "es", Note: "works at the console: officer",
		},
		{
			Document: "00000004G", Kind: identity.DNI, GivenName: "Ramón", FirstSurname: "Repaso", SecondSurname: "Prueba",
			BirthDate: "1974-09-17", SupportNumber: "DDD000004", IssueDate: "2023-05-05", ValidityDate: "2033-05-05",
			State: identity.Unregistered, Certificates: []authority.Kind{authority.Citizen}, Language: "es", Note: "works at the console: reviewer",
		},
		{
			Document: "00000005M", Kind: identity.DNI, GivenName: "Sara", FirstSurname: "Firmante", SecondSurname: "Prueba",
			BirthDate: "1969-12-03", SupportNumber: "DDD000005", IssueDate: "2023-05-05", ValidityDate: "2033-05-05",
			State: identity.Unregistered, Certificates: []authority.Kind{authority.Citizen}, Language: "es", Note: "works at the console: supervisor, of two offices",
		},
		{
			Document: "00000006Y", Kind: identity.DNI, GivenName: "Adela", FirstSurname: "Cargos", SecondSurname: "Prueba",
			BirthDate: "1987-03-28", SupportNumber: "DDD000006", IssueDate: "2023-05-05", ValidityDate: "2033-05-05",
			State: identity.Unregistered, Certificates: []authority.Kind{authority.Citizen}, Language: "es", Note: "works at the console: administrator",
		},
	}
}

// citizenOf finds a citizen by document number.
func citizenOf(document string) (Citizen, bool) {
	for _, c := range Citizens() {
		if c.Document == document {
			return c, true
		}
	}
	return Citizen{}, false
}
