package page

import (
	"fmt"
	"reflect"
	"strconv"
	"text/template/parse"
)

// value is an expression of a known type.
type value struct {
	typ reflect.Type
	get func(scope) reflect.Value
	// str gives it without a reflect.Value in between; nil when it is no string.
	str func(scope) string
}

// stringValue is an expression that makes a string.
func stringValue(str func(scope) string) value {
	return value{typ: reflect.TypeFor[string](), str: str, get: func(s scope) reflect.Value { return reflect.ValueOf(str(s)) }}
}

// gotten is an expression that is found in the data. A page without data has none,
// and what an interface holds is not known beforehand.
func gotten(typ reflect.Type, get func(scope) reflect.Value) (value, error) {
	if typ == nil || typ.Kind() == reflect.Interface {
		return value{}, fmt.Errorf("%w: values of type %v", ErrUnplanned, typ)
	}
	v := value{typ: typ, get: get}
	if typ.Kind() == reflect.String {
		v.str = func(s scope) string { return get(s).String() }
	}
	return v, nil
}

// text is how fmt.Sprint writes the value, and html/template with it.
func (v value) text() (func(scope) string, error) {
	printsItself := v.typ.Implements(reflect.TypeFor[fmt.Stringer]()) || v.typ.Implements(reflect.TypeFor[error]()) ||
		v.typ.Implements(reflect.TypeFor[fmt.Formatter]())
	switch kind := v.typ.Kind(); {
	case kind == reflect.Pointer || kind == reflect.Interface:
	case printsItself:
		return func(s scope) string { return fmt.Sprint(v.get(s).Interface()) }, nil
	case kind == reflect.String:
		return v.str, nil
	case kind == reflect.Int:
		return func(s scope) string { return strconv.FormatInt(v.get(s).Int(), 10) }, nil
	}
	return nil, fmt.Errorf("%w: a text from %s", ErrUnplanned, v.typ)
}

// truth is what `if` thinks of values of a type.
func truth(of reflect.Type) (func(reflect.Value) bool, error) {
	switch of.Kind() {
	case reflect.Bool:
		return reflect.Value.Bool, nil
	case reflect.String, reflect.Slice, reflect.Map:
		return func(v reflect.Value) bool { return v.Len() > 0 }, nil
	case reflect.Pointer:
		return func(v reflect.Value) bool { return !v.IsNil() }, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(v reflect.Value) bool { return v.Int() != 0 }, nil
	case reflect.Struct:
		return func(reflect.Value) bool { return true }, nil
	}
	return nil, fmt.Errorf("%w: the truth of %s", ErrUnplanned, of)
}

// pipe is a pipeline of one command that sets no variable.
func (p *planner) pipe(pipe *parse.PipeNode, in types) (value, error) {
	if len(pipe.Decl) > 0 || len(pipe.Cmds) != 1 {
		return value{}, fmt.Errorf("%w: the pipeline %s", ErrUnplanned, pipe)
	}
	return p.command(pipe.Cmds[0], in)
}

// command is a word with its arguments.
func (p *planner) command(command *parse.CommandNode, in types) (value, error) {
	switch first := command.Args[0].(type) {
	case *parse.IdentifierNode:
		return p.function(first.Ident, command.Args[1:], in)
	case *parse.FieldNode:
		at, err := gotten(in.dot, func(s scope) reflect.Value { return s.dot })
		if err != nil {
			return value{}, err
		}
		return p.chain(at, first.Ident, command.Args[1:], in)
	case *parse.VariableNode:
		if first.Ident[0] != "$" {
			return value{}, fmt.Errorf("%w: the variable %s", ErrUnplanned, first)
		}
		at, err := gotten(in.root, func(s scope) reflect.Value { return s.root })
		if err != nil {
			return value{}, err
		}
		return p.chain(at, first.Ident[1:], command.Args[1:], in)
	}
	if len(command.Args) != 1 {
		return value{}, fmt.Errorf("%w: %s", ErrUnplanned, command)
	}
	switch only := command.Args[0].(type) {
	case *parse.DotNode:
		return gotten(in.dot, func(s scope) reflect.Value { return s.dot })
	case *parse.StringNode:
		text := only.Text
		return stringValue(func(scope) string { return text }), nil
	case *parse.PipeNode:
		return p.pipe(only, in)
	}
	return value{}, fmt.Errorf("%w: %s", ErrUnplanned, command)
}

// argument is an argument of a function or a method.
func (p *planner) argument(node parse.Node, in types) (value, error) {
	return p.command(&parse.CommandNode{NodeType: parse.NodeCommand, Args: []parse.Node{node}}, in)
}

// chain goes down from a value by names; the arguments belong to the last one.
func (p *planner) chain(at value, names []string, arguments []parse.Node, in types) (value, error) {
	for i, name := range names {
		var given []parse.Node
		if i == len(names)-1 {
			given, arguments = arguments, nil
		}
		var err error
		if at, err = p.member(at, name, given, in); err != nil {
			return value{}, err
		}
	}
	if len(arguments) > 0 {
		return value{}, fmt.Errorf("%w: arguments for %s", ErrUnplanned, at.typ)
	}
	return at, nil
}

// member is a method or a field. As in text/template a method comes first.
func (p *planner) member(of value, name string, arguments []parse.Node, in types) (value, error) {
	if method, ok := of.typ.MethodByName(name); ok {
		return p.method(of, method, arguments, in)
	}
	if _, byPointer := reflect.PointerTo(of.typ).MethodByName(name); byPointer || len(arguments) > 0 {
		return value{}, fmt.Errorf("%w: the method %s of %s", ErrUnplanned, name, of.typ)
	}
	structure, get := of.typ, of.get
	if structure.Kind() == reflect.Pointer {
		structure = structure.Elem()
		get = func(s scope) reflect.Value { return of.get(s).Elem() }
	}
	if structure.Kind() != reflect.Struct {
		return value{}, fmt.Errorf("%w: %s of %s", ErrUnplanned, name, of.typ)
	}
	field, ok := structure.FieldByName(name)
	if !ok || !field.IsExported() {
		return value{}, fmt.Errorf("%w: %s has no field %s", ErrUnplanned, of.typ, name)
	}
	if len(field.Index) == 1 {
		i := field.Index[0]
		return gotten(field.Type, func(s scope) reflect.Value { return get(s).Field(i) })
	}
	return gotten(field.Type, func(s scope) reflect.Value { return get(s).FieldByIndex(field.Index) })
}
