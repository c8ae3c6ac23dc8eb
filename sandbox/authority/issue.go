package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"

	"clave/internal/oid"
)

// Holder is who a certificate is for.
type Holder struct{ Document, GivenName, FirstSurname, SecondSurname string }

// Kind is a profile, and what is wrong with the certificate.
type Kind string

// The kinds. Policies and names are those that the real issuers publish: FNMT-RCM,
// "Declaración de prácticas de certificación" and profile annexes; Dirección
// General de la Policía, DNIe CPS; ETSI EN 319 411-2, section 5.3; Ley 6/2020 for
// public employees' profiles; Consorci AOC, "Descripció dels perfils de certificats".
// Of ACCV, AC Camerfirma and Izenpe the policies are some that they have, and how the
// names stand is how others of them have been seen.
const (
	Citizen        Kind = "citizen"         // FNMT, in software
	CitizenNew     Kind = "citizen_new"     // FNMT, its new authority
	CitizenRSA     Kind = "citizen_rsa"     // FNMT, with an RSA key of 2048 bits
	CitizenP384    Kind = "citizen_p384"    // FNMT, with a key on the curve P-384
	DNIe           Kind = "dnie"            // authentication certificate of the DNIe
	Card           Kind = "card"            // another issuer's card (QCP-n-qscd)
	Software       Kind = "software"        // another issuer's file (QCP-n)
	IdCAT          Kind = "idcat"           // Consorci AOC, in software
	ACCV           Kind = "accv"            // ACCV, in software
	Camerfirma     Kind = "camerfirma"      // AC Camerfirma, in software
	Izenpe         Kind = "izenpe"          // Izenpe, on a card
	DNIeSignature  Kind = "dnie_signature"  // signature certificate of the DNIe
	Representative Kind = "representative"  // FNMT, of a company's administrator
	LinkedPerson   Kind = "linked_person"   // Consorci AOC, of who is linked to an administration
	CompanyMember  Kind = "company_member"  // ACCV, of who belongs to a company
	Seal           Kind = "seal"            // of an organisation (QCP-l)
	Pseudonym      Kind = "pseudonym"       // holder without a name
	Employee       Kind = "public_employee" // of an administration
	WrongUsage     Kind = "wrong_usage"     // for encryption only
	ServerOnly     Kind = "server_only"     // extended usage without client authentication
	OtherPolicy    Kind = "other_policy"    // a policy that nobody has listed
	Passport       Kind = "passport"        // a natural person without DNI or NIE
	TwoNumbers     Kind = "two_numbers"     // one number in the subject, another beside it
	Expired        Kind = "expired"
	NotYetValid    Kind = "not_yet_valid"
	Revoked        Kind = "revoked"
	WeakKey        Kind = "weak_key"       // an RSA key of 1024 bits
	WeakSignature  Kind = "weak_signature" // signed with SHA-1
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{
		Citizen, CitizenNew, CitizenRSA, CitizenP384, DNIe, Card, Software, IdCAT, ACCV, Camerfirma, Izenpe,
		DNIeSignature, Representative, LinkedPerson, CompanyMember, Seal, Pseudonym, Employee, WrongUsage,
		ServerOnly, OtherPolicy, Passport, TwoNumbers, Expired, NotYetValid, Revoked,
		WeakKey, WeakSignature,
	}
}

// Policies of the profiles.
const (
	policyFNMT           = "1.3.6.1.4.1.5734.3.10.1"
	policyFNMTNew        = "1.3.6.1.4.1.5734.3.20.1.0"
	policyRepresentative = "1.3.6.1.4.1.5734.3.11.1"
	policySeal           = "1.3.6.1.4.1.5734.3.11.4"
	policyDNIe           = "2.16.724.1.2.2.2.4"
	policyDNIeSignature  = "2.16.724.1.2.2.2.3"
	policyEmployee       = "2.16.724.1.3.5.7.2"
	policyNatural        = "0.4.0.194112.1.0"
	policyLegal          = "0.4.0.194112.1.1"
	policyNaturalDevice  = "0.4.0.194112.1.2"
	policyIdCAT          = "1.3.6.1.4.1.15096.1.3.2.86.2"
	policyLinked         = "1.3.6.1.4.1.15096.1.3.2.82.1"
	policyACCV           = "1.3.6.1.4.1.8149.3.7.4.0"
	policyCompany        = "1.3.6.1.4.1.8149.3.25.4.0"
	policyCamerfirma     = "1.3.6.1.4.1.17326.10.16.2.1.1"
	policyIzenpe         = "1.3.6.1.4.1.14777.2.6"
	policyOther          = "1.3.6.1.4.1.99999.1"
)

