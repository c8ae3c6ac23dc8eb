package xmlsig

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Namespaces. Source: Namespaces in XML 1.0 (W3C, 2009), section 3; XML Signature
// 1.1, section 1.2; ETSI EN 319 132-1, section 4.2.
const (
	spaceXML       = "http://www.w3.org/XML/1998/namespace"
	spaceXMLNS     = "http://www.w3.org/2000/xmlns/"
	spaceSignature = "http://www.w3.org/2000/09/xmldsig#"
	spaceXAdES     = "http://uri.etsi.org/01903/v1.3.2#"
)

// binding is a prefix with its namespace; the default one has no prefix.
type binding struct{ prefix, space string }

// scope are bindings, those of the innermost element last.
type scope []binding

// of finds the namespace of a prefix. Without a declaration the default is none.
func (s scope) of(prefix string) (space string, declared bool) {
	if prefix == "xml" {
		return spaceXML, true
	}
	for i := len(s) - 1; i >= 0; i-- {
		if s[i].prefix == prefix {
			return s[i].space, true
		}
	}
	return "", prefix == ""
}

// declaration tells whether an attribute declares a namespace, and for which prefix.
func declaration(a etree.Attr) (prefix string, is bool) {
	switch {
	case a.Space == "xmlns":
		return a.Key, true
	case a.Space == "" && a.Key == "xmlns":
		return "", true
	}
	return "", false
}

// with adds what an element declares.
func (s scope) with(el *etree.Element) scope {
	for _, a := range el.Attr {
		if prefix, is := declaration(a); is {
			s = append(s, binding{prefix, a.Value})
		}
	}
	return s
}

// strict walks a tree and refuses what encoding/xml lets through.
type strict struct {
	scope scope
	ids   map[string]bool
	left  int
	seen  []name // of one element, kept for the next
}

// name is that of an attribute, once its prefix is known.
type name struct{ space, key string }

func (s *strict) element(el *etree.Element) error {
	if s.left--; s.left < 0 {
		return fmt.Errorf("%w: too many elements", ErrMalformed)
	}
	if len(el.Attr) > maxAttributes {
		return fmt.Errorf("%w: an element with more than %d attributes", ErrMalformed, maxAttributes)
	}
	outer := len(s.scope)
	defer func() { s.scope = s.scope[:outer] }()
	if err := s.declarations(el); err != nil {
		return err
	}
	if err := s.names(el); err != nil {
		return err
	}
	for _, child := range el.Child {
		switch t := child.(type) {
		case *etree.Element:
			if err := s.element(t); err != nil {
				return err
			}
		case *etree.CharData, *etree.Comment:
		default:
			return fmt.Errorf("%w: a processing instruction or document type", ErrMalformed)
		}
	}
	return nil
}

// absolute is how the name of a namespace may look: others refuse to write a canonical
// form in which one is relative or no address, and some do not escape what stands there.
// Source: Canonical XML 1.0, section 1.3; RFC 3986, section 3, without what no namespace
// in use has.
var absolute = regexp.MustCompile(strings.ReplaceAll(`^[A-Za-z][A-Za-z0-9+.-]*:(//[A-Za-z0-9.-]+(:[0-9]{1,5})?(/(_|/)*)?|_(_|/)*)(\?(_|[/?])*)?(#(_|[/?])*)?$`,
	"_", `([A-Za-z0-9._~:@!$*+,;=()-]|%[0-9A-Fa-f]{2})`))

// declarations adds those of the element. Who binds reserved names, or a prefix to
// nothing, is understood by each parser in its own way.
// Source: Namespaces in XML 1.0, sections 2.2, 3 and 5.
func (s *strict) declarations(el *etree.Element) error {
	for _, a := range el.Attr {
		prefix, is := declaration(a)
		if !is {
			continue
		}
		if prefix == "xml" && a.Value == spaceXML {
			continue
		}
		if prefix == "xml" || prefix == "xmlns" || a.Value == spaceXML || a.Value == spaceXMLNS || prefix != "" && a.Value == "" {
			return fmt.Errorf("%w: a reserved name for a namespace", ErrMalformed)
		}
		if a.Value != "" && !absolute.MatchString(a.Value) {
			return fmt.Errorf("%w: a namespace that is no address, or a relative one", ErrMalformed)
		}
		s.scope = append(s.scope, binding{prefix, a.Value})
	}
	if len(s.scope) > maxNamespaces {
		return fmt.Errorf("%w: more than %d namespaces in scope", ErrMalformed, maxNamespaces)
	}
	return nil
}

// names wants each name to have one meaning, and each ID one element.
func (s *strict) names(el *etree.Element) error {
	if _, declared := s.scope.of(el.Space); !declared || el.Space == "xmlns" || strings.Contains(el.Tag, ":") {
		return fmt.Errorf("%w: an element of no namespace that was declared", ErrMalformed)
	}
	seen := s.seen[:0]
	for _, a := range el.Attr {
		n := name{"", a.Key}
		if prefix, is := declaration(a); is {
			n = name{spaceXMLNS, prefix}
		} else if a.Space != "" {
			space, declared := s.scope.of(a.Space)
			if !declared {
				return fmt.Errorf("%w: an attribute of no namespace that was declared", ErrMalformed)
			}
			n.space = space
		}
		if strings.Contains(a.Key, ":") || slices.Contains(seen, n) {
			return fmt.Errorf("%w: an attribute twice, or of no proper name", ErrMalformed)
		}
		seen = append(seen, n)
		s.seen = seen
		if isID(a) || n == (name{spaceXML, "id"}) {
			if a.Value == "" || s.ids[a.Value] {
				return fmt.Errorf("%w: an empty ID, or one for two elements", ErrMalformed)
			}
			s.ids[a.Value] = true
		}
	}
	return nil
}

// isID tells whether signatures can refer to an element by this attribute: ID is
// SAML's, Id that of signatures and lists.
func isID(a etree.Attr) bool {
	return a.Space == "" && (a.Key == "ID" || a.Key == "Id" || a.Key == "id")
}

// idOf is the element's ID; empty for none.
func idOf(el *etree.Element) string {
	for _, a := range el.Attr {
		if isID(a) {
			return a.Value
		}
	}
	return ""
}
