package identity

import "fmt"

// Method is a way to prove who you are.
type Method string

// The methods, in the order in which a chooser shows them.
const (
	PIN         Method = "pin"
	Movil       Method = "movil"
	Permanente  Method = "permanente"
	Certificate Method = "certificate"
	EIDAS       Method = "eidas"
)

// Methods returns all methods in the order of the chooser.
func Methods() []Method { return []Method{PIN, Movil, Permanente, Certificate, EIDAS} }

// ParseMethod reads the name of a method.
func ParseMethod(s string) (Method, error) {
	switch m := Method(s); m {
	case PIN, Movil, Permanente, Certificate, EIDAS:
		return m, nil
	}
	return "", fmt.Errorf("unknown method %q: want pin, movil, permanente, certificate or eidas", s)
}

// NeedsRegistration reports whether the method works only for registered
// citizens, whose registration then bounds the level reached.
// Source: BOE-A-2015-14215, annex, sections 1 and 2.
func (m Method) NeedsRegistration() bool {
	switch m {
	case Certificate, EIDAS:
		return false
	case PIN, Movil, Permanente:
	}
	return true
}

// Channel is how a citizen registered.
type Channel string

// The registration channels.
const (
	ByLetter      Channel = "letter"
	ByVideo       Channel = "video"
	ByCertificate Channel = "certificate"
	ByOffice      Channel = "office"
)

// ParseChannel reads the name of a channel.
func ParseChannel(s string) (Channel, error) {
	switch c := Channel(s); c {
	case ByLetter, ByVideo, ByCertificate, ByOffice:
		return c, nil
	}
	return "", fmt.Errorf("unknown registration channel %q: want letter, video, certificate or office", s)
}
