package conf

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// sources are this package's own files: the comments of the fields are read from
// them, so that the manual cannot fall behind.
//
//go:embed *.go
var sources embed.FS

// width is where the lines of the example are broken.
const width = 80

// Example writes the settings file that an operator begins with: every field
// with its manual. What has to be filled in stands there with an example, what
// has a default with that, and the rest as a comment without a space.
func Example() (string, error) {
	manual, err := readManual()
	if err != nil {
		return "", fmt.Errorf("reading the manual: %w", err)
	}
	w := &exampleWriter{manual: manual}
	w.line(0, "# Settings of `clave serve`. Check them with `clave check --config FILE`, which")
	w.line(0, "# tells all mistakes at once.")
	w.line(0, "# Fields without # have to be filled in, or show what holds when they are left out;")
	w.line(0, "# those after a # without space are off.")
	w.section(0, reflect.ValueOf(Default()))
	return w.out.String(), nil
}

// readManual gives the comments of types ("Server") and fields ("Server.Listen").
func readManual() (map[string]string, error) {
	manual := map[string]string{}
	entries, err := sources.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := sources.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), text, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				readTypes(manual, g)
			}
		}
	}
	return manual, nil
}

func readTypes(manual map[string]string, g *ast.GenDecl) {
	for _, spec := range g.Specs {
		named := spec.(*ast.TypeSpec) // a type declaration holds nothing else
		manual[named.Name.Name] = g.Doc.Text()
		structure, ok := named.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range structure.Fields.List {
			for _, name := range field.Names {
				manual[named.Name.Name+"."+name.Name] = field.Doc.Text()
			}
		}
	}
}

type exampleWriter struct {
	manual map[string]string
	out    strings.Builder
}

func (w *exampleWriter) line(indent int, text string) {
	w.out.WriteString(strings.TrimRight(strings.Repeat("  ", indent)+text, " ") + "\n")
}

// section writes the fields of a struct.
func (w *exampleWriter) section(indent int, v reflect.Value) {
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		name := field.Tag.Get("yaml")
		w.line(0, "")
		if field.Type.Kind() == reflect.Struct && !isText(field.Type) {
			w.comment(indent, field.Type.Name(), name, w.manual[field.Type.Name()])
			w.line(indent, name+":")
			w.section(indent+1, value)
			continue
		}
		w.comment(indent, field.Name, name, w.manual[v.Type().Name()+"."+field.Name])
		if rows, ok := table(value); ok {
			w.line(indent, name+":")
			for _, row := range rows {
				w.line(indent+1, "- "+row)
			}
			continue
		}
		w.line(indent, w.setting(field, value, name))
	}
}

// table writes a list of structs, one a line; false for what is none, or empty.
func table(v reflect.Value) (rows []string, ok bool) {
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Struct || isText(v.Type().Elem()) || v.Len() == 0 {
		return nil, false
	}
	for i := range v.Len() {
		var parts []string
		for f := range v.Index(i).NumField() {
			if value := v.Index(i).Field(f); !value.IsZero() {
				parts = append(parts, v.Type().Elem().Field(f).Tag.Get("yaml")+": "+fmt.Sprint(value.Interface()))
			}
		}
		rows = append(rows, "{"+strings.Join(parts, ", ")+"}")
	}
	return rows, true
}

func (w *exampleWriter) setting(field reflect.StructField, value reflect.Value, name string) string {
	example, required := field.Tag.Get("example"), field.Tag.Get("required") != ""
	switch {
	case value.Type() == reflect.TypeFor[time.Duration]():
		return name + ": " + plain(time.Duration(value.Int()))
	case value.Type() == reflect.TypeFor[[]string]() && value.Len() > 0:
		return name + ": [" + strings.Join(value.Interface().([]string), ", ") + "]"
	case !value.IsZero() || example == "":
		return name + ": " + quoted(fmt.Sprint(value.Interface()))
	case required:
		return name + ": " + quoted(example)
	}
	return "#" + name + ": " + quoted(example)
}

// plain writes a duration as people do: 12h, not 12h0m0s.
func plain(d time.Duration) string {
	s := d.String()
	if short, found := strings.CutSuffix(s, "m0s"); found {
		s = short + "m"
	}
	if short, found := strings.CutSuffix(s, "h0m"); found {
		s = short + "h"
	}
	return s
}

func isText(t reflect.Type) bool {
	_, ok := reflect.New(t).Interface().(interface{ UnmarshalText([]byte) error })
	return ok
}

// plainValue is what YAML takes for a text, or for what it is meant to be.
var plainValue = regexp.MustCompile(`^(\[.*\]|\{.*\}|[A-Za-z/1-9:][^@#]*|0)$`)

// quoted puts quotes around what YAML would take for something else.
func quoted(s string) string {
	if plainValue.MatchString(s) && (s[0] == '{' || s[0] == '[' || !strings.Contains(s, ": ")) {
		return s
	}
	return `"` + s + `"`
}

// comment writes a manual's text, under the name that the file uses.
func (w *exampleWriter) comment(indent int, goName, name, text string) {
	text = strings.TrimSpace(text)
	if rest, found := strings.CutPrefix(text, goName+" "); found {
		text = name + " " + rest
	}
	row := "#"
	for _, word := range strings.Fields(text) {
		if len(row)+1+len(word) > width-2*indent && row != "#" {
			w.line(indent, row)
			row = "#"
		}
		row += " " + word
	}
	w.line(indent, row)
}
