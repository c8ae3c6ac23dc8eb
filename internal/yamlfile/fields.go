package yamlfile

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// entries calls each for the fields of a mapping: once for each name, since a
// second one is a problem.
func (d *Document) entries(path string, n ast.Node, want string, each func(name, at string, value ast.Node)) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		d.Problem(path, "wants %s%s", want, insteadOf(n))
		return
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key, ok := pair.Key.(ast.Node)
		name, isText := written(key)
		if !ok || !isText {
			d.problems = append(d.problems, Problem{d.file, lineOf(pair.Key), strings.TrimPrefix(path, "."),
				"has a field whose name is not a plain word" + insteadOf(pair.Key)})
			continue
		}
		at := path + "." + name
		if path == "" {
			at = name
		}
		d.scalars = append(d.scalars, scalar{at, name})
		if seen[name] {
			d.problems = append(d.problems, Problem{d.file, lineOf(pair.Key), at, "is there twice; remove one"})
			continue
		}
		seen[name] = true
		if absent(pair.Value) {
			continue
		}
		d.lines[at] = lineOf(pair.Key)
		each(name, at, pair.Value)
	}
}

// object reads a mapping into a struct.
func (d *Document) object(path string, n ast.Node, v reflect.Value, depth int) {
	fields := fieldsOf(v.Type())
	d.entries(path, n, "fields, each with its name and a colon", func(name, at string, value ast.Node) {
		index, known := fields.index[name]
		if !known {
			d.unknown(path, name, at, fields.names)
			return
		}
		d.value(at, value, v.FieldByIndex(index), depth+1)
	})
}

// unknown reports a field that does not exist. A name that does not look like
// one is not repeated: it may be a secret in the wrong place.
func (d *Document) unknown(path, name, at string, names []string) {
	line := d.lines[at]
	delete(d.lines, at)
	p := Problem{File: d.file, Line: line, Path: strings.TrimPrefix(path, ".")}
	switch near := Nearest(name, names); {
	case !plain(name):
		p.Text = "has an unknown field"
	case near != "":
		p.Text = fmt.Sprintf("unknown field %q; did you mean %q?", name, near)
	default:
		p.Text = fmt.Sprintf("unknown field %q; known are %s", name, strings.Join(names, ", "))
	}
	d.problems = append(d.problems, p)
}

func plain(name string) bool {
	if len(name) > 40 {
		return false
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// dictionary reads a mapping into a map with text keys.
func (d *Document) dictionary(path string, n ast.Node, v reflect.Value, depth int) {
	entries := reflect.MakeMap(v.Type())
	d.entries(path, n, "fields, each with its name and a colon", func(name, at string, value ast.Node) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(at, value, item, depth+1)
		entries.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), item)
	})
	v.Set(entries)
}

// raw reads any value as JSON, with the names in order. A text is taken for JSON
// itself.
func (d *Document) raw(path string, n ast.Node, v reflect.Value, depth int) {
	var value any
	if s, ok := n.(*ast.StringNode); ok {
		d.scalars = append(d.scalars, scalar{path, s.Value})
		if err := json.Unmarshal([]byte(s.Value), &value); err != nil {
			d.Problem(path, "is not JSON")
			return
		}
	} else if value, ok = d.any(path, n, depth); !ok {
		return
	}
	data, err := json.Marshal(value)
	if err != nil {
		d.Problem(path, "cannot be written as JSON")
		return
	}
	v.SetBytes(data)
}

func (d *Document) any(path string, n ast.Node, depth int) (any, bool) {
	if depth > maxDepth {
		d.Problem(path, "is nested more than %d deep", maxDepth)
		return nil, false
	}
	switch n := n.(type) {
	case *ast.NullNode:
		return nil, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.MappingNode, *ast.MappingValueNode:
		fields, ok := map[string]any{}, true
		d.entries(path, n, "fields", func(name, at string, value ast.Node) {
			field, fine := d.any(at, value, depth+1)
			fields[name], ok = field, ok && fine
		})
		return fields, ok
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, item := range n.Values {
			at := fmt.Sprintf("%s[%d]", path, i)
			d.lines[at] = lineOf(item)
			value, ok := d.any(at, item, depth+1)
			if !ok {
				return nil, false
			}
			list[i] = value
		}
		return list, true
	}
	return d.scalar(path, n, "a plain value")
}

type fieldSet struct {
	names []string
	index map[string][]int
}

// fieldsOf lists what a struct can take: its own fields first, then those of
// structs that it embeds, whose names yield to its own.
func fieldsOf(t reflect.Type) fieldSet {
	set := fieldSet{index: map[string][]int{}}
	var embedded []reflect.StructField
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous {
			embedded = append(embedded, field)
			continue
		}
		tag, ok := field.Tag.Lookup("yaml")
		if !ok {
			tag = field.Tag.Get("json")
		}
		if name, _, _ := strings.Cut(tag, ","); name != "" && name != "-" {
			set.names = append(set.names, name)
			set.index[name] = field.Index
		}
	}
	for _, field := range embedded {
		inner := fieldsOf(field.Type)
		for _, name := range inner.names {
			if _, taken := set.index[name]; !taken {
				set.names = append(set.names, name)
				set.index[name] = append([]int{field.Index[0]}, inner.index[name]...)
			}
		}
	}
	return set
}
