package page

import (
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"sync"
	"sync/atomic"

	"clave/web/lang"
)

// A template is executed by looking up every name in the data again, which costs
// more than all else that a request does. So the tree that html/template has
// escaped is worked out once more for the type of data that the page has: where
// each field lies, which escaper writes it, which text comes next. The result is
// a program, which copies texts and fills holes.
//
// html/template stays the one that decides how a place is escaped, and what the
// planner does not know it leaves to html/template altogether (ErrUnplanned).

// program writes a block of a page.
type program []op

// op writes one part of it behind out.
type op func(out []byte, s scope) []byte

// scope is what a template sees: the value at the dot, and the one that it was
// called with, which is its $.
type scope struct{ dot, root reflect.Value }

func (p program) write(out []byte, s scope) []byte {
	for _, do := range p {
		out = do(out, s)
	}
	return out
}

// ErrUnplanned says that a template has something that programs do not do, so that
// html/template executes it.
var ErrUnplanned = errors.New("not planned for")

// variant is a template in one language.
type variant struct {
	engine   *Engine
	template *Template
	language lang.Language

	mu       sync.Mutex
	programs atomic.Pointer[[]planned] // the newest last; replaced, never changed
	kept     *template.Template        // where html/template was needed after all
}

// planned is a block for one type of data; err says why it has no program.
type planned struct {
	block   string
	data    reflect.Type
	program program
	err     error
}

// write executes a block behind out.
func (v *variant) write(out []byte, block string, data any) ([]byte, error) {
	plan := v.plan(block, reflect.TypeOf(data))
	if plan.err == nil {
		if written, ok := plan.program.try(out, data); ok {
			return written, nil
		}
	}
	return v.reference(out, block, data)
}

// reference executes a block by html/template.
func (v *variant) reference(out []byte, block string, data any) ([]byte, error) {
	v.mu.Lock()
	set, err := v.set()
	v.kept = set
	v.mu.Unlock()
	if err != nil {
		return nil, err
	}
	w := appender(out)
	err = set.ExecuteTemplate(&w, block, data)
	return w, err
}

// set is html/template's form of the template. The caller holds the lock.
func (v *variant) set() (*template.Template, error) {
	if v.kept != nil {
		return v.kept, nil
	}
	return v.engine.parse(v.template, v.language)
}

// appender is a slice that is written to.
type appender []byte

// Write implements io.Writer.
func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

// try writes the block, unless the data is not as the template needs it, such as a
// nil pointer that is looked into: then html/template is to say what is wrong.
func (p program) try(out []byte, data any) (written []byte, ok bool) {
	defer func() {
		if recover() != nil {
			written, ok = nil, false
		}
	}()
	value := reflect.ValueOf(data)
	return p.write(out, scope{value, value}), true
}

func (v *variant) plan(block string, data reflect.Type) planned {
	if found, ok := v.planned(block, data); ok {
		return found
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if found, ok := v.planned(block, data); ok {
		return found
	}
	fresh := planned{block: block, data: data}
	var set *template.Template
	if set, fresh.err = v.set(); fresh.err == nil {
		fresh.program, fresh.err = (&planner{engine: v.engine, language: v.language, set: set}).block(block, data)
	}
	var all []planned
	if before := v.programs.Load(); before != nil {
		all = append(all, *before...)
	}
	all = append(all, fresh)
	v.programs.Store(&all)
	return fresh
}

func (v *variant) planned(block string, data reflect.Type) (planned, bool) {
	if all := v.programs.Load(); all != nil {
		for _, one := range *all {
			if one.data == data && one.block == block {
				return one, true
			}
		}
	}
	return planned{}, false
}

// Compare makes the engine render every page by html/template too, and report the
// pages that come out otherwise or have no program. It is for tests, which call it
// before the first page.
func (e *Engine) Compare(report func(error)) { e.report = report }

func (e *Engine) compare(v *variant, block string, data any, written []byte) {
	plan := v.plan(block, reflect.TypeOf(data))
	if plan.err != nil {
		e.report(fmt.Errorf("the block %q for %T: %w", block, data, plan.err))
		return
	}
	want, err := v.reference(nil, block, data)
	if err != nil || string(want) != string(written) {
		e.report(fmt.Errorf("the block %q for %T: got %s, by html/template %s, %w", block, data, written, want, err))
	}
}
