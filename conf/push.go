package conf

import (
	"cmp"
	"time"

	"clave/notify/push"
)

// Push is how the Cl@ve app is woken when a login or a PIN waits for it: by the push
// services of the browsers' makers, which learn when that is, and nothing more. Without
// it citizens open the app themselves.
type Push struct {
	// Services are the hosts of those push services, each with all that is below it.
	// Nothing is posted anywhere else, whatever a browser says. Nodes have to get there
	// by https, directly or by HTTPS_PROXY. An empty list ([]) turns pushes off; a
	// browser whose service is missing takes none.
	Services []string `yaml:"services"`

	// Contact is whom a push service may turn to when we send it too much: a mailto: or
	// https: address; the issuer's when empty.
	Contact string `yaml:"contact" example:"mailto:ayuda@clave.example"`

	// Timeout is how long a push service may take to answer one push.
	Timeout time.Duration `yaml:"timeout"`

	// Parallel is how many pushes are posted at once.
	Parallel int `yaml:"parallel"`
}

func defaultPush() Push {
	return Push{Services: push.DefaultServices(), Timeout: 10 * time.Second, Parallel: 10}
}

// Settings are those of the carrier; nil when nothing is pushed.
func (p Push) Settings(issuer string) *push.Settings {
	if len(p.Services) == 0 {
		return nil
	}
	return &push.Settings{Services: p.Services, Contact: cmp.Or(p.Contact, issuer), Timeout: p.Timeout, Parallel: p.Parallel}
}

func (c checker) push(p Push, issuer string) {
	const at = "movil.push"
	if settings := p.Settings(issuer); settings != nil && (p.Contact != "" || !c.document.Faulty("server.issuer")) {
		_, err := push.New(*settings, nil, nil, time.Now)
		c.each(at, err)
	}
	c.between(at+".timeout", p.Timeout, time.Second, time.Minute)
}
