package browser

import (
	"context"
	_ "embed"
	"strconv"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// The scripts are function expressions, evaluated by the debugger and not by the
// page: the content policy and switched-off scripts do not concern them.
var (
	//go:embed testdata/axe.js
	axeScript string
	//go:embed testdata/layout.js
	layoutScript string
	//go:embed testdata/focus.js
	focusScript string
	//go:embed testdata/reachable.js
	reachableScript string
	//go:embed testdata/target.js
	targetScript string
	//go:embed testdata/camera.js
	cameraScript string
)

// quote writes a text as a JavaScript string: Go's ASCII quoting is one.
func quote(text string) string { return strconv.QuoteToASCII(text) }

// command makes a step of a browser command whose result nobody needs.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// Navigating by the bare command: chromedp's own waits for a load event that a
// page with a refresh may never fire.
type (
	navigateParams = page.NavigateParams
	reloadParams   = page.ReloadParams
)

var (
	pageNavigate = page.Navigate
	pageReload   = page.Reload
)
