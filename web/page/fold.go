package page

import (
	"html"
	"regexp"
	"text/template/parse"

	"clave/web/lang"
)

// fold puts constant texts into an escaped template: {{t "key"}} followed by one
// of the three escapers that html/template chose for running text, quoted
// attributes and titles becomes plain text of the template. Any other place (a
// script, an address) keeps its pipeline and is escaped when it is rendered. So
// the decision what to escape how stays html/template's own.
func (e *Engine) fold(list *parse.ListNode, l lang.Language) {
	if list == nil {
		return
	}
	for i, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			if constant, ok := e.constant(node.Pipe, l); ok {
				list.Nodes[i] = &parse.TextNode{NodeType: parse.NodeText, Pos: node.Pos, Text: []byte(constant)}
			}
		case *parse.IfNode:
			e.fold(node.List, l)
			e.fold(node.ElseList, l)
		case *parse.WithNode:
			e.fold(node.List, l)
			e.fold(node.ElseList, l)
		case *parse.RangeNode:
			e.fold(node.List, l)
			e.fold(node.ElseList, l)
		}
	}
	list.Nodes = merged(list.Nodes)
}

// constant is the text that a pipeline always gives.
func (e *Engine) constant(pipe *parse.PipeNode, l lang.Language) (string, bool) {
	if len(pipe.Decl) > 0 || len(pipe.Cmds) < 2 {
		return "", false
	}
	name, key, ok := constantCall(pipe.Cmds[0])
	if !ok || len(pipe.Cmds[0].Args) != 2 {
		return "", false
	}
	switch name {
	case "t":
		if len(pipe.Cmds) == 2 && escapesAsHTML(pipe.Cmds[1]) {
			return html.EscapeString(e.texts.Text(l, key)), true
		}
	case "asset":
		address, _ := e.files.URL(key)
		return address, plainAddress.MatchString(address)
	}
	return "", false
}

// plainAddress is an address in which no context has anything to escape.
var plainAddress = regexp.MustCompile(`^/[a-z0-9_./-]+$`)

// escapesAsHTML knows the names under which html/template inserts its escapers
// for running text, quoted attributes and title or textarea.
func escapesAsHTML(command *parse.CommandNode) bool {
	if len(command.Args) != 1 {
		return false
	}
	name, ok := command.Args[0].(*parse.IdentifierNode)
	if !ok {
		return false
	}
	switch name.Ident {
	case "_html_template_htmlescaper", "_html_template_attrescaper", "_html_template_rcdataescaper":
		return true
	}
	return false
}

// merged joins neighbouring pieces of text.
func merged(nodes []parse.Node) []parse.Node {
	kept := nodes[:0]
	for _, node := range nodes {
		if text, ok := node.(*parse.TextNode); ok && len(kept) > 0 {
			if before, ok := kept[len(kept)-1].(*parse.TextNode); ok {
				before.Text = append(before.Text[:len(before.Text):len(before.Text)], text.Text...)
				continue
			}
		}
		kept = append(kept, node)
	}
	return kept
}

// constantCall is a call of a function with a constant text as first argument.
func constantCall(command *parse.CommandNode) (name, key string, ok bool) {
	if len(command.Args) < 2 {
		return "", "", false
	}
	function, isName := command.Args[0].(*parse.IdentifierNode)
	first, isText := command.Args[1].(*parse.StringNode)
	if !isName || !isText {
		return "", "", false
	}
	return function.Ident, first.Text, true
}

// walk visits every command of a template.
func walk(node parse.Node, visit func(*parse.CommandNode)) {
	switch node := node.(type) {
	case *parse.ListNode:
		if node != nil {
			for _, child := range node.Nodes {
				walk(child, visit)
			}
		}
	case *parse.ActionNode:
		walk(node.Pipe, visit)
	case *parse.TemplateNode:
		walk(node.Pipe, visit)
	case *parse.IfNode:
		walkBranch(&node.BranchNode, visit)
	case *parse.WithNode:
		walkBranch(&node.BranchNode, visit)
	case *parse.RangeNode:
		walkBranch(&node.BranchNode, visit)
	case *parse.PipeNode:
		if node != nil {
			for _, command := range node.Cmds {
				walk(command, visit)
			}
		}
	case *parse.CommandNode:
		visit(node)
		for _, argument := range node.Args {
			walk(argument, visit)
		}
	}
}

func walkBranch(node *parse.BranchNode, visit func(*parse.CommandNode)) {
	walk(node.Pipe, visit)
	walk(node.List, visit)
	walk(node.ElseList, visit)
}
