package saml2

import "github.com/beevik/etree"

// Status is how a request ended. Source: SAML 2.0 Core, section 3.2.2.
type Status struct {
	// Code is one for the top, such as StatusSuccess.
	Code string
	// Second says more, such as StatusNoPassive; empty for nothing.
	Second string
	// Message is for people; empty for none.
	Message string
}

// Theirs is how a request ends that its service has to change. The message is for the
// integrator: why, and what to do. It is stable, in English, and names no personal data.
func Theirs(second, message string) *Status { return &Status{StatusRequester, second, message} }

// Ours is how one ends that need not be changed. The message is as that of Theirs.
func Ours(second, message string) *Status { return &Status{StatusResponder, second, message} }

// statusOf reads a status; of codes further in, the first counts.
func statusOf(el *etree.Element) (Status, error) {
	var s Status
	p, err := partsOf(el)
	if err != nil {
		return s, err
	}
	code, err := p.one(spaceProtocol, "StatusCode")
	if err != nil {
		return s, err
	}
	if code == nil || value(code, "Value") == "" {
		return s, invalid("a status without a code")
	}
	s.Code = value(code, "Value")
	for _, second := range code.ChildElements() {
		if is(second, spaceProtocol, "StatusCode") {
			s.Second = value(second, "Value")
			break
		}
	}
	message, err := p.one(spaceProtocol, "StatusMessage")
	if err != nil {
		return s, err
	}
	if message != nil {
		if s.Message, err = text(message); err != nil {
			return s, err
		}
	}
	if _, err := p.one(spaceProtocol, "StatusDetail"); err != nil {
		return s, err
	}
	return s, p.done()
}

func (n Prefixes) status(s Status) *etree.Element {
	el := etree.NewElement(n.protocol("Status"))
	code := el.CreateElement(n.protocol("StatusCode"))
	code.CreateAttr("Value", s.Code)
	if s.Second != "" {
		code.CreateElement(n.protocol("StatusCode")).CreateAttr("Value", s.Second)
	}
	if s.Message != "" {
		el.CreateElement(n.protocol("StatusMessage")).SetText(s.Message)
	}
	return el
}
