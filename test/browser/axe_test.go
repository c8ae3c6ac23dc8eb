package browser

import (
	"context"
	"errors"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// finding is a rule of axe that is not met.
type finding struct {
	Rule  string   `json:"rule"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// axe runs the accessibility engine.
func (b *tab) axe() []finding {
	b.t.Helper()
	if !ask[bool](b, "typeof axe === 'object'") {
		b.loadAxe()
	}
	return ask[[]finding](b, "("+axeScript+")()")
}

// loadAxe puts the engine into the page. It is half a megabyte: the browser gets and
// compiles it once for all pages that the tab shows in one process, and again when a
// step to another site has brought it into another.
func (b *tab) loadAxe() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if b.engine != "" && runScript(ctx, b.engine) == nil {
		return
	}
	compiled, err := chromedp.Call(ctx, runtime.CompileScript, runtime.CompileScriptParams{Expression: lab.axe, SourceURL: "axe.js", PersistScript: true})
	if err == nil && compiled.ExceptionDetails != nil {
		err = errors.New(compiled.ExceptionDetails.Text)
	}
	if err == nil {
		b.engine = compiled.ScriptID
		err = runScript(ctx, b.engine)
	}
	if err != nil {
		b.t.Fatalf("loading axe: %v", err)
	}
}

func runScript(ctx context.Context, id cdp.ScriptID) error {
	answer, err := chromedp.Call(ctx, runtime.RunScript, runtime.RunScriptParams{ScriptID: id})
	if err == nil && answer.ExceptionDetails != nil {
		return errors.New(answer.ExceptionDetails.Text)
	}
	return err
}
