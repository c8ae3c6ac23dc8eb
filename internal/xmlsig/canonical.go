package xmlsig

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Canonical forms; those with comments are refused. Source: Canonical XML 1.0 (W3C,
// 2001) and 1.1 (2008), Exclusive XML Canonicalization 1.0 (2002).
const (
	Exclusive   = "http://www.w3.org/2001/10/xml-exc-c14n#"
	Inclusive   = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	Inclusive11 = "http://www.w3.org/2006/12/xml-c14n11"
)

// form is one of them.
type form struct {
	inclusive bool
	// inherits: attributes such as xml:lang count where they stand further out.
	inherits, inheritsAll bool
	// prefixes are treated as the inclusive form does. The default one is empty.
	prefixes []string
}

// formOf reads the name of a form, and the prefixes that the exclusive one may have.
func formOf(algorithm, prefixes string) (form, error) {
	var list []string
	for _, p := range strings.Fields(prefixes) {
		if p == "#default" {
			p = ""
		}
		list = append(list, p)
	}
	switch {
	case algorithm == Exclusive && len(list) <= maxNamespaces:
		return form{prefixes: list}, nil
	case algorithm == Inclusive && prefixes == "":
		return form{inclusive: true, inherits: true, inheritsAll: true}, nil
	case algorithm == Inclusive11 && prefixes == "":
		return form{inclusive: true, inherits: true}, nil
	}
	return form{}, fmt.Errorf("%w: an unknown canonical form", ErrForm)
}

// canonicaliser writes one element.
type canonicaliser struct {
	form
	out   []byte
	room  int
	skip  *etree.Element
	scope scope // where we are in the document
	shown scope // what was written
	// What one element needs, kept for the next.
	prefixes []string
	sorted   []sortable
}

// sortable is an attribute with what it is sorted by.
type sortable struct {
	space string
	etree.Attr
}

// usualBytes is what most messages need.
const usualBytes = 4 << 10

// canonical writes an element in a canonical form, without the one to skip, into at
// most room bytes, of which it will need about so many.
func canonical(el *etree.Element, f form, skip *etree.Element, room, about int) ([]byte, error) {
	c := canonicaliser{form: f, room: room, skip: skip, out: make([]byte, 0, about)}
	var inherited []etree.Attr
	var outer []*etree.Element
	for p := el.Parent(); p != nil; p = p.Parent() {
		outer = append(outer, p)
		if f.inherits {
			inherited = inherit(inherited, el, p, f.inheritsAll)
		}
	}
	for _, p := range slices.Backward(outer) {
		c.scope = c.scope.with(p)
	}
	if err := c.element(el, 0, inherited); err != nil {
		return nil, err
	}
	return c.out, nil
}

// inherit adds what the outer element says for the inner one. Version 1.1 leaves out
// xml:id; its joining of xml:base we do not do, and such a signature does not hold.
// Source: Canonical XML 1.1, section 2.4.
func inherit(have []etree.Attr, inner, outer *etree.Element, all bool) []etree.Attr {
	for _, a := range outer.Attr {
		same := func(b etree.Attr) bool { return b.Space == "xml" && b.Key == a.Key }
		if a.Space != "xml" || !all && a.Key != "lang" && a.Key != "space" {
			continue
		}
		if !slices.ContainsFunc(have, same) && !slices.ContainsFunc(inner.Attr, same) {
			have = append(have, etree.Attr{Space: a.Space, Key: a.Key, Value: a.Value})
		}
	}
	return have
}

// element writes an element, for which the bindings in scope are new from since on: all of
// them for the outermost, and its own for those inside.
func (c *canonicaliser) element(el *etree.Element, since int, inherited []etree.Attr) error {
	if len(c.out) > c.room {
		return fmt.Errorf("%w: its canonical form has more than %d bytes", ErrMalformed, c.room)
	}
	scope, shown := len(c.scope), len(c.shown)
	defer func() { c.scope, c.shown = c.scope[:scope], c.shown[:shown] }()
	c.scope = c.scope.with(el)
	c.out = appendName(append(c.out, '<'), el.Space, el.Tag)
	c.namespaces(el, since)
	c.attributes(el, inherited)
	c.out = append(c.out, '>')
	for _, child := range el.Child {
		switch t := child.(type) {
		case *etree.Element:
			if t == c.skip {
				continue
			}
			if err := c.element(t, len(c.scope), nil); err != nil {
				return err
			}
		case *etree.CharData:
			c.out = appendEscaped(c.out, t.Data, false)
		}
	}
	c.out = append(appendName(append(c.out, "</"...), el.Space, el.Tag), '>')
	return nil
}

// namespaces writes the declarations that are due: of those that the element uses, and
// of those that are written wherever they are in scope, if they are new here. Others
// were written further out; to look at each of them again at each element would let a
// small document ask for much work.
func (c *canonicaliser) namespaces(el *etree.Element, since int) {
	prefixes := c.prefixes[:0]
	for _, b := range c.scope[since:] {
		if c.inclusive || slices.Contains(c.form.prefixes, b.prefix) {
			prefixes = append(prefixes, b.prefix)
		}
	}
	if !c.inclusive {
		prefixes = append(prefixes, el.Space)
		for _, a := range el.Attr {
			if _, is := declaration(a); !is && a.Space != "" {
				prefixes = append(prefixes, a.Space)
			}
		}
	}
	c.prefixes = prefixes
	slices.Sort(prefixes)
	for _, prefix := range slices.Compact(prefixes) {
		space, declared := c.scope.of(prefix)
		before, was := c.shown.of(prefix)
		if prefix == "xml" || !declared || was && before == space {
			continue
		}
		c.shown = append(c.shown, binding{prefix, space})
		if prefix == "" {
			c.attribute("", "xmlns", space)
		} else {
			c.attribute("xmlns", prefix, space)
		}
	}
}

// attributes writes the rest in the order of their namespaces and names.
func (c *canonicaliser) attributes(el *etree.Element, inherited []etree.Attr) {
	all := c.sorted[:0]
	for _, from := range [...][]etree.Attr{el.Attr, inherited} {
		for _, a := range from {
			if _, is := declaration(a); is {
				continue
			}
			var space string
			if a.Space != "" {
				space, _ = c.scope.of(a.Space)
			}
			all = append(all, sortable{space, a})
		}
	}
	c.sorted = all
	slices.SortFunc(all, func(a, b sortable) int {
		if n := strings.Compare(a.space, b.space); n != 0 {
			return n
		}
		return strings.Compare(a.Key, b.Key)
	})
	for _, a := range all {
		c.attribute(a.Space, a.Key, a.Value)
	}
}

func (c *canonicaliser) attribute(prefix, name, value string) {
	c.out = append(appendName(append(c.out, ' '), prefix, name), `="`...)
	c.out = append(appendEscaped(c.out, value, true), '"')
}

func appendName(out []byte, prefix, name string) []byte {
	if prefix != "" {
		out = append(append(out, prefix...), ':')
	}
	return append(out, name...)
}

// appendEscaped writes text, or the value of an attribute.
// Source: Canonical XML 1.0, section 2.3.
func appendEscaped(out []byte, s string, value bool) []byte {
	last := 0
	for i := range len(s) {
		as := ""
		switch c := s[i]; {
		case c > '>':
			continue
		case c == '&':
			as = "&amp;"
		case c == '<':
			as = "&lt;"
		case c == '\r':
			as = "&#xD;"
		case c == '>' && !value:
			as = "&gt;"
		case c == '"' && value:
			as = "&quot;"
		case c == '\t' && value:
			as = "&#x9;"
		case c == '\n' && value:
			as = "&#xA;"
		default:
			continue
		}
		out = append(append(out, s[last:i]...), as...)
		last = i + 1
	}
	return append(out, s[last:]...)
}
