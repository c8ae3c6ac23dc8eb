package browser

import (
	"context"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// The page of the last step goes on by itself. To look at it, what makes it go on
// is taken out of the answer on its way to the browser.

// goingOn is what makes a page go on: the refresh, and the mark on a form that a
// script sends.
var goingOn = []string{`http-equiv="refresh"`, ` data-post-on`}

// stay does something that leads to such a page, and stays there.
func (b *tab) stay(page string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	before := b.place()
	b.do(command(fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{
		{URLPattern: b.issuer + "/*", RequestStage: fetch.RequestStageResponse},
	}}))
	b.do(steps...)
	for !b.letThrough() {
	}
	b.do(command(fetch.Disable, struct{}{}))
	b.await(page, before.visits)
}

// letThrough waits for an answer and lets it through; it tells whether that was
// the page that would go on.
func (b *tab) letThrough() bool {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	var e fetch.EventRequestPaused
	select {
	case e = <-b.watch.paused:
	case <-ctx.Done():
		b.t.Fatalf("the tab at %s did not come to a page that goes on", b.path())
	}
	if e.ResponseStatusCode != 200 {
		b.do(command(fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: e.RequestID}))
		return false
	}
	answer, err := chromedp.Call(ctx, fetch.GetResponseBody, fetch.GetResponseBodyParams{RequestID: e.RequestID})
	if err != nil {
		b.t.Fatalf("reading a page on its way: %v", err)
	}
	calm := string(answer.Body)
	for _, mark := range goingOn {
		calm = strings.Replace(calm, mark, "", 1)
	}
	length := func(h *fetch.HeaderEntry) bool { return strings.EqualFold(h.Name, "Content-Length") }
	b.do(command(fetch.FulfillRequest, fetch.FulfillRequestParams{
		RequestID: e.RequestID, ResponseCode: e.ResponseStatusCode, Body: []byte(calm),
		ResponseHeaders: slices.DeleteFunc(e.ResponseHeaders, length),
	}))
	return calm != string(answer.Body)
}
