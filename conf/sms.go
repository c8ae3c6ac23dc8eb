package conf

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"time"

	"clave/notify/sms"
)

// SMS is how text messages leave the house: by SMPP or by an HTTP gateway.
// Without them nobody gets a PIN.
type SMS struct {
	// Carrier is smpp or gateway; the section of that name must be filled in.
	Carrier string `yaml:"carrier" example:"smpp" required:"true"`

	// SMPP is the connection to an operator's message centre (SMPP 3.4).
	SMPP SMPP `yaml:"smpp"`

	// Gateway is an HTTP gateway that takes JSON.
	Gateway Gateway `yaml:"gateway"`
}

// SMPP is the connection to an operator's message centre.
type SMPP struct {
	// Address is the centre's host and port.
	Address string `yaml:"address" example:"smsc.example:2775" required:"true"`

	// TLS encrypts the connection; most centres have another port for it. Without
	// it codes travel in clear, which only a private line to the operator excuses.
	TLS bool `yaml:"tls"`

	// CertificateAuthority is a file with the certificates, in PEM, that the
	// centre's own must descend from; without it those of the machine.
	CertificateAuthority string `yaml:"certificate_authority" example:"/etc/clave/smsc-ca.pem"`

	// SystemID is the account that the operator assigned, 15 characters at most.
	SystemID string `yaml:"system_id" example:"clave" required:"true"`

	// PasswordFile is a file with the account's password, 8 characters at most.
	// It must not be readable by everybody.
	PasswordFile string `yaml:"password_file" example:"/etc/clave/smpp-password" required:"true"`

	// SystemType is what some operators ask for, 12 characters at most.
	SystemType string `yaml:"system_type" example:"VMA"`

	// ServiceType is what some operators ask for, 5 characters at most.
	ServiceType string `yaml:"service_type" example:"CMT"`

	// Sender is what phones show: a name of 11 characters at most, or a number.
	Sender string `yaml:"sender" example:"CLAVE"`

	// PerSecond is how many messages a second the operator takes; 0 leaves it to
	// the centre to slow us down. Too many, and the operator may close the line.
	PerSecond int `yaml:"per_second"`

	// Window is how many messages may wait for the centre's answer at once.
	Window int `yaml:"window"`

	// Packing is unpacked (one character an octet, what most centres want) or
	// packed. The wrong one makes messages unreadable.
	Packing string `yaml:"packing"`

	// Long is how a text too long for one message travels: udh (in parts, which
	// every centre knows) or payload (the centre parts it). Codes fit in one.
	Long string `yaml:"long"`

	// ReceiptID is how ids in delivery receipts are written: same, or decimal for
	// centres that answer in hexadecimal and report in decimal. The wrong one
	// leaves all messages without receipt.
	ReceiptID string `yaml:"receipt_id"`
}

// Gateway is an HTTP gateway.
type Gateway struct {
	// URL is where messages are posted to, as JSON with the fields id, to, text,
	// sender and validity_seconds. https; http only to this machine.
	URL string `yaml:"url" example:"https://sms.example/send"`

	// SecretFile is a file with the bearer secret. It must not be readable by
	// everybody. It is read for each batch, so that a new secret needs no restart.
	SecretFile string `yaml:"secret_file" example:"/etc/clave/sms-secret"`

	// Sender is what phones show, if the gateway lets us choose.
	Sender string `yaml:"sender" example:"CLAVE"`

	// Timeout is how long the gateway may take to answer one message.
	Timeout time.Duration `yaml:"timeout"`

	// Parallel is how many messages are posted at once.
	Parallel int `yaml:"parallel"`
}

func defaultSMS() SMS {
	return SMS{
		SMPP:    SMPP{Window: 10, Packing: "unpacked", Long: "udh", ReceiptID: "same"},
		Gateway: Gateway{Timeout: 10 * time.Second, Parallel: 10},
	}
}

// Settings are those of the carrier, with the secrets read.
func (s SMPP) Settings() (sms.SMPPSettings, error) { return s.settings(disk{}) }

func (s SMPP) settings(f files) (sms.SMPPSettings, error) {
	settings := sms.SMPPSettings{
		Address: s.Address, SystemID: s.SystemID, SystemType: s.SystemType, ServiceType: s.ServiceType,
		Source: source(s.Sender), PerSecond: float64(s.PerSecond), Window: s.Window,
		Packing: sms.Packing(s.Packing), Long: sms.LongMode(s.Long), ReceiptID: sms.ReceiptID(s.ReceiptID),
	}
	if s.PasswordFile != "" {
		password, err := readSecret(f, s.PasswordFile)
		if err != nil {
			return settings, errors.New("password_file " + err.Error())
		}
		settings.Password = strings.TrimSpace(string(password))
	}
	if !s.TLS {
		return settings, nil
	}
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		return settings, errors.New("address is not host:port")
	}
	settings.TLS = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if s.CertificateAuthority != "" {
		if settings.TLS.RootCAs, err = readAuthorities(f, s.CertificateAuthority); err != nil {
			return settings, err
		}
	}
	return settings, nil
}

// source tells names from numbers. Source: SMPP 3.4, section 5.2.5 (type 5 is
// alphanumeric, 1 international, 3 network specific).
func source(sender string) sms.Address {
	digits := strings.TrimPrefix(sender, "+")
	switch {
	case sender == "":
		return sms.Address{}
	case strings.Trim(digits, "0123456789") != "":
		return sms.Address{TON: 5, Number: sender}
	case digits != sender:
		return sms.Address{TON: 1, NPI: 1, Number: digits}
	}
	return sms.Address{TON: 3, NPI: 1, Number: sender}
}

// Settings are those of the carrier.
func (g Gateway) Settings() sms.GatewaySettings {
	return sms.GatewaySettings{URL: g.URL, SecretFile: g.SecretFile, Sender: g.Sender, Timeout: g.Timeout, Parallel: g.Parallel}
}

func (c checker) sms(s SMS) {
	at := "sms"
	switch s.Carrier {
	case "smpp":
		settings, err := s.SMPP.settings(c.files)
		if err == nil {
			_, err = sms.NewSMPP(settings, nil, slog.New(slog.DiscardHandler), time.Now)
		}
		c.each(at+".smpp", err)
		if s.SMPP.CertificateAuthority != "" && !s.SMPP.TLS {
			c.problem(at+".smpp.certificate_authority", "is not used without tls: true")
		}
	case "gateway":
		c.secret(at+".gateway.secret_file", s.Gateway.SecretFile)
		if !c.document.Faulty(at + ".gateway.secret_file") {
			_, err := sms.NewGateway(s.Gateway.Settings(), time.Now)
			c.each(at+".gateway", err)
		}
		c.between(at+".gateway.timeout", s.Gateway.Timeout, time.Second, time.Minute)
	case "":
		c.problem(at+".carrier", "is missing; give smpp or gateway, without which nobody gets a PIN")
	default:
		c.problem(at+".carrier", "is unknown; give smpp or gateway")
	}
}
