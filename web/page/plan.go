package page

import (
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"text/template/parse"

	"clave/web/lang"
)

// planner works a template out for a type of data.
type planner struct {
	engine   *Engine
	language lang.Language
	set      *template.Template
	depth    int // of templates that call templates
}

// maxDepth stops a template that calls itself.
const maxDepth = 16

// types are those of a scope.
type types struct{ dot, root reflect.Type }

// block works out a block that gets data of the type.
func (p *planner) block(name string, data reflect.Type) (program, error) {
	t := p.set.Lookup(name)
	if t == nil || t.Tree == nil || p.depth == maxDepth {
		return nil, fmt.Errorf("%w: the template %q", ErrUnplanned, name)
	}
	p.depth++
	defer func() { p.depth-- }()
	return p.list(t.Tree.Root, types{data, data})
}

func (p *planner) list(list *parse.ListNode, in types) (program, error) {
	if list == nil {
		return nil, nil
	}
	var ops program
	for _, node := range list.Nodes {
		do, err := p.node(node, in)
		if err != nil {
			return nil, err
		}
		ops = append(ops, do)
	}
	return slices.Clip(ops), nil
}

func (p *planner) node(node parse.Node, in types) (op, error) {
	switch node := node.(type) {
	case *parse.TextNode:
		text := node.Text
		return func(out []byte, _ scope) []byte { return append(out, text...) }, nil
	case *parse.ActionNode:
		return p.hole(node.Pipe, in)
	case *parse.IfNode:
		return p.branch(&node.BranchNode, in)
	case *parse.WithNode:
		return p.with(&node.BranchNode, in)
	case *parse.RangeNode:
		return p.loop(&node.BranchNode, in)
	case *parse.TemplateNode:
		return p.call(node, in)
	}
	return nil, fmt.Errorf("%w: %s", ErrUnplanned, node)
}

// hole is a pipeline whose value is written.
func (p *planner) hole(pipe *parse.PipeNode, in types) (op, error) {
	if len(pipe.Decl) > 0 {
		return nil, fmt.Errorf("%w: the variable in %s", ErrUnplanned, pipe)
	}
	value, err := p.command(pipe.Cmds[0], in)
	if err != nil {
		return nil, err
	}
	text, err := value.text()
	if err != nil {
		return nil, err
	}
	escape, err := escaperFor(pipe.Cmds[1:], value.typ)
	if err != nil {
		return nil, err
	}
	return func(out []byte, s scope) []byte { return escape(out, text(s)) }, nil
}

func (p *planner) branch(node *parse.BranchNode, in types) (op, error) {
	holds, err := p.condition(node.Pipe, in)
	if err != nil {
		return nil, err
	}
	then, otherwise, err := p.ways(node, in, in)
	if err != nil {
		return nil, err
	}
	return func(out []byte, s scope) []byte {
		if holds(s) {
			return then.write(out, s)
		}
		return otherwise.write(out, s)
	}, nil
}

func (p *planner) with(node *parse.BranchNode, in types) (op, error) {
	value, err := p.pipe(node.Pipe, in)
	if err != nil {
		return nil, err
	}
	holds, err := truth(value.typ)
	if err != nil {
		return nil, err
	}
	then, otherwise, err := p.ways(node, types{value.typ, in.root}, in)
	if err != nil {
		return nil, err
	}
	return func(out []byte, s scope) []byte {
		if dot := value.get(s); holds(dot) {
			return then.write(out, scope{dot, s.root})
		}
		return otherwise.write(out, s)
	}, nil
}

func (p *planner) loop(node *parse.BranchNode, in types) (op, error) {
	value, err := p.pipe(node.Pipe, in)
	if err != nil {
		return nil, err
	}
	if value.typ.Kind() != reflect.Slice {
		return nil, fmt.Errorf("%w: a range over %s", ErrUnplanned, value.typ)
	}
	each, none, err := p.ways(node, types{value.typ.Elem(), in.root}, in)
	if err != nil {
		return nil, err
	}
	return func(out []byte, s scope) []byte {
		all := value.get(s)
		if all.Len() == 0 {
			return none.write(out, s)
		}
		for i := range all.Len() {
			out = each.write(out, scope{all.Index(i), s.root})
		}
		return out
	}, nil
}

// ways are the two lists of a branch.
func (p *planner) ways(node *parse.BranchNode, then, otherwise types) (program, program, error) {
	first, err := p.list(node.List, then)
	if err != nil {
		return nil, nil, err
	}
	second, err := p.list(node.ElseList, otherwise)
	return first, second, err
}

// call is a template that another one draws.
func (p *planner) call(node *parse.TemplateNode, in types) (op, error) {
	if node.Pipe == nil {
		drawn, err := p.block(node.Name, nil)
		return func(out []byte, _ scope) []byte { return drawn.write(out, scope{}) }, err
	}
	value, err := p.pipe(node.Pipe, in)
	if err != nil {
		return nil, err
	}
	drawn, err := p.block(node.Name, value.typ)
	return func(out []byte, s scope) []byte {
		data := value.get(s)
		return drawn.write(out, scope{data, data})
	}, err
}
