package page

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"text/template/parse"
)

// appendEscaped writes text into running text, a quoted attribute or a title, as
// html/template does: seven characters have another meaning there.
func appendEscaped(out []byte, text string) []byte {
	done := 0
	for i := range len(text) {
		var with string
		switch text[i] {
		case '&':
			with = "&amp;"
		case '<':
			with = "&lt;"
		case '>':
			with = "&gt;"
		case '"':
			with = "&#34;"
		case '\'':
			with = "&#39;"
		case '+':
			with = "&#43;"
		case 0:
			with = "\uFFFD"
		default:
			continue
		}
		out = append(append(out, text[done:i]...), with...)
		done = i + 1
	}
	return append(out, text[done:]...)
}

// escaper writes a text so that it means itself in the place where it stands.
type escaper func(out []byte, text string) []byte

func verbatim(out []byte, text string) []byte { return append(out, text...) }

// escaperFor finds what the chain of escapers that html/template chose for a place
// does to texts of a type. It knows the places that our pages have; an error leaves
// the template to html/template itself.
func escaperFor(chain []*parse.CommandNode, of reflect.Type) (escaper, error) {
	names := make([]string, len(chain))
	for i, command := range chain {
		name, ok := command.Args[0].(*parse.IdentifierNode)
		if !ok || len(command.Args) != 1 {
			return nil, fmt.Errorf("%w: %s as an escaper", ErrUnplanned, command)
		}
		names[i] = strings.TrimPrefix(name.Ident, "_html_template_")
	}
	switch of {
	case reflect.TypeFor[template.HTML](), reflect.TypeFor[template.CSS](), reflect.TypeFor[template.JS](),
		reflect.TypeFor[template.JSStr](), reflect.TypeFor[template.Srcset]():
		return nil, fmt.Errorf("%w: texts of type %s", ErrUnplanned, of)
	}
	switch place := strings.Join(names, " "); place {
	case "htmlescaper", "attrescaper", "rcdataescaper":
		return appendEscaped, nil
	case "htmlnamefilter":
		if of == reflect.TypeFor[template.HTMLAttr]() {
			return verbatim, nil
		}
	case "urlfilter urlnormalizer attrescaper":
		if of == reflect.TypeFor[template.URL]() {
			return appendTrustedAddress, nil
		}
		return appendAddress, nil
	case "urlnormalizer attrescaper":
		if of != reflect.TypeFor[template.URL]() {
			return appendAddressEnd, nil
		}
	case "urlescaper attrescaper":
		if of != reflect.TypeFor[template.URL]() {
			return appendAddressPart, nil
		}
	}
	return nil, fmt.Errorf("%w: the escapers %v for %s", ErrUnplanned, names, of)
}

// appendAddress writes an address into a quoted attribute. Paths of ours and most
// addresses of services hold nothing that any escaper changes; all else is
// html/template's.
func appendAddress(out []byte, address string) []byte {
	if !isPlainPath(address) && !isPlainAddress(address) {
		return appendByTemplate(out, "", address)
	}
	return append(out, address...)
}

// appendAddressEnd writes the end of an address whose scheme stands before it.
func appendAddressEnd(out []byte, end string) []byte {
	if !isPlainPath(end) {
		return appendByTemplate(out, "tel:", end)
	}
	return append(out, end...)
}

// appendAddressPart writes a part of a query or the fragment of an address.
func appendAddressPart(out []byte, part string) []byte {
	if !isPlainPath(part) || strings.Contains(part, "/") {
		return appendByTemplate(out, "#", part)
	}
	return append(out, part...)
}

// appendTrustedAddress is appendAddress for an address of any scheme.
func appendTrustedAddress(out []byte, address string) []byte {
	for i := range len(address) {
		switch c := address[i]; {
		case isUnreserved(c), strings.IndexByte("/:?=&#@,;", c) >= 0:
		case c == '%' && i+2 < len(address) && isHex(address[i+1]) && isHex(address[i+2]):
		default:
			return appendByTemplate(out, "", template.URL(address))
		}
	}
	return appendEscaped(out, address)
}

// isPlainPath tells whether text has only characters that no escaper of addresses
// changes, and none that could make a scheme of it.
func isPlainPath(text string) bool {
	for i := range len(text) {
		if c := text[i]; !isUnreserved(c) && c != '/' {
			return false
		}
	}
	return true
}

// isPlainAddress is isPlainPath for an address of the web, perhaps with a port and a
// query.
func isPlainAddress(text string) bool {
	rest, plain := strings.CutPrefix(text, "https://")
	if !plain {
		rest, plain = strings.CutPrefix(text, "http://")
	}
	for i := range len(rest) {
		if c := rest[i]; !isUnreserved(c) && strings.IndexByte("/:?=", c) < 0 {
			return false
		}
	}
	return plain
}

func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// appendByTemplate lets html/template write what follows begin in an address, which
// is rare enough to parse a template for it.
func appendByTemplate(out []byte, begin string, rest any) []byte {
	before, after := `<a href="`+begin, `">`
	var b bytes.Buffer
	if err := template.Must(template.New("").Parse(before+"{{.}}"+after)).Execute(&b, rest); err != nil {
		panic(fmt.Sprintf("page: writing an address: %v", err)) // a text into a buffer
	}
	return append(out, b.Bytes()[len(before):b.Len()-len(after)]...)
}
