package conf

import (
	"crypto/tls"
	"time"

	"clave/notify/mail"
)

// Mail is the organisation's mail server, by which notices leave: of every change
// of a citizen's data, and to who lost the phone to another. Without address they
// go by text message alone, and what can only be said by e-mail waits and expires.
type Mail struct {
	// Address is the server's host and port for submission.
	Address string `yaml:"address" example:"mail.example:587"`

	// Encryption is starttls, tls (from the first byte, usually on port 465), or
	// none for a server on this very machine. Without it notices tell the network
	// who changed what.
	Encryption string `yaml:"encryption"`

	// CertificateAuthority is a file with the certificates, in PEM, that the
	// server's own must descend from; without it those of the machine.
	CertificateAuthority string `yaml:"certificate_authority" example:"/etc/clave/mail-ca.pem"`

	// Username is the account on the server, if it asks for one.
	Username string `yaml:"username" example:"clave"`

	// PasswordFile is a file with the account's password. It must not be readable
	// by everybody. It is read for each batch, so that a new password needs no
	// restart.
	PasswordFile string `yaml:"password_file" example:"/etc/clave/mail-password"`

	// Sender is the bare address that e-mails come from, and to which what cannot be
	// delivered comes back. Its domain should have SPF and DKIM for the server, or
	// notices end among the unwanted.
	Sender string `yaml:"sender" example:"no-reply@clave.example"`

	// Name is what people see beside the address.
	Name string `yaml:"name"`

	// Timeout is how long the server may take to connect, and for each e-mail.
	Timeout time.Duration `yaml:"timeout"`
}

func defaultMail() Mail {
	return Mail{Encryption: string(mail.STARTTLS), Name: "Cl@ve", Timeout: 30 * time.Second}
}

// Settings are those of the carrier.
func (m Mail) Settings() (mail.Settings, error) { return m.settings(disk{}) }

func (m Mail) settings(f files) (mail.Settings, error) {
	settings := mail.Settings{
		Address: m.Address, Encryption: mail.Encryption(m.Encryption), Username: m.Username, PasswordFile: m.PasswordFile,
		Sender: m.Sender, Name: m.Name, Timeout: m.Timeout,
	}
	if m.CertificateAuthority == "" {
		return settings, nil
	}
	roots, err := readAuthorities(f, m.CertificateAuthority)
	if err != nil {
		return settings, err
	}
	settings.TLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return settings, nil
}

func (c checker) mail(m Mail) {
	if m.Address == "" {
		for field, value := range map[string]string{"sender": m.Sender, "username": m.Username, "password_file": m.PasswordFile} {
			if value != "" {
				c.problem("mail."+field, "is not used without an address")
			}
		}
		return
	}
	if (m.Username == "") != (m.PasswordFile == "") {
		c.problem("mail.username", "and password_file go together; give both or none")
	}
	if m.PasswordFile != "" {
		c.secret("mail.password_file", m.PasswordFile)
	}
	settings, err := m.settings(c.files)
	if err == nil {
		settings.Username, settings.PasswordFile = "", "" // they are looked at above
		_, err = mail.NewSMTP(settings, time.Now)
	}
	c.each("mail", err)
	c.between("mail.timeout", m.Timeout, time.Second, 5*time.Minute)
}
