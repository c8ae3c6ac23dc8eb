package xmlsig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// Errors that callers decide on; the text around them says what was wrong, and never
// repeats what stood in the document.
var (
	// ErrMalformed: the bytes are no XML as we take it.
	ErrMalformed = errors.New("unacceptable XML")
	// ErrUnsigned: the element has no signature.
	ErrUnsigned = errors.New("not signed")
	// ErrForm: there is a signature, of a form that we do not take.
	ErrForm = errors.New("unacceptable form of signature")
	// ErrUntrusted: nobody signed it whom the caller trusts, or it was changed.
	ErrUntrusted = errors.New("signature does not hold")
)

// Limits bound what is read. All must be positive.
type Limits struct {
	Bytes, Depth, Elements int
}

// Bounds of each element, whatever the caller allows. Source: our choice, above what
// lists, SAML messages and metadata have; without them a small document could ask for
// much work, because each name is looked up among the namespaces in scope.
const (
	maxAttributes  = 64
	maxNamespaces  = 128
	attributesEach = 6 // of all elements that may be, if each had so many
)

// Document is XML that was read strictly, and of which nothing is proven.
type Document struct {
	root   *etree.Element
	limits Limits
	bytes  int // in its canonical form
}

// Root is the root, unproven: good for finding out whose keys to try, and for nothing
// else.
func (d *Document) Root() *etree.Element { return d.root }

// Parse reads a document. It refuses, with ErrMalformed, what is beyond the limits, no
// UTF-8, no well-formed XML with namespaces, has a document type, processing
// instructions or one ID twice, or reads differently when it is written and read again.
func Parse(data []byte, l Limits) (*Document, error) {
	d, err := parse(data, l)
	if err != nil {
		return nil, err
	}
	// Parsers that misread a name or a quote tell so when they read their own words.
	once, err := canonical(d.root, form{inclusive: true}, nil, d.room(), len(data)+len(data)/4)
	if err != nil {
		return nil, err
	}
	again, err := parse(once, d.grown())
	if err != nil {
		return nil, fmt.Errorf("%w: it does not read the same twice", ErrMalformed)
	}
	twice, err := canonical(again.root, form{inclusive: true}, nil, d.room(), len(once)+1)
	if err != nil || !bytes.Equal(once, twice) {
		return nil, fmt.Errorf("%w: it does not read the same twice", ErrMalformed)
	}
	d.bytes = len(once)
	return d, nil
}

// room is how many bytes the canonical form may have. Namespaces are written again
// wherever they are used, so that it can be longer, and far longer for who means harm.
func (d *Document) room() int { return 2*d.limits.Bytes + 1<<12 }

// grown is what the canonical form may have.
func (d *Document) grown() Limits {
	return Limits{Bytes: d.room(), Depth: d.limits.Depth, Elements: d.limits.Elements}
}

func parse(data []byte, l Limits) (*Document, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch {
	case len(data) > l.Bytes:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrMalformed, l.Bytes)
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return nil, fmt.Errorf("%w: no UTF-8", ErrMalformed)
	// Each element has one of these at least, so that a tree is never built that
	// would be too large.
	case bytes.Count(data, []byte("<")) > 3*l.Elements:
		return nil, fmt.Errorf("%w: more than %d elements", ErrMalformed, l.Elements)
	// And each attribute one of these.
	case bytes.Count(data, []byte("=")) > attributesEach*l.Elements:
		return nil, fmt.Errorf("%w: more attributes than %d elements have", ErrMalformed, l.Elements)
	}
	if !properNumbers(data) {
		return nil, fmt.Errorf("%w: half a character by its number", ErrMalformed)
	}
	tree := etree.NewDocument()
	tree.ReadSettings = etree.ReadSettings{MaxDepth: l.Depth, PreserveDuplicateAttrs: true, CharsetReader: onlyUTF8}
	data, ok := plainSpaces(data)
	if !ok {
		return nil, fmt.Errorf("%w: attributes without space between them", ErrMalformed)
	}
	if err := tree.ReadFromBytes(data); err != nil {
		return nil, fmt.Errorf("%w: not well-formed, or deeper than %d", ErrMalformed, l.Depth)
	}
	root, err := rootOf(tree)
	if err != nil {
		return nil, err
	}
	s := strict{ids: map[string]bool{}, left: l.Elements}
	if err := s.element(root); err != nil {
		return nil, err
	}
	// Last, since what is said above helps more.
	if !bareAround(data) {
		return nil, fmt.Errorf("%w: more than space and comments beside the root", ErrMalformed)
	}
	return &Document{root: root, limits: l}, nil
}

func onlyUTF8(string, io.Reader) (io.Reader, error) { return nil, errors.New("no UTF-8") }

// declared is what an XML declaration says; encoding/xml looks for some of it and lets
// everything else pass. Source: Extensible Markup Language (XML) 1.0, section 2.8.
var declared = regexp.MustCompile(`^version\s*=\s*("1\.0"|'1\.0')(\s+encoding\s*=\s*("(?i:utf-8)"|'(?i:utf-8)'))?(\s+standalone\s*=\s*("(yes|no)"|'(yes|no)'))?\s*$`)

