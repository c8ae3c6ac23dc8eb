package page

import (
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"
	"time"
)

// method is a call of a method that takes strings and gives one result.
func (p *planner) method(of value, method reflect.Method, arguments []parse.Node, in types) (value, error) {
	shape := method.Type // the receiver is its first argument
	if shape.IsVariadic() || shape.NumOut() != 1 || shape.NumIn() != 1+len(arguments) {
		return value{}, fmt.Errorf("%w: the method %s of %s", ErrUnplanned, method.Name, of.typ)
	}
	given := make([]func(scope) string, len(arguments))
	for i, node := range arguments {
		argument, err := p.argument(node, in)
		if err != nil {
			return value{}, err
		}
		if shape.In(1+i) != reflect.TypeFor[string]() || argument.typ != shape.In(1+i) {
			return value{}, fmt.Errorf("%w: the arguments of %s", ErrUnplanned, method.Name)
		}
		given[i] = argument.str
	}
	if call := ours(of, method, given); call != nil {
		return gotten(shape.Out(0), call)
	}
	return gotten(shape.Out(0), func(s scope) reflect.Value {
		with := make([]reflect.Value, 0, 4)
		with = append(with, of.get(s))
		for _, argument := range given {
			with = append(with, reflect.ValueOf(argument(s)))
		}
		return method.Func.Call(with)[0]
	})
}

// ours calls the methods of this package that nearly every page has: reflect takes
// longer to call one than it takes to run. It is nil for all others.
func ours(of value, method reflect.Method, given []func(scope) string) func(scope) reflect.Value {
	switch {
	case method.Name == "Field" && of.typ.Implements(reflect.TypeFor[fielder]()):
		return func(s scope) reflect.Value {
			field := of.get(s).Interface().(fielder).Field(given[0](s))
			return reflect.ValueOf(&field).Elem()
		}
	case method.Name == "Attributes" && of.typ == reflect.TypeFor[Field]():
		return func(s scope) reflect.Value { return reflect.ValueOf(fieldAt(of.get(s)).Attributes()) }
	case method.Name == "DescribedBy" && of.typ == reflect.TypeFor[Field]():
		return func(s scope) reflect.Value { return reflect.ValueOf(fieldAt(of.get(s)).DescribedBy()) }
	}
	return nil
}

// fieldAt is a Field in the data, which is not copied where it need not be.
func fieldAt(v reflect.Value) *Field {
	if v.CanAddr() {
		return v.Addr().Interface().(*Field)
	}
	field := v.Interface().(Field)
	return &field
}

type fielder interface{ Field(name string) Field }

// function is a call of a function; those that answer yes or no are conditions.
func (p *planner) function(name string, arguments []parse.Node, in types) (value, error) {
	given := make([]value, len(arguments))
	for i, node := range arguments {
		var err error
		if given[i], err = p.argument(node, in); err != nil {
			return value{}, err
		}
	}
	texts, language := p.engine.texts, p.language
	switch {
	case name == "lang" && len(given) == 0:
		return stringValue(func(scope) string { return string(language) }), nil
	case name == "print":
		return printed(given)
	case name == "t" && len(given) > 0 && given[0].typ == reflect.TypeFor[string]():
		key := given[0].str
		pairs, err := textsOf(given[1:])
		return stringValue(func(s scope) string { return texts.Text(language, key(s), pairs(s)...) }), err
	case name == "n" && len(given) > 1 && given[0].typ == reflect.TypeFor[string]() && given[1].typ == reflect.TypeFor[int]():
		key, number := given[0].str, given[1].get
		pairs, err := textsOf(given[2:])
		return stringValue(func(s scope) string {
			return texts.Count(language, key(s), int(number(s).Int()), pairs(s)...)
		}), err
	case name == "holes" && len(given) == 2 && given[0].typ == reflect.TypeFor[string]() && given[1].typ == reflect.TypeFor[[]string]():
		key, pairs := given[0].str, given[1].get
		return stringValue(func(s scope) string {
			if pairs := pairs(s); pairs.Len() > 0 {
				return texts.Text(language, key(s), pairs.Interface().([]string)...)
			}
			return texts.Text(language, key(s))
		}), nil
	case name == "clock" && len(given) == 1 && given[0].typ == reflect.TypeFor[time.Time]():
		at := given[0].get
		return stringValue(func(s scope) string { return p.engine.Clock(at(s).Interface().(time.Time)) }), nil
	case name == "day" && len(given) == 1 && given[0].typ == reflect.TypeFor[time.Time]():
		at := given[0].get
		return stringValue(func(s scope) string { return p.engine.Day(language, at(s).Interface().(time.Time)) }), nil
	}
	return value{}, fmt.Errorf("%w: the function %s", ErrUnplanned, name)
}

