package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"clave/identity"
)

// Encryption says how the connection to the server is protected.
type Encryption string

// The ways of protecting it.
const (
	// STARTTLS begins in clear and goes on encrypted, or not at all (RFC 3207).
	STARTTLS Encryption = "starttls"
	// Implicit is encrypted from its first byte (RFC 8314, section 3).
	Implicit Encryption = "tls"
	// Clear is for a mail server on this very machine.
	Clear Encryption = "none"
)

// Settings describe the mail server. Zero values take the defaults.
type Settings struct {
	// Address is host:port of the server. Required.
	Address string
	// Encryption. Default STARTTLS.
	Encryption Encryption
	// TLS is for a private certificate authority; nil trusts those of the machine.
	TLS *tls.Config
	// Username and PasswordFile are the account, if the server asks for one. The
	// file is read for each batch, so a new password needs no restart.
	Username, PasswordFile string
	// Sender is the bare address that e-mails come from; bounces go there. Required.
	Sender string
	// Name is shown beside the sender's address. Default "Cl@ve".
	Name string
	// Timeout bounds connecting, and then each message. Default 30 s.
	Timeout time.Duration
}

// complete fills in defaults and reports all mistakes at once.
func (s *Settings) complete() error {
	if s.Encryption == "" {
		s.Encryption = STARTTLS
	}
	if s.Name == "" {
		s.Name = "Cl@ve"
	}
	if s.Timeout == 0 {
		s.Timeout = 30 * time.Second
	}
	var mistakes []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			mistakes = append(mistakes, fmt.Errorf(format, args...))
		}
	}
	host, _, err := s.split()
	refuse(err != nil, "address is not host:port, such as mail.example:587")
	switch s.Encryption {
	case STARTTLS, Implicit:
	case Clear:
		refuse(err == nil && !isLoopback(host), "encryption is none, which only a mail server on this machine excuses; give starttls or tls")
	default:
		refuse(true, "encryption %q is unknown; give starttls, tls or none", s.Encryption)
	}
	_, err = identity.ParseEmail(s.Sender)
	refuse(err != nil, "sender is not a bare address such as no-reply@clave.example")
	refuse(strings.ContainsAny(s.Name, "\r\n"), "name has a line break")
	refuse((s.Username == "") != (s.PasswordFile == ""), "username and password_file go together; give both or none")
	if s.PasswordFile != "" {
		if _, err := s.password(); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	return errors.Join(mistakes...)
}

func (s *Settings) split() (host string, port int, err error) {
	host, text, err := net.SplitHostPort(s.Address)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	if err == nil && (host == "" || port < 1 || port > 65535) {
		err = errors.New("no host or no port")
	}
	return host, port, err
}

func (s *Settings) password() (string, error) {
	if s.PasswordFile == "" {
		return "", nil
	}
	content, err := os.ReadFile(s.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("password_file: %w", err)
	}
	password := strings.TrimRight(string(content), "\r\n")
	if password == "" {
		return "", errors.New("password_file is empty")
	}
	return password, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
