package push

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"clave/keys"
)

// Signers hold the key that shows who sends; keys.Keyring.Push does.
type Signers interface {
	Active(alg string) (keys.SigningKey, error)
}

// Settings describe how pushes leave. Zero values take the defaults.
type Settings struct {
	// Services are the hosts of the push services: each stands for itself and for
	// what is below it. Default DefaultServices.
	Services []string
	// Contact is whom a push service's operator may turn to: a mailto: or https:
	// address. Required.
	Contact string
	// Timeout of one request. Default 10 s.
	Timeout time.Duration
	// Parallel requests. Default 10.
	Parallel int
	// Loopback lets http addresses of this machine in, for tests.
	Loopback bool
}

// DefaultServices are the push services of the browsers that people use.
// Source: what their makers document or their browsers hand out: Chrome and what is
// built on it, Firefox, Safari, Edge.
func DefaultServices() []string {
	return strings.Fields("fcm.googleapis.com push.services.mozilla.com push.apple.com notify.windows.com")
}

// complete fills in defaults and reports all mistakes at once.
func (s *Settings) complete() error {
	if s.Services == nil {
		s.Services = DefaultServices()
	}
	if s.Timeout == 0 {
		s.Timeout = 10 * time.Second
	}
	if s.Parallel == 0 {
		s.Parallel = 10
	}
	var mistakes []error
	for i, host := range s.Services {
		if !hostname(host) {
			mistakes = append(mistakes, fmt.Errorf("services[%d] is not a host's name in lower case, such as push.example", i))
		}
	}
	contact, err := url.Parse(s.Contact)
	if err != nil || !(contact.Scheme == "mailto" && strings.Contains(contact.Opaque, "@") || contact.Scheme == "https" && contact.Host != "") {
		mistakes = append(mistakes, errors.New("contact is neither mailto:somebody@example nor an https address"))
	}
	if s.Parallel < 1 || s.Parallel > 1000 {
		mistakes = append(mistakes, fmt.Errorf("parallel is %d; give 1 to 1000", s.Parallel))
	}
	return errors.Join(mistakes...)
}

// hostname tells whether a text is a name of two labels or more, and no address of a
// machine.
func hostname(text string) bool {
	labels := strings.Split(text, ".")
	return len(labels) > 1 && !slices.ContainsFunc(labels, func(l string) bool {
		return l == "" || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != ""
	}) && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

// Forgetter is told which subscriptions are no more.
type Forgetter interface {
	// ForgetSubscription takes the endpoint away from the device, unless the device
	// has another one by now.
	ForgetSubscription(ctx context.Context, device, endpoint string) error
}