// textsOf are the values as texts, as the function words makes them.
func textsOf(values []value) (func(scope) []string, error) {
	if len(values) == 0 {
		return func(scope) []string { return nil }, nil
	}
	texts := make([]func(scope) string, len(values))
	for i, v := range values {
		var err error
		if texts[i], err = v.text(); err != nil {
			return nil, err
		}
	}
	return func(s scope) []string {
		made := make([]string, len(texts))
		for i, text := range texts {
			made[i] = text(s)
		}
		return made
	}, nil
}

// printed is the function print. It writes a space between two values that are no
// strings, which is left to html/template.
func printed(values []value) (value, error) {
	for i, v := range values {
		if i > 0 && v.typ.Kind() != reflect.String && values[i-1].typ.Kind() != reflect.String {
			return value{}, fmt.Errorf("%w: print of %s", ErrUnplanned, v.typ)
		}
	}
	texts, err := textsOf(values)
	return stringValue(func(s scope) string {
		made := texts(s)
		if len(made) == 1 {
			return made[0]
		}
		return strings.Join(made, "")
	}), err
}

// condition is a pipeline that `if` looks at.
func (p *planner) condition(pipe *parse.PipeNode, in types) (func(scope) bool, error) {
	if len(pipe.Decl) == 0 && len(pipe.Cmds) == 1 {
		if name, ok := pipe.Cmds[0].Args[0].(*parse.IdentifierNode); ok {
			switch arguments := pipe.Cmds[0].Args[1:]; {
			case name.Ident == "and", name.Ident == "or", name.Ident == "not" && len(arguments) == 1:
				return p.joined(name.Ident, arguments, in)
			case name.Ident == "eq" && len(arguments) == 2:
				return p.equal(arguments, in)
			}
		}
	}
	asked, err := p.pipe(pipe, in)
	if err != nil {
		return nil, err
	}
	holds, err := truth(asked.typ)
	return func(s scope) bool { return holds(asked.get(s)) }, err
}

// joined is and, or, not.
func (p *planner) joined(how string, arguments []parse.Node, in types) (func(scope) bool, error) {
	parts := make([]func(scope) bool, len(arguments))
	for i, node := range arguments {
		pipe, ok := node.(*parse.PipeNode)
		if !ok {
			pipe = &parse.PipeNode{NodeType: parse.NodePipe, Cmds: []*parse.CommandNode{{NodeType: parse.NodeCommand, Args: []parse.Node{node}}}}
		}
		var err error
		if parts[i], err = p.condition(pipe, in); err != nil {
			return nil, err
		}
	}
	if how == "not" {
		return func(s scope) bool { return !parts[0](s) }, nil
	}
	enough := how == "or" // the first part that answers this decides
	return func(s scope) bool {
		for _, holds := range parts {
			if holds(s) == enough {
				return enough
			}
		}
		return !enough
	}, nil
}

// equal compares two texts.
func (p *planner) equal(arguments []parse.Node, in types) (func(scope) bool, error) {
	a, err := p.argument(arguments[0], in)
	if err != nil {
		return nil, err
	}
	b, err := p.argument(arguments[1], in)
	if err != nil {
		return nil, err
	}
	if a.typ.Kind() != reflect.String || b.typ.Kind() != reflect.String {
		return nil, fmt.Errorf("%w: %s and %s compared", ErrUnplanned, a.typ, b.typ)
	}
	return func(s scope) bool { return a.str(s) == b.str(s) }, nil
}
