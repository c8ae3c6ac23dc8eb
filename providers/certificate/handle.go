package certificate

import (
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"clave/broker"
)

// handle names one attempt of one login at the host of the certificates. Asked is
// its number too: of two handles of a login the later one counts, and each works
// once. The browser carries it sealed.
type handle struct {
	Login broker.LoginID
	Asked time.Time
}

// handlePurpose binds what is sealed to this use.
const handlePurpose = "certificate handle"

func (p *Provider) sealHandle(h handle) string {
	plain := string(h.Login) + "\n" + strconv.FormatInt(h.Asked.UnixMicro(), 10)
	return base64.RawURLEncoding.EncodeToString(p.Sealer.Seal([]byte(plain), handlePurpose))
}

// openHandle reads a handle; false for what we have not sealed.
func (p *Provider) openHandle(text string) (handle, bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return handle{}, false
	}
	plain, err := p.Sealer.Open(sealed, handlePurpose)
	if err != nil {
		return handle{}, false
	}
	login, at, _ := strings.Cut(string(plain), "\n")
	asked, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return handle{}, false
	}
	return handle{broker.LoginID(login), time.UnixMicro(asked).UTC()}, true
}

// Handle makes a handle for a login.
func (p *Provider) Handle(l *broker.Login) string {
	return p.sealHandle(handle{l.Request.ID, p.Now()})
}

// address is where the browser shows its certificate.
func (p *Provider) address(l *broker.Login) string {
	return strings.Replace(p.Host, "*", freshLabel(), 1) + "/" + p.Handle(l)
}

// FreshHost tells whether each attempt has a host name of its own: then no browser
// shows the certificate of whoever was there before without asking.
func (p *Provider) FreshHost() bool { return strings.Contains(p.Host, "*") }

// freshLabel is 16 letters and digits, random: 80 bits.
func freshLabel() string { return strings.ToLower(rand.Text()[:16]) }
