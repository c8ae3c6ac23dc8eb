package saml2

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// xmlSpace is what XML takes for space.
const xmlSpace = " \t\r\n"

// attribute is the value of an attribute of no namespace, and whether it stands there.
func attribute(el *etree.Element, key string) (value string, stands bool) {
	for _, a := range el.Attr {
		if a.Space == "" && a.Key == key {
			return a.Value, true
		}
	}
	return "", false
}

// value is that of an attribute; empty without one.
func value(el *etree.Element, key string) string {
	v, _ := attribute(el, key)
	return v
}

// truth reads an attribute of two values; without it, it is false.
func truth(el *etree.Element, key string) (bool, error) {
	v, stands := attribute(el, key)
	switch strings.Trim(v, xmlSpace) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	if !stands {
		return false, nil
	}
	return false, invalid("%s is neither true nor false", key)
}

// number reads an attribute that is a small number; nil without it.
func number(el *etree.Element, key string) (*int, error) {
	v, stands := attribute(el, key)
	if !stands {
		return nil, nil
	}
	n, err := strconv.ParseUint(strings.Trim(v, xmlSpace), 10, 16)
	if err != nil {
		return nil, invalid("%s is no number up to 65535", key)
	}
	small := int(n)
	return &small, nil
}

// text is that of an element that has nothing else in it.
func text(el *etree.Element) (string, error) {
	var b strings.Builder
	for _, child := range el.Child {
		switch t := child.(type) {
		case *etree.CharData:
			b.WriteString(t.Data)
		case *etree.Comment: // as the canonical form has it
		default:
			return "", invalid("%s has more in it than text", el.Tag)
		}
	}
	return strings.Trim(b.String(), xmlSpace), nil
}

// needed is the text of an element, which may not be empty.
func needed(el *etree.Element) (string, error) {
	s, err := text(el)
	if err == nil && s == "" {
		err = invalid("%s is empty", el.Tag)
	}
	return s, err
}

// is tells whether an element has this name.
func is(el *etree.Element, space, name string) bool {
	return el.Tag == name && el.NamespaceURI() == space
}

// idShape is that of an ID: names in ASCII, bounded, which stand in an answer as they
// are. Some services have bare UUIDs, which begin with a digit and so are no names.
// Source: Namespaces in XML 1.0, section 3; the rest is our choice.
var idShape = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,255}$`)

// instant reads a time. With a zone it may lack its own, and have an offset.
// Source: SAML 2.0 Core, section 1.3.3, wants UTC and Z.
func instant(v string, zone *time.Location) (time.Time, error) {
	v = strings.Trim(v, xmlSpace)
	t, err := time.Parse(time.RFC3339Nano, v)
	switch {
	case err == nil && (zone != nil || strings.HasSuffix(v, "Z")):
		return t.UTC(), nil
	case zone != nil:
		if t, err = time.ParseInLocation("2006-01-02T15:04:05.999999999", v, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, invalid("a time is not written as 2006-01-02T15:04:05Z")
}

// parts walks the children of a message: each has to be asked for by its name, once.
type parts struct {
	of   *etree.Element
	left []*etree.Element
}

func partsOf(el *etree.Element) (*parts, error) {
	for _, child := range el.Child {
		if data, is := child.(*etree.CharData); is && strings.Trim(data.Data, xmlSpace) != "" {
			return nil, invalid("%s has text beside its parts", el.Tag)
		}
	}
	return &parts{of: el, left: el.ChildElements()}, nil
}

// all takes the children of a name.
func (p *parts) all(space, name string) []*etree.Element {
	var found, left []*etree.Element
	for _, el := range p.left {
		if is(el, space, name) {
			found = append(found, el)
		} else {
			left = append(left, el)
		}
	}
	p.left = left
	return found
}

// one takes the only child of a name; nil without one.
func (p *parts) one(space, name string) (*etree.Element, error) {
	switch found := p.all(space, name); len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	}
	return nil, invalid("%s has %s twice", p.of.Tag, name)
}

// done refuses what nobody asked for.
func (p *parts) done() error {
	if len(p.left) > 0 {
		return unsupported("%s has a part that is not understood", p.of.Tag)
	}
	return nil
}

// texts are those of elements, none empty.
func texts(elements []*etree.Element) ([]string, error) {
	var all []string
	for _, el := range elements {
		s, err := needed(el)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