// Issued is a certificate with its key.
type Issued struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
	// Chain is the certificate and the authority below the root.
	Chain []*x509.Certificate
}

// TLS is the certificate for a client.
func (i *Issued) TLS() *tls.Certificate {
	c := &tls.Certificate{PrivateKey: i.Key, Leaf: i.Certificate}
	for _, certificate := range i.Chain {
		c.Certificate = append(c.Certificate, certificate.Raw)
	}
	return c
}

// Issue issues a certificate. The same kind for the same holder has the same key
// and serial number each time.
func (c *CA) Issue(kind Kind, h Holder) (*Issued, error) {
	key, err := c.keyFor(kind, string(kind)+"\n"+h.Document)
	if err != nil {
		return nil, err
	}
	return c.IssueFor(kind, h, key)
}

// IssueFor is Issue for a key of the caller's, such as an RSA key.
func (c *CA) IssueFor(kind Kind, h Holder, key crypto.Signer) (*Issued, error) {
	template, err := c.template(kind, h)
	if err != nil {
		return nil, err
	}
	certificate, err := c.sign(template, c.Issuer, c.issuer, key)
	if err != nil {
		return nil, err
	}
	return &Issued{certificate, key, []*x509.Certificate{certificate, c.Issuer}}, nil
}

// SerialOf is the serial number of what Issue gives.
func SerialOf(kind Kind, h Holder) *big.Int { return serial(string(kind) + "\n" + h.Document) }

