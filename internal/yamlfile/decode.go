package yamlfile

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	rawType      = reflect.TypeFor[json.RawMessage]()
)

func (d *Document) decodeInto(body ast.Node, into any) {
	value := reflect.ValueOf(into)
	if value.Kind() != reflect.Pointer || value.IsNil() {
		panic("yamlfile: into is not a pointer") // a mistake of ours
	}
	if token := body.GetToken(); token != nil && token.Position != nil {
		d.lines[""] = token.Position.Line
	}
	d.value("", body, value.Elem(), 0)
}

// value reads one node into v.
func (d *Document) value(path string, n ast.Node, v reflect.Value, depth int) {
	if depth > maxDepth {
		d.Problem(path, "is nested more than %d deep", maxDepth)
		return
	}
	if v.Type() == rawType {
		d.raw(path, n, v, depth)
		return
	}
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(path, n, text)
		return
	}
	if v.Type() == durationType {
		d.duration(path, n, v)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		d.value(path, n, fresh.Elem(), depth)
		v.Set(fresh)
	case reflect.Struct:
		d.object(path, n, v, depth)
	case reflect.Map:
		d.dictionary(path, n, v, depth)
	case reflect.Slice:
		d.list(path, n, v, depth)
	case reflect.String:
		if s, ok := d.scalar(path, n, "a text"); ok {
			v.SetString(s)
		}
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.Problem(path, "wants true or false")
			return
		}
		v.SetBool(b.Value)
	case reflect.Int, reflect.Int64:
		d.number(path, n, v)
	default:
		panic(fmt.Sprintf("yamlfile: field %s has type %s, which is not read", path, v.Type())) // a mistake of ours
	}
}

// scalar gives the value as it is written, without quotes: 060 and yes stay so.
func (d *Document) scalar(path string, n ast.Node, want string) (string, bool) {
	value, ok := written(n)
	if !ok {
		d.Problem(path, "wants %s%s", want, insteadOf(n))
		return "", false
	}
	d.scalars = append(d.scalars, scalar{path, value})
	return value, true
}

func written(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func insteadOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return ", not fields"
	case *ast.SequenceNode:
		return ", not a list"
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		return "; anchors and aliases (& *) are not read here: write the value out"
	case *ast.TagNode:
		return "; tags (!) are not read here: write the value alone"
	}
	return ""
}

func (d *Document) text(path string, n ast.Node, into encoding.TextUnmarshaler) {
	s, ok := d.scalar(path, n, "a text")
	if !ok {
		return
	}
	if err := into.UnmarshalText([]byte(s)); err != nil {
		d.Problem(path, "%s", err)
	}
}

func (d *Document) duration(path string, n ast.Node, v reflect.Value) {
	s, ok := d.scalar(path, n, "a duration such as 30s, 10m or 12h")
	if !ok {
		return
	}
	length, err := time.ParseDuration(s)
	if err != nil {
		d.Problem(path, "is not a duration; write a number with its unit, such as 30s, 10m or 12h")
		return
	}
	v.SetInt(int64(length))
}

func (d *Document) number(path string, n ast.Node, v reflect.Value) {
	s, ok := d.scalar(path, n, "a whole number")
	if !ok {
		return
	}
	whole, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v.OverflowInt(whole) {
		d.Problem(path, "is not a whole number")
		return
	}
	v.SetInt(whole)
}

func (d *Document) list(path string, n ast.Node, v reflect.Value, depth int) {
	sequence, ok := n.(*ast.SequenceNode)
	if !ok {
		d.Problem(path, `wants a list, each entry with "- " before it%s`, insteadOf(n))
		return
	}
	items := reflect.MakeSlice(v.Type(), len(sequence.Values), len(sequence.Values))
	for i, item := range sequence.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		if absent(item) {
			d.Problem(at, "is an empty entry; remove it")
			continue
		}
		d.lines[at] = lineOf(item)
		d.value(at, item, items.Index(i), depth+1)
	}
	v.Set(items)
}

func absent(n ast.Node) bool {
	_, null := n.(*ast.NullNode)
	return null || n == nil
}

func lineOf(n ast.Node) int {
	// The token of a mapping is its first colon, which may stand below.
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		n = m.Values[0].Key
	}
	if token := n.GetToken(); token != nil && token.Position != nil {
		return token.Position.Line
	}
	return 0
}
