package browser

import (
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/fetch"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// watch follows what a tab does: where it is, what it loads, what it complains of.
type watch struct {
	mu       sync.Mutex
	changed  chan struct{} // closed at each change
	allowed  map[string]bool
	visits   int    // documents that the tab has come to
	address  string // of the last one
	loaded   bool
	loader   string
	status   map[string]int64 // of documents, by loader
	weight   map[string]int64 // bytes by loader, cold
	loaderOf map[string]string
	requests []string
	paused   chan fetch.EventRequestPaused // see stay
	troubles []string
}

func newWatch(origins ...string) *watch {
	w := &watch{
		changed: make(chan struct{}), paused: make(chan fetch.EventRequestPaused, 16), allowed: map[string]bool{},
		status: map[string]int64{}, weight: map[string]int64{}, loaderOf: map[string]string{},
	}
	for _, origin := range origins {
		w.allowed[origin] = true
	}
	return w
}

// see takes the tab's events in their order.
func (w *watch) see(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *page.EventFrameNavigated:
		if e.Frame.ParentID != "" {
			w.trouble("a frame inside the page: %s", e.Frame.URL)
			return
		}
		w.visits++
		w.address, w.loader = e.Frame.URL, string(e.Frame.LoaderID)
		w.loaded = e.Type == page.NavigationTypeBackForwardCacheRestore
	case *page.EventLoadEventFired:
		w.loaded = true
	case *network.EventRequestWillBeSent:
		w.asked(e)
	case *network.EventResponseReceived:
		switch {
		case e.Type == network.ResourceTypeDocument:
			w.status[string(e.LoaderID)] = e.Response.Status
		case e.Response.Status >= 400:
			w.trouble("%s answered %d", e.Response.URL, e.Response.Status)
		}
	case *network.EventLoadingFinished:
		w.weight[w.loaderOf[string(e.RequestID)]] += int64(e.EncodedDataLength)
	case *network.EventLoadingFailed:
		if e.BlockedReason != "" {
			w.trouble("a request was blocked: %s", e.BlockedReason)
		}
	case *fetch.EventRequestPaused:
		w.paused <- *e
	case *runtime.EventExceptionThrown:
		w.trouble("exception: %s", e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		w.trouble("the page wrote to the console (%s)", e.Type)
	case *cdplog.EventEntryAdded:
		if e.Entry.Source == cdplog.EntrySourceNetwork && strings.Contains(e.Entry.Text, "the server responded with a status of") {
			break // seen above, as an answer
		}
		w.trouble("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
	default:
		return
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *watch) asked(e *network.EventRequestWillBeSent) {
	w.loaderOf[string(e.RequestID)] = string(e.LoaderID)
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		w.trouble("a request to an address that is none")
		return
	}
	if u.Scheme == "data" || u.Scheme == "about" {
		return
	}
	w.requests = append(w.requests, e.Request.Method+" "+u.Path)
	_, domain, _ := strings.Cut(u.Host, ".")
	if !w.allowed[u.Scheme+"://"+u.Host] && !w.allowed[u.Scheme+"://*."+domain] {
		w.trouble("a request to a third party: %s", u.Host)
	}
}

func (w *watch) trouble(format string, args ...any) {
	w.troubles = append(w.troubles, fmt.Sprintf(format, args...))
}

// place is where the tab is.
type place struct {
	visits  int
	address string
	loaded  bool
	status  int64
	weight  int64
}

// now is where the tab is, and a channel that is closed when that changes.
func (w *watch) now() (place, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return place{w.visits, w.address, w.loaded, w.status[w.loader], w.weight[w.loader]}, w.changed
}

// count is how often a request was made, such as "POST /language".
func (w *watch) count(matches func(request string) bool) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, r := range w.requests {
		if matches(r) {
			n++
		}
	}
	return n
}

// takeTroubles gives what the tab complained of, once.
func (w *watch) takeTroubles() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := w.troubles
	w.troubles = nil
	return found
}
