package yamlfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

const (
	// maxBytes is the largest file that is read. Our choice: the registrations of
	// every administration of the country fit.
	maxBytes = 8 << 20
	// maxDepth bounds how deep values may be nested; our files need seven.
	maxDepth = 32
)

// Document is a file that was read, with what is known about its lines.
type Document struct {
	file     string
	lines    map[string]int
	scalars  []scalar
	problems []Problem
}

type scalar struct{ path, value string }

// Read reads data into the struct, map or slice that into points to. Whatever is
// wrong is kept for [Join]; what could be read is in into all the same, so that
// a reader can go on checking and report everything at once.
func Read(file string, data []byte, into any) *Document {
	d := &Document{file: file, lines: map[string]int{}}
	body, ok := d.parse(data)
	if ok && body != nil {
		d.decodeInto(body, into)
	}
	return d
}

// Problem adds a problem at the field with the path, or at the nearest field
// around it that is in the file.
func (d *Document) Problem(path, format string, args ...any) {
	d.problems = append(d.problems, Problem{d.file, d.Line(path), strings.TrimPrefix(path, "."), fmt.Sprintf(format, args...)})
}

// Line is where the field stands, or the nearest field around it; 0 when there
// is none.
func (d *Document) Line(path string) int {
	for {
		if line, ok := d.lines[path]; ok {
			return line
		}
		end := strings.LastIndexAny(path, ".[")
		if end < 0 {
			return d.lines[""]
		}
		path = path[:end]
	}
}

// File is the name of the file.
func (d *Document) File() string { return d.file }

// Given tells whether the file has the field, with a value.
func (d *Document) Given(path string) bool {
	_, ok := d.lines[path]
	return ok
}

// Faulty tells whether a problem was reported at exactly this field.
func (d *Document) Faulty(path string) bool {
	return slices.ContainsFunc(d.problems, func(p Problem) bool { return p.Path == path })
}

// Scalars calls each for every single value in the file, keys included, as it is
// written there.
func (d *Document) Scalars(each func(path, value string)) {
	for _, s := range d.scalars {
		each(s.path, s.value)
	}
}

// Err gives what is wrong with this document alone; see Join.
func (d *Document) Err() error { return Join(d) }

// parse gives the one document of the file; nil when it is empty.
func (d *Document) parse(data []byte) (body ast.Node, ok bool) {
	if len(data) > maxBytes {
		d.Problem("", "is larger than %d MB", maxBytes>>20)
		return nil, false
	}
	if line := tooDeep(data); line > 0 {
		d.problems = append(d.problems, Problem{d.file, line, "", fmt.Sprintf("is nested more than %d deep", maxDepth)})
		return nil, false
	}
	// The parser is a third party's: a panic of it is an unreadable file.
	defer func() {
		if recover() != nil {
			body, ok = nil, false
			d.Problem("", "cannot be read as YAML")
		}
	}()
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return nil, false
	}
	if len(file.Docs) > 1 {
		d.Problem("", `holds several documents; remove the lines "---" between them`)
		return nil, false
	}
	if len(file.Docs) == 0 {
		return nil, true
	}
	return file.Docs[0].Body, true
}

// syntax reports what the parser refused, without the excerpt of the file that
// its error text has.
func (d *Document) syntax(err error) {
	p := Problem{File: d.file, Text: "cannot be read as YAML"}
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		p.Text = "cannot be read as YAML: " + syntax.GetMessage()
		if token := syntax.GetToken(); token != nil && token.Position != nil {
			p.Line = token.Position.Line
		}
	}
	d.problems = append(d.problems, p)
}

// tooDeep finds the line where brackets or "- - -" open more than maxDepth
// levels: the parser recurses, and a stack that overflows cannot be recovered.
func tooDeep(data []byte) int {
	line, depth, indents := 1, 0, 0
	for i, c := range data {
		switch c {
		case '\n':
			line++
			indents = 0
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		case '-', '?', ':':
			if i+1 == len(data) || data[i+1] == ' ' || data[i+1] == '\t' || data[i+1] == '\n' {
				indents++
			}
		}
		if depth > maxDepth || indents > 2*maxDepth {
			return line
		}
	}
	return 0
}