// rootOf wants one element, with nothing around it but an XML declaration, comments
// and space, and takes it out.
func rootOf(tree *etree.Document) (*etree.Element, error) {
	var root *etree.Element
	for i, child := range tree.Child {
		switch t := child.(type) {
		case *etree.Element:
			if root != nil {
				return nil, fmt.Errorf("%w: two roots", ErrMalformed)
			}
			root = t
		case *etree.Comment:
		case *etree.CharData:
			if strings.Trim(t.Data, " \t\r\n") != "" {
				return nil, fmt.Errorf("%w: text beside the root", ErrMalformed)
			}
		case *etree.ProcInst:
			if t.Target != "xml" || i != 0 || !declared.MatchString(t.Inst) {
				return nil, fmt.Errorf("%w: a processing instruction", ErrMalformed)
			}
		default:
			return nil, fmt.Errorf("%w: a document type", ErrMalformed)
		}
	}
	if root == nil {
		return nil, fmt.Errorf("%w: no root", ErrMalformed)
	}
	tree.RemoveChild(root)
	return root, nil
}

// plainSpaces makes a space of each tab and line end that stands as such in the value
// of an attribute, as a parser must and encoding/xml does not, and wants some between
// attributes. It changes nothing else, and on what is no XML it may do so in vain.
// Source: Extensible Markup Language (XML) 1.0, sections 2.11, 3.1 and 3.3.3.
func plainSpaces(data []byte) (plain []byte, ok bool) {
	var changed []byte
	for i := 0; i < len(data); {
		rest := data[i:]
		switch {
		case rest[0] != '<':
			i++
		case bytes.HasPrefix(rest, []byte("<!--")):
			i += past(rest, "-->")
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			i += past(rest, "]]>")
		case bytes.HasPrefix(rest, []byte("<?")):
			i += past(rest, "?>")
		default:
			quote := byte(0)
			for ; i < len(data) && (quote != 0 || data[i] != '>'); i++ {
				switch c := data[i]; {
				case quote == 0 && (c == '"' || c == '\''):
					quote = c
				case c == quote:
					quote = 0
					if i+1 < len(data) && bytes.IndexByte([]byte(" \t\r\n/>"), data[i+1]) < 0 {
						return nil, false
					}
				case quote != 0 && (c == '\t' || c == '\n' || c == '\r'):
					if changed == nil {
						changed = bytes.Clone(data)
					}
					changed[i] = ' '
					if c == '\r' && i+1 < len(data) && data[i+1] == '\n' {
						i++
						changed[i] = 0 // one line end is one space; nobody else has this byte
					}
				}
			}
		}
	}
	if changed == nil {
		return data, true
	}
	return bytes.ReplaceAll(changed, []byte{0}, nil), true
}

// bareAround tells whether before and behind the root there are spaces that stand as
// such, comments, and what begins with <? and is looked at later. A space by its number
// or in a section of characters is none there, and encoding/xml does not tell.
// Source: Extensible Markup Language (XML) 1.0, sections 2.1 and 2.8.
func bareAround(data []byte) bool {
	for {
		data = bytes.Trim(data, " \t\r\n")
		switch {
		case bytes.HasPrefix(data, []byte("<!--")):
			data = data[past(data, "-->"):]
		case bytes.HasPrefix(data, []byte("<?")):
			data = data[past(data, "?>"):]
		case bytes.HasSuffix(data, []byte("-->")):
			data = data[:max(0, bytes.LastIndex(data, []byte("<!--")))]
		default:
			return len(data) > 1 && data[0] == '<' && data[1] != '!' && data[len(data)-1] == '>' && !bytes.HasSuffix(data, []byte("]]>"))
		}
	}
}

// properNumbers tells whether no reference to a character is to half of one of UTF-16,
// which is none, and which encoding/xml reads as U+FFFD. Where it would be no reference,
// such as in a comment, it is refused as well: nobody writes that.
// Source: Extensible Markup Language (XML) 1.0, sections 2.2 and 4.1.
func properNumbers(data []byte) bool {
	for {
		_, rest, found := bytes.Cut(data, []byte("&#"))
		if !found {
			return true
		}
		digits, base := rest, rune(10)
		if hex, is := bytes.CutPrefix(rest, []byte("x")); is {
			digits, base = hex, 16
		}
		number := rune(0)
		for len(digits) > 0 {
			at := bytes.IndexByte([]byte("0123456789abcdef"), digits[0]|0x20)
			if at < 0 || rune(at) >= base || digits[0] < '0' {
				break
			}
			number = min(number*base+rune(at), unicode.MaxRune)
			digits = digits[1:]
		}
		if utf16.IsSurrogate(number) {
			return false
		}
		data = rest
	}
}

// past is how far the end reaches, or everything.
func past(data []byte, end string) int {
	if at := bytes.Index(data, []byte(end)); at >= 0 {
		return at + len(end)
	}
	return len(data)
}