func (c *CA) template(kind Kind, h Holder) (*x509.Certificate, error) {
	t := &x509.Certificate{
		SerialNumber: SerialOf(kind, h), NotBefore: c.Root.NotBefore, NotAfter: c.Root.NotAfter,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageEmailProtection},
		OCSPServer:  listOf(c.where.OCSP), CRLDistributionPoints: listOf(c.where.CRL),
	}
	surnames := strings.TrimSpace(h.FirstSurname + " " + h.SecondSurname)
	person := []attribute{
		country, {oid.SerialNumber, "IDCES-" + h.Document}, {oid.GivenName, h.GivenName}, {oid.Surname, surnames},
		{oid.CommonName, surnames + " " + h.GivenName + " - " + h.Document},
	}
	company := []attribute{organisation("Empresa de Ejemplo SA"), {oid.OrganisationID, "VATES-A28000001"}}
	policies, device, seal := []string{policyFNMT, policyNatural}, false, false
	fnmt := alternative(attribute{oid.FNMTGivenName, h.GivenName}, attribute{oid.FNMTFirstSurname, h.FirstSurname},
		attribute{oid.FNMTSecondSurname, h.SecondSurname}, attribute{oid.FNMTNumber, h.Document})
	var extra []pkix.Extension
	switch kind {
	case Citizen, CitizenRSA, CitizenP384, Revoked, WeakKey:
		extra = append(extra, fnmt)
	case WeakSignature:
		t.SignatureAlgorithm = c.sha1()
		extra = append(extra, fnmt)
	case CitizenNew:
		policies = []string{policyFNMTNew, policyNatural}
		extra = append(extra, fnmt)
	case DNIe, DNIeSignature:
		suffix := " (AUTENTICACIÓN)"
		policies, device, t.ExtKeyUsage = []string{policyDNIe}, true, nil
		if kind == DNIeSignature {
			policies, suffix, t.KeyUsage = []string{policyDNIeSignature}, " (FIRMA)", x509.KeyUsageContentCommitment
		}
		person = []attribute{
			country, {oid.SerialNumber, h.Document}, {oid.Surname, h.FirstSurname}, {oid.GivenName, h.GivenName},
			{oid.CommonName, surnames + ", " + h.GivenName + suffix},
		}
	case Card:
		policies, device = []string{policyNaturalDevice}, true
	case Software:
		policies = []string{policyNatural}
	case IdCAT:
		policies = []string{policyIdCAT, policyNatural}
		person[4] = attribute{oid.CommonName, surnames + " " + h.GivenName + " - DNI " + h.Document}
	case ACCV, CompanyMember:
		policies = []string{policyACCV, policyNatural}
		if kind == CompanyMember {
			policies[0] = policyCompany
		}
		person[1] = attribute{oid.SerialNumber, h.Document}
		person[4] = attribute{oid.CommonName, h.GivenName + " " + surnames + " - NIF:" + h.Document}
		person = append(person, organisation("ACCV"))
	case Camerfirma:
		policies = []string{policyCamerfirma, policyNatural}
		person[4] = attribute{oid.CommonName, h.GivenName + " " + surnames}
	case Izenpe:
		policies, device = []string{policyIzenpe, policyNaturalDevice}, true
		person[1] = attribute{oid.SerialNumber, "PNOES-" + h.Document}
		person[4] = attribute{oid.CommonName, h.GivenName + " " + surnames}
	case LinkedPerson:
		policies, device = []string{policyLinked, policyNaturalDevice}, true
		person[3] = attribute{oid.Surname, surnames + " - DNI " + h.Document}
		person = append(person, company...)
	case Representative:
		policies = []string{policyRepresentative, policyNatural}
		person = append(person, company...)
	case Seal:
		policies, seal = []string{policySeal, policyLegal}, true
		person = append([]attribute{country, {oid.SerialNumber, "A28000001"}, {oid.CommonName, "SELLO DE EJEMPLO"}}, company...)
	case Pseudonym:
		policies = []string{policyNatural}
		person = []attribute{country, {oid.Pseudonym, "12-34"}, {oid.CommonName, "SEUDONIMO 12-34"}}
	case Employee:
		policies = []string{policyEmployee, policyNatural}
		person[3] = attribute{oid.Surname, surnames + " - DNI " + h.Document}
		person = append(person, organisation("Ayuntamiento de Ejemplo"), attribute{oid.OrganisationID, "VATES-P2807900B"})
	case WrongUsage:
		t.KeyUsage = x509.KeyUsageKeyEncipherment
	case ServerOnly:
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	case OtherPolicy:
		policies = []string{policyOther}
	case Passport:
		policies = []string{policyNatural}
		person[1] = attribute{oid.SerialNumber, "PASFR-12AB34567"}
	case TwoNumbers:
		extra = append(extra, alternative(attribute{oid.FNMTGivenName, h.GivenName}, attribute{oid.FNMTNumber, "12345679S"}))
	case Expired:
		t.NotBefore, t.NotAfter = c.Root.NotBefore, c.Root.NotBefore.Add(time.Hour)
	case NotYetValid:
		t.NotBefore = c.Root.NotBefore.AddDate(10, 0, 0)
	default:
		return nil, fmt.Errorf("issuing a certificate: kind %q is unknown", kind)
	}
	for _, policy := range policies {
		id, err := x509.ParseOID(policy)
		if err != nil {
			return nil, fmt.Errorf("issuing a certificate: %w", err)
		}
		t.Policies = append(t.Policies, id)
	}
	t.RawSubject = name(person...)
	qcType := oidQCTypeSignature
	if seal {
		qcType = oid.QCTypeSeal
	}
	t.ExtraExtensions = append(extra, qualified(qcType, device))
	return t, nil
}

// sha1 is the old signature that the issuer's key can make.
func (c *CA) sha1() x509.SignatureAlgorithm {
	if _, is := c.issuer.(*rsa.PrivateKey); is {
		return x509.SHA1WithRSA
	}
	return x509.ECDSAWithSHA1
}

// serverLifetime is how long a server's certificate lasts: browsers refuse more
// than 825 days even from a root that somebody installed.
// Source: Apple, "Requirements for trusted certificates in iOS 13 and macOS 10.15".
const serverLifetime = 365 * 24 * time.Hour

// Server issues a certificate for our own listener.
func (c *CA) Server(now time.Time, names ...string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a server's key: %w", err)
	}
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: number, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(serverLifetime),
		RawSubject: name(organisation(Organisation), attribute{oid.CommonName, names[0]}), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range names {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	certificate, err := c.sign(template, c.Issuer, c.issuer, key)
	if err != nil {
		return nil, err
	}
	return (&Issued{certificate, key, []*x509.Certificate{certificate, c.Issuer}}).TLS(), nil
}
